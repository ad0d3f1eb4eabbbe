import HeatModel
import Records

/// What is asked of the system by a pull, and how its rows move the cursor.
struct SQLPullPlan {
    /// Where the cursor column of a stream stands.
    struct Followed {
        var survey: CursorSurvey
        var result: CursorSurvey.Result
        var stored: SQLCursor?
        /// Whether everything up to what was surveyed is there.
        var isSettled: Bool
    }

    private(set) var state: SQLCursor?
    private(set) var condition: [String] = []
    private(set) var order: [String]
    /// Expressions after the visible columns.
    private(set) var hidden: [String] = []
    private(set) var tracked: [Int] = []
    /// Cursor of the last batch, where it is not that of its last row.
    private(set) var end: SQLCursor?
    private(set) var judge: JudgedCursor?
    private let judgedField: Int
    private let isSettled: Bool
    private let written: (String) -> String

    /// Where the key's texts stand in a row, of a plan that is read in windows of the key.
    private(set) var keyFields: [Int] = []

    init(
        _ stream: SQLStream, _ request: PullRequest, _ table: SQLTable, _ followed: Followed?, _ session: any SQLSession
    ) throws {
        judgedField = table.columns.count
        isSettled = followed?.isSettled ?? true
        written = { session.written($0) }
        order = table.order.map(\.quoted)
        if request.limit.map({ $0 <= 0 }) == true { condition = ["1 = 0"] }
        if request.mode == .account { condition.append(try Self.isOfAccount(stream, request, table, session)) }
        guard let followed else { return }
        let result = followed.result
        /// How the keys of a stream with such columns are read is noted in its cursor.
        func noted(_ cursor: SQLCursor) -> SQLCursor {
            var cursor = cursor
            if table.key.contains(where: \.isPadded) { cursor.keys = "trimmed" }
            return cursor
        }
        func high() throws -> String? { followed.isSettled ? try followed.survey.high(result) : nil }
        if request.mode == .full {
            end = noted(.follow(from: try high()))
            return
        }
        if var stored = followed.stored, stored.phase == .follow {
            stored.from = result.from
            state = noted(stored)
            let rule = result.rule
            if case .judged = rule.kind {
                // Rows of COPY are not taken apart before they lie in a batch.
                guard session.form == .fields else {
                    var outcome = CursorOutcome(order: rule.order, values: 0)
                    outcome.refusal = "its texts cannot be judged as they come"
                    throw outcome.error(column: rule.column.name, at: .table(stream.relationName, key: nil))
                        ?? SQLConnector.badCursor(stream)
                }
                judge = try JudgedCursor(rule, from: result.from, progress: result.progress)
                hidden = [session.text(rule.column)]
                return
            }
            // Where nothing is progress, nothing moves.
            let isBounded = result.bound != nil || rule.kind == .other
            if let read = try rule.condition(from: result.from) { condition.append(read) }
            order = [rule.value] + table.order.map(\.quoted)
            hidden = [isSettled && isBounded ? try rule.advance(from: result.from, upTo: result.bound) : "NULL"]
            tracked = [table.columns.count]
            return
        }
        var state = noted(try followed.stored ?? .load(after: nil, high: high()))
        if state.high != nil, followed.stored != nil { state.high = result.from }
        let loadKey = table.order
        state = state.loading(by: loadKey.map(\.type))
        self.state = state
        end = noted(.follow(from: state.high))
        for column in loadKey {
            if session.remembersAsRead, let index = table.columns.firstIndex(where: { $0.name == column.name }) {
                tracked.append(index)
            } else {
                tracked.append(table.columns.count + hidden.count)
                hidden.append(session.text(column))
            }
        }
        if let after = state.after, !after.isEmpty {
            let values = zip(after, loadKey).map { session.literal($0, of: $1) }
            if values.contains(nil) { throw SQLConnector.badCursor(stream) }
            // Not `>`: rows of equal keys may stand on both sides of a batch's end.
            let nulls = loadKey.filter(\.isNullable).map { " OR \($0.quoted) IS NULL" }.joined()
            condition.append("(\(session.dialect.reached(order, values.compactMap(\.self))))\(nulls)")
        }
    }

    /// - Throws: `config.unknownColumn`; `config.notFresh` where nothing says how an account's rows are told from others.
    private static func isOfAccount(
        _ stream: SQLStream, _ request: PullRequest, _ table: SQLTable, _ session: any SQLSession
    ) throws -> String {
        let column = try table.accountColumn(of: stream)
        let values = request.accountKeys.compactMap { session.literal(session.written($0), of: column) }
        return values.isEmpty ? "1 = 0" : "\(column.quoted) IN (\(values.joined(separator: ", ")))"
    }

    /// Whether the rows come in the order of the key alone.
    func isInKeyOrder(of table: SQLTable) -> Bool { !order.isEmpty && order == table.order.map(\.quoted) }

    /// Has the key's texts come with each row.
    mutating func addKeyFields(_ table: SQLTable, _ session: any SQLSession) {
        keyFields = table.order.map { column in
            if session.remembersAsRead, let index = table.columns.firstIndex(where: { $0.name == column.name }) {
                return index
            }
            hidden.append(session.text(column))
            return table.columns.count + hidden.count - 1
        }
    }

    /// Whether a row is handed over. One that did not come as a whole is.
    mutating func takes(_ row: SQLRow) -> Bool {
        guard judge != nil, case .fields(let bytes, let ranges) = row else { return true }
        let range = ranges[judgedField]
        let start = Int(range.offset)
        let value = range.isNone ? nil : String(decoding: bytes[start..<start + Int(range.length)], as: UTF8.self)
        return judge?.takes(value) ?? true
    }

    /// The cursor after a batch in which the tracked fields were last `texts`.
    mutating func move(to texts: [String]?) -> Cursor? {
        guard var state else { return nil }
        if let texts {
            if state.phase == .load { state.after = texts } else { state.from = texts.first }
            self.state = state
        }
        return state.written()
    }

    /// Moves a cursor of judged texts, once all have come.
    mutating func end(isWhole: Bool) {
        guard isWhole, isSettled, let best = judge?.best else { return }
        state?.from = written(best)
    }
}
