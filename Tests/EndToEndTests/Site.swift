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
    let postgres: PostgresDatabase?

    var storePath: String { folder + "/hearth.db" }
    var billingPath: String { folder + "/billing.sqlite" }
    var drops: String { folder + "/drops" }

    /// Builds the systems, hands the site to `body` and clears everything away.
    static func with<Result>(
        _ options: EstateOptions, onPostgres: Bool = false, byODBC: Bool = false,
        _ body: (Site) async throws -> Result
    ) async throws -> Result {
        let site = try await Site(Estate(options), onPostgres: onPostgres, byODBC: byODBC)
        do {
            let result = try await body(site)
            await site.close()
            return result
        } catch {
            await site.close()
            throw error
        }
    }

    private init(_ estate: Estate, onPostgres: Bool, byODBC: Bool) async throws {
        self.estate = estate
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-site-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        for part in ["Config", "Mappings"] {
            try FileManager.default.copyItem(atPath: Program.repository + "/" + part, toPath: folder + "/" + part)
        }
        dispatch = estate.dispatchService()
        postgres = onPostgres ? try PostgresServer.shared().createDatabase() : nil
        environment = [
            "HEARTH_STORE": folder + "/hearth.db", "HEARTH_ARCHIVE": folder + "/archive",
            "HEARTH_BILLING_DRIVER": onPostgres ? "postgres" : "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_BILLING_CONNINFO": postgres?.dsn ?? "",
            "HEARTH_CUSTOMER_DROPS": folder + "/drops", "HEARTH_DISPATCH_URL": try await dispatch.start(),
            "HEARTH_DISPATCH_USER": Estate.dispatchUser, "HEARTH_DISPATCH_PASSWORD": Estate.dispatchPassword,
        ]
        if byODBC { try readByODBC() }
        try show(estate)
    }

    /// Has the billing system read through the ODBC driver of its database.
    private func readByODBC() throws {
        let file = folder + "/Config/hearth.yaml"
        let settings =
            postgres.map {
                "system: postgres, odbcDriver: PostgreSQL Unicode, host: \($0.server.socketDirectory), port: \($0.server.port), database: \($0.name), user: postgres"
            } ?? "system: sqlite, odbcDriver: SQLite3, path: \(billingPath)"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        guard let begin = text.range(of: "    sql:\n"), let end = text.range(of: "    streams:\n") else {
            throw HearthError(.init("usage.test"), "there is no section sql in \(file)")
        }
        let odbc = text[..<begin.lowerBound] + "    sql: {driver: odbc, \(settings)}\n" + text[end.lowerBound...]
        try String(odbc).write(toFile: file, atomically: true, encoding: .utf8)
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
        }
        try estate.writeCustomer(dropFolder: drops)
        dispatch.show(estate)
    }

    /// Runs `hearth` on this site.
    @discardableResult
    func hearth(
        _ arguments: String..., with more: [String: String] = [:], whileRunning: (@Sendable (pid_t) -> Void)? = nil
    ) async throws -> Program.Ending {
        try await Program.run(
            arguments, environment: environment.merging(more) { _, new in new }, directory: folder,
            whileRunning: whileRunning)
    }

    /// The store as it stands.
    func store(_ path: String? = nil) throws -> Database { try Database(path: path ?? storePath) }
}
