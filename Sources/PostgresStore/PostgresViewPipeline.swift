import CLibPQ
import HeatModel
import Store
import StoreSQL

/// The views that one event loop asks for, over one connection in libpq's pipeline mode: what was asked for in a turn of the loop goes to the
/// server together, as one statement, while the answers to what went before are still on their way. Nothing here waits.
///
/// A statement tells the state of its own snapshot, so that each view stands beside the state that it belongs to. Where one fails its accounts
/// are asked for again, each alone, so that what is wrong with one is not the others' fault. What cannot be answered here (a connection
/// that was lost, a server that is silent, a row that cannot be read) is handed back, and asked for in the way that may wait and
/// says what is wrong.
///
/// Confined to its event loop: what comes from the thread that watches the socket is handed to the loop first.
final class PostgresViewPipeline: ViewPipeline, @unchecked Sendable {
    /// A connection, and what its rows are packed by.
    ///
    /// `@unchecked Sendable`: of the thread that opens it until it is handed over.
    final class Line: @unchecked Sendable {
        let connection: Connection
        let packing: Packing
        /// What was fetched of the table `packing`, by its number.
        let methods: Methods

        final class Methods {
            var rows: [Int64: (kind: Int64, share: Int64, content: [UInt8])] = [:]
        }

        /// Opens it, and makes its statements.
        init(_ target: Target) throws {
            connection = try Connection(target)
            let methods = Methods()
            self.methods = methods
            packing = try Packing(
                PackingTable { number in
                    guard let row = methods.rows[number] else { throw UnknownPacking(number: number) }
                    return row
                })
            try connection.execute(PostgresViewPipeline.statements)
            guard PQsetnonblocking(connection.handle, 1) == 0, PQenterPipelineMode(connection.handle) == 1 else {
                throw connection.failure(nil)
            }
        }
    }

    /// A row names what is not known here yet.
    private struct UnknownPacking: Error { var number: Int64 }

    private struct Asked {
        var number: [UInt8]
        var then: (ViewAnswer?) -> Void
        /// What it was asked together with could not be answered.
        var isAlone = false
        /// It was answered once, with a row that could not be unpacked then.
        var isAgain = false
    }

    private enum Sent {
        case views([Asked])
        case packing(Int64)
        case mark
    }

    /// Statements under way at once: the server works at one while the answer to the other is read here. What comes meanwhile is collected.
    private static let mostUnderWay = 2
    /// Accounts in a statement.
    private static let mostTogether = 128

    private static let statements = """
        PREPARE hearth_views(text[]) AS
            SELECT c.number, r.number, n.place, v.packing_id, v.packed
            FROM committed c JOIN committed r ON r.slot = \(Session.viewed) CROSS JOIN unnest($1) WITH ORDINALITY AS n(number, place)
            LEFT JOIN account a ON a.number = n.number COLLATE "C" LEFT JOIN account_view v ON v.account_id = a.id
            WHERE c.slot = \(Session.counted);
        PREPARE hearth_packing(bigint) AS SELECT kind, share, content FROM packing WHERE id = $1
        """

    private let watch: SocketWatch
    private let run: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let next: Renewal<Line>
    private let silence: Duration
    private var line: Line?
    private var watched: UInt64?
    private var waiting: [Asked] = []
    private var wanted: [Int64] = []
    private var sent: [Sent] = []
    private var underWay = 0
    private var hasResult = false
    private var isReading = false
    /// Since when the server says nothing, while something is under way.
    private var silentSince: ContinuousClock.Instant?

    /// - Parameters:
    ///   - silence: what is not answered for so long is handed back; a connection that says nothing for three times as long is given up.
    ///   - run: has the loop run something.
    init(
        _ target: Target, silence: Duration, watch: SocketWatch,
        on run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.watch = watch
        self.run = run
        self.silence = silence
        next = Renewal { try Line(target) }
        next.open()
    }

    deinit {
        if let watched { watch.remove(watched) }
    }

    // MARK: Asking

    func ask(number: [UInt8], then: @escaping (ViewAnswer?) -> Void) {
        waiting.append(Asked(number: number, then: then))
    }

    func flush() {
        if isReading || waiting.isEmpty && wanted.isEmpty { return }
        guard silentSince == nil, let line = connected() else { return handBack() }
        for number in wanted {
            wanted.removeFirst()
            let isSent = withUnsafeBytes(of: number.bigEndian) {
                send("hearth_packing", $0, line)
            }
            guard isSent else { return giveUp() }
            sent += [.packing(number), .mark]
        }
        while underWay < Self.mostUnderWay, !waiting.isEmpty {
            let together =
                waiting[0].isAlone ? 1 : min(Self.mostTogether, waiting.firstIndex(where: \.isAlone) ?? waiting.count)
            var numbers = ListParameter(.texts)
            for asked in waiting.prefix(together) { asked.number.withUnsafeBytes { numbers.append(text: $0) } }
            guard numbers.encoded.withUnsafeBytes({ send("hearth_views", $0, line) }) else { return giveUp() }
            sent += [.views(Array(waiting.prefix(together))), .mark]
            waiting.removeFirst(together)
            underWay += 1
        }
        wait(line)
    }

    private func send(_ statement: String, _ parameter: UnsafeRawBufferPointer, _ line: Line) -> Bool {
        var value = parameter.baseAddress?.assumingMemoryBound(to: CChar.self)
        var (length, format) = (Int32(parameter.count), Int32(1))
        return PQsendQueryPrepared(line.connection.handle, statement, 1, &value, &length, &format, 1) == 1
            && PQpipelineSync(line.connection.handle) == 1
    }

