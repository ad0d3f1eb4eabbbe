import Crypto
import HeatModel
import PostgresStore
import SQLiteStore
package import Store
package import StoreSQL

/// Takes a store over into another database, row by row as they lie in their tables: what was packed, chained and numbered stays so.
///
/// Rows go in the order of their keys, some thousands a transaction, so that a copy that was cut off goes on behind the last row that is
/// there. What has changed in the source since is found when both are compared at the end.
package struct StoreCopy {
    /// What a table holds, the same in both stores.
    package struct Table: Sendable, Codable, Hashable {
        package var name: String
        package var rows: Int64
        /// SHA-256 of its rows in the order of their keys, in hexadecimal.
        package var digest: String
    }

    private let source: any TableStore
    private let target: any TableStore
    private let tables: [SQLTable]

    private static let rowsAtOnce = 4000

    /// Opens both. The target is made once nothing can be said against the source.
    ///
    /// - Throws: `store.missing` where there is no source, `store.unfinishedCopy`; as ``init(from:to:)``.
    package init(from source: StorePlace, to target: StorePlace) throws {
        if !source.isServer, !target.isServer { throw Self.noServer }
        let opened = try source.open(mustExist: true)
        try Self.requireFinished(opened)
        try self.init(from: opened, to: target.open())
    }

    /// - Throws: `store.failed` where neither is a PostgreSQL store, or where they do not have the same tables.
    package init(from source: any TableStore, to target: any TableStore) throws {
        self.source = source
        self.target = target
        guard let server = source as? PostgresStore ?? target as? PostgresStore else { throw Self.noServer }
        // Settings come last: the mark that the copy is none yet is one of them.
        let all = try server.tables()
        tables = all.filter { $0.name != "setting" } + all.filter { $0.name == "setting" }
        let columns = Dictionary(
            uniqueKeysWithValues: all.map { table in
                (table.name, Set(table.columns.map(\.name)).subtracting(["rowid"]))
            })
        for store in [source, target] {
            let others = try store.readTables { try $0.tableColumns() }
            if let unlike = Set(columns.keys).union(others.keys).sorted().first(where: { columns[$0] != others[$0] }) {
                throw HearthError(
                    .storeFailed, "the two stores do not have the same table \(unlike)", at: .address("store"),
                    advice: "open both with this version, which brings their tables up to date, then copy again")
            }
        }
    }

    private static let noServer = HearthError(
        .storeFailed, "a copy goes from a file to a server or back", at: .address("store"),
        advice: "copy a store's file as a file while nothing uses it; nothing was written")

    /// - Throws: `store.unfinishedCopy`.
    package static func requireFinished(_ store: any Store) throws {
        guard try store.readOfAny({ try $0.setting(.unfinishedCopy) }) != nil else { return }
        throw HearthError(
            .storeUnfinishedCopy, "the store is a copy that was not brought to its end", at: .address("store"),
            advice: "give the same hearth store copy again: it goes on where it stopped")
    }

    /// Copies what is not there yet, and compares both.
    ///
    /// - Parameter progress: is told of each table, and of how many of its rows were copied now.
    /// - Throws: `store.notEmpty` where the target is a store already, `store.copyDiffers` where the two are not the same in the end, and
    ///   `run.cancelled`.
    package func run(
        isCancelled: () -> Bool = { false }, progress: (_ table: String, _ rows: Int64) -> Void = { _, _ in }
    ) throws -> [Table] {
        try begin()
        try source.readTables { source in
            for table in tables { try copy(table, from: source, isCancelled, progress) }
            let numbers = try source.givenNumbers()
            try target.writeTables { try $0.setGivenNumbers(numbers) }
            return ()
        }
        let (before, after) = (try Self.contents(source, tables), try Self.contents(target, tables))
        let unlike = zip(before, after).filter { $0 != $1 }.map(\.0.name)
        if !unlike.isEmpty {
            throw HearthError(
                .storeCopyDiffers, "the copy is not what its source is: \(unlike.joined(separator: ", "))",
                at: .address("store"),
                advice:
                    "let nothing write to the source, empty the target, and copy again; nothing was written to the source"
            )
        }
        try target.writeTables { target in
            try target.statement("DELETE FROM setting WHERE name = ?1").bind(1, SettingName.unfinishedCopy.text).run()
        }
        return after
    }

    private func begin() throws {
        try target.writeTables { target in
            if try target.setting(.unfinishedCopy) != nil { return }
            for table in tables where try target.lastKey(of: table) != nil {
                throw HearthError(
                    .storeNotEmpty, "the target is a store already", at: .address("store"),
                    advice: "name an empty database, or a file that is not there; nothing was written")
            }
            try target.setSetting(.unfinishedCopy, "yes")
        }
    }

    private func copy(
        _ table: SQLTable, from source: any TableSession, _ isCancelled: () -> Bool,
        _ progress: (String, Int64) -> Void
    ) throws {
        // Of the settings the mark alone is there; they are few, and go at once.
        let isSettings = table.name == "setting"
        var key = isSettings ? nil : try target.readTables { try $0.lastKey(of: table) }
        var count: Int64 = 0
        let places = table.key.compactMap { name in table.columns.firstIndex { $0.name == name } }
        while true {
            if isCancelled() {
                throw HearthError(
                    .runCancelled, "the copy was stopped", at: .address("store"),
                    advice: "give the same command again: it goes on where this one stopped")
            }
            let rows = try source.rows(of: table, after: key, limit: isSettings ? .max : Self.rowsAtOnce)
            guard let last = rows.last else { break }
            try target.writeTables { target in
                if isSettings {
                    try target.statement("DELETE FROM setting WHERE name <> ?1").bind(
                        1, SettingName.unfinishedCopy.text
                    ).run()
                }
                try target.insert(rows, into: table)
            }
            key = places.map { last[$0] }
            count += Int64(rows.count)
            progress(table.name, count)
        }
        progress(table.name, count)
    }

    /// What the tables of a store hold, without the mark of a copy.
    static func contents(_ store: any TableStore, _ tables: [SQLTable]) throws -> [Table] {
        try store.readTables { session in
            try tables.map { table in
                var hash = SHA256()
                var (key, count): ([SQLValue]?, Int64) = (nil, 0)
                let places = table.key.compactMap { name in table.columns.firstIndex { $0.name == name } }
                while true {
                    let rows = try session.rows(of: table, after: key, limit: rowsAtOnce)
                    guard let last = rows.last else { break }
                    for row in rows {
                        if table.name == "setting", row.contains(.text(Array(SettingName.unfinishedCopy.text.utf8))) {
                            continue
                        }
                        count += 1
                        for value in row { update(&hash, with: value) }
                    }
                    key = places.map { last[$0] }
                }
                let digest = hash.finalize().map { byte in
                    let text = String(byte, radix: 16)
                    return text.count < 2 ? "0" + text : text
                }.joined()
                return Table(name: table.name, rows: count, digest: digest)
            }
        }
    }

    /// Kind, length and bytes, so that no two rows are the same text.
    private static func update(_ hash: inout SHA256, with value: SQLValue) {
        var head: [UInt8]
        var bytes: [UInt8] = []
        switch value {
        case .null: head = [0]
        case .integer(let number):
            head = [1]
            withUnsafeBytes(of: number.bigEndian) { bytes = Array($0) }
        case .text(let text): (head, bytes) = ([2], text)
        case .bytes(let blob): (head, bytes) = ([3], blob)
        }
        withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { head.append(contentsOf: $0) }
        hash.update(data: head)
        hash.update(data: bytes)
    }
}
