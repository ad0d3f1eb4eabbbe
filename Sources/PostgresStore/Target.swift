import CLibPQ
import HeatModel

/// Where a store's server is: libpq's connection settings, with what is not told to anyone.
struct Target: Sendable {
    let conninfo: String
    /// Hosts and database, without user or password.
    let place: Place
    private let secrets: [String]

    /// - Throws: `config.badValue` for what libpq cannot read.
    init(_ conninfo: String) throws {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(conninfo, &message) else {
            PQfreemem(message)
            throw HearthError(
                .configBadValue, "the store's connection settings are none that PostgreSQL's client can read",
                at: .address("store"),
                advice: "write them as `host=… dbname=… user=…` or `postgresql://…`; quote values with spaces")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.conninfo = conninfo
        secrets = ["password", "sslpassword"].compactMap { values[$0] }.filter { !$0.isEmpty }
        let host = values["host"] ?? values["hostaddr"] ?? "localhost"
        place = .address("postgresql \(host)/\(values["dbname"] ?? values["user"] ?? "")")
    }

    func redacted(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "…") }
    }
}