    private func connected() -> Line? {
        if let line, !line.connection.isBroken { return line }
        if line != nil { giveUp() }
        // Where nobody answers, the way that may wait says so.
        guard let opened = try? next.take() else { return nil }
        line = opened
        watched = watch.add(PQsocket(opened.connection.handle)) { [weak self, run] finding in
            run { [weak self] in self?.proceed(finding) }
        }
        return opened
    }

    private func wait(_ line: Line) {
        guard let watched, !sent.isEmpty else { return }
        let left = PQflush(line.connection.handle)
        if left < 0 { return giveUp() }
        watch.wait(watched, forWriting: left == 1, until: .now + silence)
    }

    // MARK: Answers

    private func proceed(_ finding: SocketWatch.Finding) {
        guard let line else { return }
        switch finding {
        case .silent: beSilent(line)
        case .ready:
            silentSince = nil
            isReading = true
            let isWell = PQconsumeInput(line.connection.handle) == 1 && take(line)
            isReading = false
            if !isWell { giveUp() }
            flush()
        }
        if let line = self.line { wait(line) }
    }

    /// A server that stands still keeps its connections open.
    private func beSilent(_ line: Line) {
        let since = silentSince ?? .now - silence
        silentSince = since
        if ContinuousClock.now - since > silence * 3 { return giveUp() }
        // The answers may still come: to nobody.
        for (index, entry) in sent.enumerated() {
            guard case .views(let asked) = entry else { continue }
            sent[index] = .views([])
            for one in asked { one.then(nil) }
        }
        handBack()
    }

    /// Takes what has come. False where the connection is gone.
    private func take(_ line: Line) -> Bool {
        let handle = line.connection.handle
        while let first = sent.first {
            if PQisBusy(handle) == 1 { return true }
            guard let result = PQgetResult(handle) else {
                // The end of a statement's results.
                if !hasResult { return PQstatus(handle) == CONNECTION_OK }
                hasResult = false
                sent.removeFirst()
                continue
            }
            defer { PQclear(result) }
            if case .mark = first {
                guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else { return false }
                sent.removeFirst()
                continue
            }
            hasResult = true
            let isWell = PQresultStatus(result) == PGRES_TUPLES_OK
            if !isWell, PQstatus(handle) != CONNECTION_OK { return false }
            switch first {
            case .views(let asked):
                // Whatever becomes of the connection from here on, these are not asked for twice.
                sent[0] = .views([])
                underWay -= 1
                if isWell { answer(asked, result, line) } else { retry(asked) }
            case .packing(let number):
                if isWell, PQntuples(result) == 1 {
                    line.methods.rows[number] = (
                        Self.integer(result, 0, 0), Self.integer(result, 0, 1), Array(Self.bytes(result, 0, 2))
                    )
                }
            case .mark: break
            }
        }
        return true
    }

    private func answer(_ asked: [Asked], _ result: OpaquePointer, _ line: Line) {
        var isAnswered = [Bool](repeating: false, count: asked.count)
        for row in 0..<PQntuples(result) {
            let place = Int(Self.integer(result, row, 2)) - 1
            guard asked.indices.contains(place), !isAnswered[place] else { continue }
            isAnswered[place] = true
            let run = Self.integer(result, row, 1)
            let state = StoreState(commit: Self.integer(result, row, 0), run: run == 0 ? nil : RunID(run))
            if PQgetisnull(result, row, 3) == 1 {
                asked[place].then(ViewAnswer(state: state, view: nil))
                continue
            }
            var one = asked[place]
            do {
                let isRead: Void? = try line.packing.unpacking(
                    Self.bytes(result, row, 4), packing: Self.integer(result, row, 3)
                ) {
                    one.then(ViewAnswer(state: state, view: ViewSlice(body: $0, runs: $1)))
                }
                if isRead == nil { one.then(nil) }
            } catch let unknown as UnknownPacking where !one.isAgain {
                if !wanted.contains(unknown.number) { wanted.append(unknown.number) }
                one.isAgain = true
                waiting.append(one)
            } catch {
                one.then(nil)
            }
        }
        for (place, one) in asked.enumerated() where !isAnswered[place] { one.then(nil) }
    }

    /// One of them is at fault, and nobody knows which.
    private func retry(_ asked: [Asked]) {
        if asked.count == 1 { return asked[0].then(nil) }
        waiting += asked.map { one in
            var one = one
            one.isAlone = true
            return one
        }
    }

    /// Has what waits asked for elsewhere.
    private func handBack() {
        let asked = waiting
        waiting = []
        wanted = []
        for one in asked { one.then(nil) }
    }

    /// The connection is lost: another one is made beside the loop.
    private func giveUp() {
        if let watched { watch.remove(watched) }
        watched = nil
        line = nil
        let under = sent
        sent = []
        (underWay, hasResult, silentSince) = (0, false, nil)
        next.open()
        for case .views(let asked) in under {
            for one in asked { one.then(nil) }
        }
        handBack()
    }

    // MARK: Columns

    private static func integer(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> Int64 {
        guard let value = PQgetvalue(result, row, column) else { return 0 }
        let bytes = UnsafeRawPointer(value)
        switch PQgetlength(result, row, column) {
        case 8: return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case 4: return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        default: return 0
        }
    }

    private static func bytes(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    }
}
