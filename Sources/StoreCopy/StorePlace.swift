import PostgresStore
import SQLiteStore
import StoreSQL

/// A store as an argument names it: a file, or PostgreSQL's connection settings.
package enum StorePlace: Sendable {
    case file(String)
    case server(String)

    package init(_ argument: String) {
        let isServer =
            argument.hasPrefix("postgresql://") || argument.hasPrefix("postgres://")
            || argument.prefix { $0 != "=" }.allSatisfy { $0.isLetter || $0 == "_" } && argument.contains("=")
        self = isServer ? .server(argument) : .file(argument)
    }

    var isServer: Bool {
        if case .server = self { true } else { false }
    }

    func open(mustExist: Bool = false) throws -> any TableStore {
        switch self {
        case .file(let path): try SQLiteStore(path: path, mustExist: mustExist)
        case .server(let conninfo): try PostgresStore(conninfo: conninfo, mustExist: mustExist)
        }
    }
}
