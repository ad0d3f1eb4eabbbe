import Foundation
import HeatModel

/// Where a system's data are, as a person names it: a folder of files, a database, a service.
package enum DataPlace: Sendable, Hashable {
    /// A folder with drops, databases or service descriptions in it.
    case folder(String)
    case sqlite(String)
    case postgres(Database)
    /// A service description: a file or an address.
    case service(String)

    package struct Database: Sendable, Hashable {
        package var host: String?
        package var port: Int?
        package var name: String
        package var user: String?
        /// Goes into the environment of this process, never into a file.
        package var password: String?
    }

    /// - Parameter text: a folder, `…​.sqlite` or `…​.db`, `postgres://user:password@host:port/database`, a WSDL file or `http://…?wsdl`.
    /// - Throws: `usage.unknownAddress`.
    package init(_ text: String) throws {
        let lower = text.lowercased()
        if lower.hasPrefix("postgres://") || lower.hasPrefix("postgresql://") {
            guard let parts = URLComponents(string: text), parts.path.count > 1 else { throw Self.unknown(text) }
            // A folder of a socket stands as ?host=/run/postgresql.
            let query = Dictionary(
                (parts.queryItems ?? []).compactMap { item in item.value.map { (item.name, $0) } },
                uniquingKeysWith: { $1 })
            let host = parts.host.flatMap { $0.isEmpty ? nil : $0 } ?? query["host"]
            self = .postgres(
                Database(
                    host: host, port: parts.port ?? query["port"].flatMap { Int($0) },
                    name: String(parts.path.dropFirst()),
                    user: parts.user ?? query["user"], password: parts.password ?? query["password"]))
            return
        }
        if lower.hasPrefix("http://") || lower.hasPrefix("https://") {
            self = .service(text)
            return
        }
        let path = lower.hasPrefix("sqlite:") ? String(text.dropFirst(7)) : text
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw Self.unknown(text) }
        let full = URL(fileURLWithPath: path).standardizedFileURL.path
        if isFolder.boolValue {
            self = .folder(full)
        } else if Self.isSQLite(full) {
            self = .sqlite(full)
        } else if lower.hasSuffix(".wsdl") || lower.hasSuffix(".xml") {
            self = .service(full)
        } else {
            throw Self.unknown(text)
        }
    }

    static func isSQLite(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        let head = (try? file.read(upToCount: 16)) ?? nil
        return head.map { $0.starts(with: Array("SQLite format 3".utf8)) } ?? false
    }

    private static func unknown(_ text: String) -> HearthError {
        HearthError(
            .usageUnknownAddress, "this is neither a folder, a database nor a service description",
            at: .address(
                DescriptionLoader.shown(text).hasPrefix("postgres") ? "postgres://…" : DescriptionLoader.shown(text)),
            advice:
                "name a folder of files, an SQLite file, postgres://user@host/database, or a WSDL as file or http address"
        )
    }
}
