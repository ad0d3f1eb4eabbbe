import CLibPQ
import HeatModel

/// Where a store's server is: libpq's connection settings, with what is not told to anyone.
struct Target: Sendable {
    let conninfo: String
    /// Hosts and database, without user or password.
    private(set) var place: Place
    private let secrets: [String]
    /// Several hosts that stand for each other.
    private(set) var isSeveral: Bool
    /// Of several hosts this one, with its port.
    private(set) var only: (host: String, port: String)?
    private let hosts: [(host: String, port: String)]
    private let database: String
    /// Of several the one that takes writes is wanted, where the settings do not say otherwise.
    let takesWrites: Bool

    /// - Throws: `config.badValue` for what libpq cannot read.
    init(_ conninfo: String, takesWrites: Bool = true) throws {
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
        self.takesWrites = takesWrites
        isSeveral = (values["host"] ?? "").contains(",") || (values["hostaddr"] ?? "").contains(",")
        secrets = ["password", "sslpassword"].compactMap { values[$0] }.filter { !$0.isEmpty }
        let host = values["host"] ?? values["hostaddr"] ?? "localhost"
        database = values["dbname"] ?? values["user"] ?? ""
        place = .address("postgresql \(host)/\(database)")
        let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        hosts = host.split(separator: ",").enumerated().map { index, host in
            (String(host), ports.count > 1 && index < ports.count ? ports[index] : ports.first ?? "")
        }
    }

    /// Each host by itself.
    var each: [Target] {
        if !isSeveral { return [self] }
        return hosts.map { host in
            var target = self
            target.only = host
            target.isSeveral = false
            target.place = .address("postgresql \(host.host)/\(database)")
            return target
        }
    }

    func redacted(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "…") }
    }
}
