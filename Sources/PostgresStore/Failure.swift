import CLibPQ
import HeatModel
import Store
import StoreSQL

/// What libpq and the server refuse, as errors of the store. Only the server's primary message is shown: its details quote rows.
enum Failure {
    /// The server's own words, for ``HearthError/cause``.
    struct ServerMessage: Error, CustomStringConvertible {
        var description: String
        /// SQLSTATE; empty where none was stated.
        var state = ""
    }

    /// SQLSTATE of a row whose key another one has.
    static let uniqueViolation = "23505"

    /// A connection that did not come about.
    static func connecting(_ handle: OpaquePointer?, _ target: Target) -> HearthError {
        let text = handle.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? "out of memory"
        func error(_ code: HearthError.Code, _ message: String, _ advice: Advice) -> HearthError {
            HearthError(
                code, message, at: target.place, advice: advice,
                cause: ServerMessage(description: target.redacted(text)))
        }
        if let handle, PQconnectionNeedsPassword(handle) == 1 || PQconnectionUsedPassword(handle) == 1 {
            if text.contains("authentication") || text.contains("no password supplied") {
                return error(
                    .storeUnauthorized, "the store's server refused the user or the password",
                    "check user and password of the store, and the server's pg_hba.conf")
            }
        }
        if text.contains("does not exist") {
            return error(
                .storeNoDatabase, "the store's server has no such database or user",
                "create them (CREATE ROLE …; CREATE DATABASE … OWNER …), or check dbname and user of the store")
        }
        if text.contains("too many") || text.contains("remaining connection slots") {
            return error(
                .storeUnreachable, "the store's server has no connection to spare",
                "raise max_connections, or let fewer gateways run")
        }
        if text.contains("read-only") || text.contains("session is not") {
            return error(
                .storeReplica, "none of the store's servers takes writes",
                "name the primary under `store: postgres:`, or let a replica be promoted; default_transaction_read_only must be off there"
            )
        }
        return error(
            .storeUnreachable, "the store's server cannot be reached",
            "check that it runs, and host, port and network of the store")
    }

    /// A statement that was refused, or a connection that is gone.
    static func statement(_ result: OpaquePointer?, _ handle: OpaquePointer, _ place: Place, isLost: Bool)
        -> HearthError
    {
        func field(_ code: Character) -> String {
            result.flatMap { PQresultErrorField($0, Int32(code.asciiValue ?? 0)) }.map { String(cString: $0) } ?? ""
        }
        let (state, message) = (field("C"), field("M"))
        // A server whose disk of the log is full says so with its last word.
        let isFull = state == "53100"
        if !isFull && (isLost || PQstatus(handle) == CONNECTION_BAD || state.hasPrefix("08") || state.hasPrefix("57P"))
        {
            let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
            return HearthError(
                .storeDisconnected, "the connection to the store was lost", at: place,
                advice: "nothing of what was under way is committed; run it again",
                cause: ServerMessage(
                    description: isLost ? "the server no longer answers" : message.isEmpty ? text : message,
                    state: state))
        }
        let cause = ServerMessage(description: message, state: state)
        func error(_ code: HearthError.Code, _ text: String, _ advice: Advice?) -> HearthError {
            HearthError(code, "\(text) (\(message), SQLSTATE \(state))", at: place, advice: advice, cause: cause)
        }
        switch state {
        case "53100":
            return error(
                .storeFull, "no room left on the store's server", "free disk space on the server, then run again")
        case "53200", "53300":
            return error(
                .storeBusy, "the store's server has too little memory or too many connections", "try again later")
        case "55P03", "40001", "40P01", "57014":
            return error(
                .storeBusy, "the store is in use by another writer", "wait for the other run to end; \(.runs) shows it")
        case "25006": return error(.storeReadOnly, "the store's server takes no writes", readOnlyAdvice)
        case "42501", "28000", "3F000":
            return error(
                .storeNotWritable, "the store's user lacks a right", rightAdvice)
        case "42P01":
            return error(
                .storeMissing, "the store's user sees no table of the store",
                "GRANT USAGE ON SCHEMA to it, or look at its search_path; where the tables are gone, restore the database"
            )
        case "XX001", "XX002":
            return error(.storeCorrupt, "the store's server found a damaged table", "restore it from a backup")
        default:
            return error(
                .storeFailed, "the store's server refused a statement", "look at the server's log, then run again")
        }
    }

    /// - Parameter lack: what the user may not do.
    static func missingRight(_ lack: String, _ place: Place) -> HearthError {
        HearthError(
            .storeNotWritable, "the store's user \(lack)", at: place,
            advice: rightAdvice)
    }

    private static let rightAdvice: Advice =
        "let it own the database, or GRANT CREATE, USAGE ON SCHEMA and all rights on the store's tables"

    static func replica(_ place: Place) -> HearthError {
        HearthError(
            .storeReplica, "the store's server is a replica, which takes no writes", at: place,
            advice: "name the primary under `store: postgres:`, or let the replica be promoted")
    }

    /// A primary whose transactions take no writes.
    static func readOnly(_ place: Place) -> HearthError {
        HearthError(
            .storeReadOnly, "the store's server has transactions take no writes: default_transaction_read_only is on",
            at: place, advice: readOnlyAdvice)
    }

    private static let readOnlyAdvice: Advice =
        "ALTER ROLE … or ALTER DATABASE … SET default_transaction_read_only = off for the store's user and database, or in postgresql.conf"
}
