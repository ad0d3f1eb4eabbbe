import CLibPQ
import HeatModel

/// Where a connection goes, taken from its options; what may be printed of it and what may not.
struct PostgresTarget {
    let settings: [(name: String, value: String)]
    /// `postgres://host:port/database`, without user and password.
    let address: String
    private let secrets: [String]

    /// - Throws: ``HearthError`` `config.badConnection` when libpq cannot read the connection string.
    init(_ options: PostgresOptions) throws {
        var message: UnsafeMutablePointer<CChar>?
        // libpq's own message repeats parts of the string, which may be the password.
        guard let parsed = PQconninfoParse(options.conninfo, &message) else {
            PQfreemem(message)
            throw HearthError(
                .configBadConnection, "the connection string cannot be read", at: .address("postgres"),
                advice:
                    "Write it as libpq has it, host=… port=5432 dbname=… user=…, and the password with the key password, where nothing needs to be quoted."
            )
        }
        defer { PQconninfoFree(parsed) }
        var settings: [String: String] = [:]
        var entry = parsed
        while let name = entry.pointee.keyword {
            if let value = entry.pointee.val { settings[String(cString: name)] = String(cString: value) }
            entry += 1
        }
        for (name, value) in [
            ("host", options.host), ("port", options.port.map { String($0) }), ("dbname", options.database),
            ("user", options.user), ("password", options.password),
            ("sslmode", options.sslMode), ("sslrootcert", options.sslRootCertificate),
            ("sslcert", options.sslCertificate),
            ("sslkey", options.sslKey),
        ] where value != nil { settings[name] = value }
        for (name, value) in [
            ("application_name", "hearth"), ("client_encoding", "UTF8"), ("keepalives_idle", "30"),
            ("keepalives_interval", "10"), ("keepalives_count", "3"),
        ] where settings[name] == nil { settings[name] = value }
        // Of two hosts libpq takes the address, whatever the name says.
        if options.host != nil { settings["hostaddr"] = nil }
        self.settings = settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        secrets = ["password", "sslpassword"].compactMap { settings[$0] }.filter { !$0.isEmpty }
        let host = settings["host"] ?? settings["hostaddr"] ?? "local"
        address = "postgres://\(host):\(settings["port"] ?? "5432")/\(settings["dbname"] ?? "")"
    }

    var place: Place { .address(address) }

    /// The text without any secret of the connection string.
    func redacted(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "•••")
        }
    }
}
