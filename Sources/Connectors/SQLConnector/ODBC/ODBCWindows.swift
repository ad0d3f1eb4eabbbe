/// Windows of a table by statements on two threads in turn: while the rows of one are fetched out of the driver's memory, the server works at
/// the next. A driver may be called for two statements at once; what allocates, runs or frees one is never called beside the same.
final class ODBCWindows: SQLWindowReader {
    private let connection: ODBCConnection
    private let stream: SQLStream
    private let second = ODBCThread()
    private var isSecond = true

    init(_ connection: ODBCConnection, _ stream: SQLStream) {
        self.connection = connection
        self.stream = stream
    }

    deinit { second.end() }

    func begin(_ sql: String) throws -> any SQLWindow {
        isSecond.toggle()
        return try ODBCStatement(
            beginning: sql, connection, stream: stream, on: isSecond ? second : nil, scrolls: true)
    }
}

extension ODBCStatement: SQLWindow {}
