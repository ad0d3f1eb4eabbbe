import Foundation

/// The benchmark's folder: where its data, stores and configuration are.
struct BenchmarkFolder {
    let path: String
    /// Bills; there are a fifth as many customers and a tenth as many work orders.
    let rows: Int

    var utf8Drop: String { path + "/csv-utf8" }
    var utf8File: String { utf8Drop + "/customers_\(rows / 5).csv" }
    var gb18030Drop: String { path + "/csv-gb18030" }
    var gb18030File: String { gb18030Drop + "/customers_\(rows / 5).csv" }
    var envelope: String { path + "/work_orders_\(rows / 10).xml" }
    var configuration: String { path + "/hearth.yaml" }
    var mappings: String { path + "/mappings" }
    /// Accounts alone; accounts and records; those with views; those with changes.
    var accountsStore: String { path + "/accounts.db" }
    var recordsStore: String { path + "/records.db" }
    var viewsStore: String { path + "/views.db" }
    var changedStore: String { path + "/changed.db" }

    /// A table of the database as CSV.
    func exported(_ table: String) -> String { "\(path)/\(table)_\(rows).csv" }

    init(_ path: String, rows: Int) throws {
        self.path = path
        self.rows = rows
        for folder in [path, utf8Drop, gb18030Drop, mappings] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    /// Makes the files of this size that are not there yet, and removes those of another.
    func writeFiles(_ tell: (String) -> Void) throws {
        let files = FileManager.default
        for (folder, file) in [(utf8Drop, utf8File), (gb18030Drop, gb18030File)] {
            for name in try files.contentsOfDirectory(atPath: folder) where "\(folder)/\(name)" != file {
                try files.removeItem(atPath: "\(folder)/\(name)")
            }
        }
        if !files.fileExists(atPath: utf8File) {
            tell("making \(utf8File)")
            try CustomerFile.write(rows / 5, to: utf8File)
        }
        if !files.fileExists(atPath: gb18030File) {
            _ = try Command(shell: "iconv -f UTF-8 -t GB18030 \"$1\" > \"$2\"", utf8File, gb18030File).output()
        }
        if !files.fileExists(atPath: envelope) {
            tell("making \(envelope)")
            try WorkOrderEnvelope.write(rows / 10, to: envelope)
        }
    }

    /// Copies a store that no process has open.
    func copyStore(from: String, to: String) throws {
        for suffix in ["", "-wal", "-shm"] {
            let target = to + suffix
            if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
            if FileManager.default.fileExists(atPath: from + suffix) {
                try FileManager.default.copyItem(atPath: from + suffix, toPath: target)
            }
        }
    }

    func writeConfiguration(_ database: BillingDatabase) throws {
        let texts = [
            configuration: """
            store: {sqlite: "${env:HEARTH_BENCHMARK_STORE}"}
            mappings: mappings
            sources:
              billing:
                sql: {driver: postgres, conninfo: "${file:dsn}"}
                streams:
                  accounts: {table: \(database.table("customer")), key: [account_no], cursor: updated_at}
                  charges: {table: \(database.table("bill")), key: [bill_id], cursor: updated_at}
            """,
            path + "/dsn": database.dsn,
            mappings + "/billing.accounts.yaml": BenchmarkMappings.accounts,
            mappings + "/billing.charges.yaml": BenchmarkMappings.charges,
            mappings + "/unified.yaml": BenchmarkMappings.unified,
        ]
        for (file, text) in texts { try (text + "\n").write(toFile: file, atomically: true, encoding: .utf8) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + "/dsn")
    }
}
