import Foundation
import HearthTesting
import HeatModel
import LegacyEstate

/// A heating company with its three systems alive, a configuration that reads them and a store, in a folder of their own.
final class Site: Sendable {
    let folder: String
    let estate: Estate
    let dispatch: DispatchService
    let environment: [String: String]
    let places: StorePlaces
    let postgres: PostgresDatabase?
    private let mariaDB: MariaDBDatabase?
    private let givesWorkbooks: Bool

    /// The database that the billing system lives in, and how it is read.
    enum Billing: Sendable {
        case sqlite, postgres, sqliteByODBC, postgresByODBC, mariaDBByODBC
    }

    var storePath: String { folder + "/hearth.db" }
    var billingPath: String { folder + "/billing.sqlite" }
    var drops: String { folder + "/drops" }

    /// Builds the systems, hands the site to `body` and clears everything away.
    /// - Parameters:
    ///   - workbooks: the drops of the customer system are workbooks in place of text.
    ///   - store: what its stores are.
    static func with<Result>(
        _ options: EstateOptions, billing: Billing = .sqlite, workbooks: Bool = false, store: StoreKind = .standard,
        _ body: (Site) async throws -> Result
    ) async throws -> Result {
        let site = try await Site(Estate(options), billing, givesWorkbooks: workbooks, store)
        do {
            let result = try await body(site)
            await site.close()
            return result
        } catch {
            await site.close()
            throw error
        }
    }

    private init(_ estate: Estate, _ billing: Billing, givesWorkbooks: Bool, _ store: StoreKind) async throws {
        self.estate = estate
        self.givesWorkbooks = givesWorkbooks
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-site-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        for part in ["Config", "Mappings"] {
            try FileManager.default.copyItem(atPath: Program.repository + "/" + part, toPath: folder + "/" + part)
        }
        places = StorePlaces(store, folder: folder)
        try places.configure(folder + "/Config/hearth.yaml")
        dispatch = estate.dispatchService()
        let isPostgres = billing == .postgres || billing == .postgresByODBC
        postgres = isPostgres ? try PostgresServer.shared().createDatabase() : nil
        mariaDB = billing == .mariaDBByODBC ? try MariaDBServer.shared().createDatabase() : nil
        environment = [
            "HEARTH_STORE": try places.setting(folder + "/hearth.db"), "HEARTH_ARCHIVE": folder + "/archive",
            "HEARTH_BILLING_DRIVER": isPostgres ? "postgres" : "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_BILLING_CONNINFO": postgres?.dsn ?? "",
            "HEARTH_CUSTOMER_DROPS": folder + "/drops", "HEARTH_DISPATCH_URL": try await dispatch.start(),
            "HEARTH_DISPATCH_USER": Estate.dispatchUser, "HEARTH_DISPATCH_PASSWORD": Estate.dispatchPassword,
        ]
        switch billing {
        case .sqlite, .postgres: break
        case .sqliteByODBC: try readByODBC("system: sqlite, odbcDriver: SQLite3, path: \(billingPath)")
        case .postgresByODBC:
            guard let postgres else { break }
            try readByODBC(
                "system: postgres, odbcDriver: PostgreSQL Unicode, host: \(postgres.server.socketDirectory), port: \(postgres.server.port), database: \(postgres.name), user: postgres"
            )
        case .mariaDBByODBC:
            guard let mariaDB else { break }
            try readByODBC(
                "system: mysql, odbcDriver: MariaDB Unicode, host: \(mariaDB.server.socket), database: \(mariaDB.name), user: root"
            )
        }
        if givesWorkbooks {
            try configure(
                from: "        pattern: yhxx_*.csv", to: "        semantics:", "        pattern: yhxx_*.xlsx\n")
        }
        try show(estate)
    }

    /// Has the billing system read through the ODBC driver of its database.
    private func readByODBC(_ settings: String) throws {
        try configure(from: "    sql:\n", to: "    streams:\n", "    sql: {driver: odbc, \(settings)}\n")
    }

