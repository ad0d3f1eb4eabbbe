import CLibPQ
import HeatModel

/// What libpq and the server refuse, as errors that name the stream and what to do, and hold no secret and no data.
enum PostgresFailure {
    /// The server's own words, only for ``HearthError/cause``.
    struct ServerMessage: Error, CustomStringConvertible {
        var description: String
        /// SQLSTATE; empty where the server stated none.
        var state = ""
    }

    static func connect(_ handle: OpaquePointer?, _ target: PostgresTarget) -> HearthError {
        let text = handle.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? "out of memory"
        let cause = ServerMessage(description: target.redacted(text))
        func error(_ code: HearthError.Code, _ message: String, _ advice: String) -> HearthError {
            HearthError(code, message, at: target.place, advice: advice, cause: cause)
        }
        switch state(inVerbose: text) {
        case "28P01", "28000":
            return error(
                .sourceUnauthorized, "the server refused the user or the password",
                "Check user and password of the source, and the server's pg_hba.conf.")
        case "3D000":
            return error(.configUnknownDatabase, "the server has no such database", "Check dbname of the source.")
        case "53300":
            return error(
                .sourceUnreachable, "the server has no connection to spare",
                "Try again later, or raise max_connections.")
        case "57P03":
            return error(.sourceUnreachable, "the server is starting up or shutting down", "Try again in a moment.")
        case "42501":
            return error(
                .sourceForbidden, "the user may not connect to this database", "Ask for GRANT CONNECT ON DATABASE.")
        default: break
        }
        if text.contains("no password supplied") || text.contains("authentication") {
            return error(
                .sourceUnauthorized,
                "the server wants a password and none was given, or cannot agree on how to give it",
                "Set the password of the source.")
        }
        if text.contains("SSL") || text.contains("certificate") {
            return error(
                .sourceTls, "no secure connection could be agreed",
                "Check sslmode and the certificates of the source.")
        }
        return error(
            .sourceUnreachable, "the server cannot be reached",
            "Check that it runs, and host, port and network of the source.")
    }

    static func connectTimeout(_ target: PostgresTarget, seconds: Int) -> HearthError {
        HearthError(
            .sourceUnreachable, "no connection within \(seconds) s", at: target.place,
            advice: "Check host, port and network of the source, or raise its connect timeout.")
    }

    static func silent(_ connection: PostgresConnection, stream: SQLStream?, seconds: Int) -> HearthError {
        HearthError(
            .sourceTimeout, "\(subject(stream))nothing came from the server for \(seconds) s",
            at: place(connection, stream),
            advice: "Give the table an index on its key, or raise the silence timeout of the source.")
    }

    static func lost(_ connection: PostgresConnection, stream: SQLStream?) -> HearthError {
        let text = PQerrorMessage(connection.handle).map { String(cString: $0) } ?? ""
        return HearthError(
            .sourceConnectionLost, "\(subject(stream))the connection was lost", at: place(connection, stream),
            advice: "Run again: committed batches stay, and the next run carries on after them.",
            cause: ServerMessage(description: connection.target.redacted(text)))
    }

    /// A statement that the server refused, by its SQLSTATE.
    static func refused(_ result: PostgresResult, _ connection: PostgresConnection, stream: SQLStream?) -> HearthError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result.handle, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        let state = field("C") ?? ""
        let text = connection.target.redacted(field("M") ?? "")
        // A transaction that only reads meets no other serialization failure. Some servers say 57014.
        if state == "40001" || text.contains("conflict with recovery") {
            return HearthError(
                .sourceStandbyConflict,
                "\(subject(stream))the server is a hot standby and cancelled the reading, for it had to replay what the primary cleaned up",
                at: place(connection, stream),
                advice:
                    "Raise max_standby_streaming_delay on the standby or set hot_standby_feedback = on there, or read from the primary.",
                cause: ServerMessage(description: text))
        }
        if PQstatus(connection.handle) == CONNECTION_BAD || state.isEmpty || state.hasPrefix("08")
            || state.hasPrefix("57P")
        {
            return lost(connection, stream: stream)
        }
        let cause = ServerMessage(description: text, state: state)
        func error(_ code: HearthError.Code, _ message: String, _ advice: String) -> HearthError {
            HearthError(
                code, subject(stream) + message, at: place(connection, stream), advice: advice, cause: cause)
        }
        switch state {
        case "42501" where field("R") == "check_enable_rls": return rowSecurity(stream, connection)
        case "57014":
            return error(
                .sourceTimeout, "the server cancelled the statement, most likely at the statement timeout",
                "Raise the statement timeout of the source, or give the table an index on its key and cursor column.")
        case "42501":
            return error(.sourceForbidden, text, "Ask the owner for SELECT on it.")
        case "42P01", "3F000": return error(.configUnknownTable, text, "Check the table of the stream.")
        case "42703": return error(.configUnknownColumn, text, "Check columns, key, cursor and filter of the stream.")
        case "25006":
            return error(
                .configWrites, "the query would write, and the session is read only: \(text)",
                "Use a query that only reads.")
        case "22021", "22P05":
            return error(
                .sourceUndecodable, "the table holds characters that the server cannot write as UTF-8",
                "Use a query that leaves them out or repairs them, for instance with convert_from.")
        case "22P02", "22007", "22008":
            return error(
                .sourceQueryFailed, "a value does not fit the type it is read as (SQLSTATE \(state))",
                "If the type of the cursor column or of a key was changed, pull the stream once in full; else look at its query and filter."
            )
        case "72000", "58P01":
            return error(.sourceConnectionLost, "the snapshot could not be kept", "Run again.")
        default: break
        }
        // Messages of class 42 tell of names and syntax, others may repeat data.
        if state.hasPrefix("42") {
            return error(.configBadQuery, text, "Check table, query, columns and filter of the stream.")
        }
        return error(
            .sourceQueryFailed, "the server refused the statement with SQLSTATE \(state)",
            "Run the stream's query by hand, as the source's user.")
    }

    static func rowSecurity(_ stream: SQLStream?, _ connection: PostgresConnection) -> HearthError {
        HearthError(
            .sourceRowSecurity,
            "\(subject(stream))a policy of the server (row-level security) would hide rows from the source's user",
            at: place(connection, stream),
            advice:
                "Ask for ALTER ROLE … BYPASSRLS for the user, or for a view whose owner sees all rows; a policy that lets all rows through is not enough."
        )
    }

    private static func subject(_ stream: SQLStream?) -> String { stream.map { "stream \($0.name): " } ?? "" }

    private static func place(_ connection: PostgresConnection, _ stream: SQLStream?) -> Place {
        stream.map { .table($0.relationName, key: nil) } ?? connection.target.place
    }

    /// The SQLSTATE in `FATAL:  28P01: password …`, whatever the language.
    private static func state(inVerbose text: String) -> String? {
        for line in text.split(separator: "\n") {
            for word in line.split(separator: " ") where word.utf8.count == 6 && word.hasSuffix(":") {
                let state = word.dropLast()
                if state.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) }),
                    state.contains(where: \.isNumber)
                {
                    return String(state)
                }
            }
        }
        return nil
    }
}
