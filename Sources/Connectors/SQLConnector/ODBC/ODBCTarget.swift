import HeatModel

/// Where a connection goes; what may be printed of it and what may not.
struct ODBCTarget {
    /// As SQLDriverConnect takes it.
    let connection: String
    /// `odbc://host:port/database`, without user and password.
    let address: String
    /// The server alone: host, or data source, and port.
    let server: String
    /// The driver or data source, as it was named.
    let driverName: String?
    private let secrets: [String]

    init(_ options: ODBCOptions) {
        var parts: [(name: String, value: String)] = []
        var named: Set<String> = []
        func add(_ name: String, _ value: String?) {
            guard let value, named.insert(name.uppercased()).inserted else { return }
            parts.append((name, value))
        }
        let system = options.system
        add("DRIVER", options.driver)
        add("DSN", options.driver == nil ? options.dsn : nil)
        if let host = options.host {
            // A socket's path is a server of its own kind.
            let isSocket = host.hasPrefix("/") && system == .mysql
            add(
                isSocket ? "SOCKET" : system == .oracle ? "DBQ" : "SERVER",
                system == .oracle ? Self.oracle(options) : host)
        }
        if system != .oracle {
            add("PORT", options.port.map { String($0) })
            add("DATABASE", options.database)
        }
        add("UID", options.user)
        add("PWD", options.password)
        for (name, value) in options.settings.sorted(by: { $0.key < $1.key }) { add(name, value) }
        for (name, value) in Self.needed(options) { add(name, value) }
        connection = parts.map { "\($0.name)=\(Self.quoted($0.value))" }.joined(separator: ";")
        driverName = options.driver ?? options.dsn
        secrets = ([options.password].compactMap { $0 } + Self.hidden(options.settings)).filter { !$0.isEmpty }
        let port = options.port.map { ":\($0)" } ?? ""
        server = (options.host ?? options.dsn ?? "local") + port
        address = "odbc://\(server)/\(options.database ?? "")"
    }

    var place: Place { .address(address) }

    /// What a driver must be told so that it holds no whole result and hands characters over as UTF-8.
    private static func needed(_ options: ODBCOptions) -> [(String, String)] {
        switch options.system {
        case .mysql:
            [("CHARSET", "utf8mb4"), ("READ_TIMEOUT", String(options.silenceTimeout))]
        case .postgres:
            [("UseDeclareFetch", "1"), ("Fetch", "2000"), ("TextAsLongVarchar", "0"), ("MaxVarcharSize", "8000")]
        case .sqlite: [("StepAPI", "1"), ("Timeout", "5000")]
        // FreeTDS; other drivers pass over what they do not know.
        case .sqlserver: [("ClientCharset", "UTF-8"), ("TDS_Version", "7.4"), ("ApplicationIntent", "ReadOnly")]
        case .oracle, .dameng, nil: []
        }
    }

    private static func oracle(_ options: ODBCOptions) -> String {
        guard let database = options.database else { return options.host ?? "" }
        return "//\(options.host ?? "localhost"):\(options.port ?? 1521)/\(database)"
    }

    /// A value in braces, where anything else could end it.
    static func quoted(_ value: String) -> String {
        let isPlain = value.allSatisfy { !"[]{}(),;?*=!@".contains($0) } && value.first != " " && value.last != " "
        return isPlain
            ? value : "{" + value.split(separator: "}", omittingEmptySubsequences: false).joined(separator: "}}") + "}"
    }

    private static func hidden(_ settings: [String: String]) -> [String] {
        settings.filter { key, _ in ["PWD", "PASSWORD", "TOKEN", "SECRET"].contains { key.uppercased().contains($0) } }
            .map(\.value)
    }

    /// The text without any secret of the connection.
    func redacted(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "•••")
        }
    }
}