    /// Puts `text` in place of the first part of hearth.yaml from `start` up to `end`.
    private func configure(from start: String, to end: String, _ text: String) throws {
        let file = folder + "/Config/hearth.yaml"
        var whole = try String(contentsOfFile: file, encoding: .utf8)
        guard let begin = whole.range(of: start),
            let end = whole.range(of: end, range: begin.upperBound..<whole.endIndex)
        else { throw HearthError(.init("usage.test"), "there is no \(start) in \(file)") }
        whole.replaceSubrange(begin.lowerBound..<end.lowerBound, with: text)
        try whole.write(toFile: file, atomically: true, encoding: .utf8)
    }

    private func close() async {
        await dispatch.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Puts a day of the company into all three systems.
    func show(_ estate: Estate) throws {
        if let postgres {
            try estate.writeBilling(postgres: postgres.dsn)
        } else {
            try estate.writeBilling(sqlite: billingPath)
            if let mariaDB { try copyBilling(to: mariaDB) }
        }
        let names = try estate.writeCustomer(dropFolder: drops)
        if givesWorkbooks { try writeWorkbook(names[0]) }
        dispatch.show(estate)
    }

    /// Puts the tables of the SQLite file into a MariaDB database, with its own types for money and time.
    private func copyBilling(to mariaDB: MariaDBDatabase) throws {
        let money: Set = ["ljqf", "ysje", "sfje", "qfje", "zkje", "hjje", "wyje", "je"]
        let file = try Database(path: billingPath)
        for table in try file.column("SELECT name FROM sqlite_master WHERE type = 'table'") {
            let columns = try file.rows("SELECT name, type FROM pragma_table_info('\(table)') ORDER BY cid").map {
                (name: $0[0] ?? "", type: $0[1] ?? "")
            }
            let types = columns.map { column in
                let type =
                    switch column.name {
                    case "gxsj", "scsj": "datetime"
                    case let name where money.contains(name): "decimal(14,2)"
                    case "lsh": "varchar(64)"
                    default: column.type == "INTEGER" ? "bigint" : "text"
                    }
                return "\(column.name) \(type)"
            }
            var statements = [
                "DROP TABLE IF EXISTS \(table)", "CREATE TABLE \(table) (\(types.joined(separator: ", ")))",
            ]
            let rows = try file.rows("SELECT * FROM \(table)").map { row in
                "(" + row.map { $0.map(Self.quoted) ?? "NULL" }.joined(separator: ",") + ")"
            }
            for start in stride(from: 0, to: rows.count, by: 500) {
                let part = rows[start..<min(start + 500, rows.count)].joined(separator: ",")
                statements.append("INSERT INTO \(table) VALUES \(part)")
            }
            if let key = columns.first(where: { ["cnqid", "yhid", "lsh", "id"].contains($0.name) })?.name,
                columns.contains(where: { $0.name == "gxsj" })
            {
                statements.append("CREATE INDEX ix_key ON \(table) (\(key))")
                statements.append("CREATE INDEX ix_gxsj ON \(table) (gxsj, \(key))")
            }
            try mariaDB.execute(statements.joined(separator: ";\n"))
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "'"
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "'": result += "''"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "'"
    }

    /// Puts a workbook of the same cells, as text, in place of a drop.
    private func writeWorkbook(_ name: String) throws {
        let script = """
            import csv, os, sys, xlsxwriter
            path = sys.argv[1]
            book = xlsxwriter.Workbook(path[:-4] + ".xlsx", {"strings_to_numbers": False})
            sheet = book.add_worksheet()
            with open(path, encoding="gb18030", errors="replace", newline="") as file:
                for row, fields in enumerate(csv.reader(file)):
                    for column, field in enumerate(fields):
                        if field: sheet.write_string(row, column, field)
            book.close()
            os.rename(path + ".done", path[:-4] + ".xlsx.done")
            os.remove(path)
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try RemoteServer.python.get())
        process.arguments = ["-c", script, drops + "/" + name]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw HearthError(.init("usage.test"), "no workbook of \(name)") }
    }

    /// Runs `hearth` on this site.
    @discardableResult
    func hearth(
        _ arguments: String..., with more: [String: String] = [:], whileRunning: (@Sendable (pid_t) -> Void)? = nil
    ) async throws -> Program.Ending {
        try await Program.run(
            arguments, environment: environment.merging(try places.environment(more)) { _, new in new },
            directory: folder, whileRunning: whileRunning)
    }

    /// The store as it stands.
    func store(_ path: String? = nil) throws -> Database { try places.look(path ?? storePath) }
}
