import Foundation
import HearthTesting
import PostgresStore
import SQLiteStore
import StoreCopy
import StoreSQL
import Synchronization
import Testing

/// Where the stores of a test's `hearth` are: files, or databases of their own on the shared server, each standing for the file of a name.
final class StorePlaces: Sendable {
    let kind: StoreKind
    private let folder: String
    private let databases = Mutex<[String: PostgresDatabase]>([:])
    private let copies = Mutex(0)

    /// - Parameter folder: where files are put that show what a database holds.
    init(_ kind: StoreKind, folder: String) {
        self.kind = kind
        self.folder = folder
    }

    private func database(_ path: String) throws -> PostgresDatabase {
        if let known = databases.withLock({ $0[path] }) { return known }
        let made = try PostgresServer.shared().createDatabase()
        return databases.withLock { databases in
            if let known = databases[path] { return known }
            databases[path] = made
            return made
        }
    }

    /// What HEARTH_STORE is for the store of a name.
    func setting(_ path: String) throws -> String { kind == .file ? path : try database(path).dsn }

    /// Variables for a program: a path of a store among them becomes what stands for it.
    func environment(_ variables: [String: String]) throws -> [String: String] {
        guard let path = variables["HEARTH_STORE"], path.hasPrefix("/") else { return variables }
        return variables.merging(["HEARTH_STORE": try setting(path)]) { $1 }
    }

    /// Has a configuration name a database under `store:` where the shipped one names a file.
    func configure(_ path: String) throws {
        if kind == .file { return }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacing(/(?m)^  sqlite: \$\{env:HEARTH_STORE.*$/, with: "  postgres: ${env:HEARTH_STORE}")
        try #require(changed != text, "no store in \(path)")
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Opens the store of a name in this process.
    func open(_ path: String) throws -> any TableStore {
        kind == .file ? try SQLiteStore(path: path) : try PostgresStore(conninfo: database(path).dsn)
    }

    /// The store as a file, to look at: of a database a copy of what it holds now.
    func look(_ path: String) throws -> Database {
        guard let database = databases.withLock({ $0[path] }) else { return try Database(path: path) }
        let copy = folder + "/copy-\(copies.withLock { $0 += 1; return $0 }).db"
        _ = try StoreCopy(
            from: PostgresStore(conninfo: database.dsn, mustExist: true), to: SQLiteStore(path: copy, cacheMegabytes: 1)
        ).run()
        return try Database(path: copy)
    }

    /// Rows of a query that both databases understand, of the store itself: while a program is at work on it, too.
    func rows(_ sql: String, of path: String) throws -> [[String?]] {
        guard let database = databases.withLock({ $0[path] }) else { return try Database(path: path).rows(sql) }
        return try database.execute(sql)
    }

    func number(_ sql: String, of path: String) throws -> Int {
        try rows(sql, of: path).first?.first?.flatMap { Int($0) } ?? 0
    }

    /// Does to the store what no program of ours would.
    func change(_ sql: String, of path: String) throws {
        if let database = databases.withLock({ $0[path] }) {
            try database.execute(sql)
        } else {
            try Database(path: path, readOnly: false).rows(sql)
        }
    }

    func isThere(_ path: String) throws -> Bool {
        guard let database = databases.withLock({ $0[path] }) else {
            return FileManager.default.fileExists(atPath: path)
        }
        return try database.execute("SELECT to_regclass('hearth_schema')::text")[0][0] != nil
    }

    /// Whether no program is in the midst of a transaction that writes.
    func isAtRest(_ path: String) throws -> Bool {
        if let database = databases.withLock({ $0[path] }) {
            let held =
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            return try database.execute(held) == [["0"]]
        }
        let store = try Database(path: path, readOnly: false)
        try store.rows("PRAGMA busy_timeout = 0")
        do { try store.rows("BEGIN IMMEDIATE") } catch is Database.Failure { return false }
        try store.rows("ROLLBACK")
        return true
    }

    /// As if it had never been made.
    func forget(_ path: String) throws {
        if let database = databases.withLock({ $0[path] }) {
            try database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            return
        }
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Of tests that look into the store's file, or damage it.
    static var ofTheStoresFile: Self {
        .enabled(if: StoreKind.standard == .file, "it looks into the SQLite store's file, or damages it on purpose")
    }
}
