import Answers
import HeatModel
import JSONText
import Logging
import NIOCore
import Setup
import Store

/// What one event loop does in one turn: the requests that its connections have brought are answered from one snapshot of the
/// store, their accesses are written to the log together, and only then do the answers go to the sockets.
///
/// A turn begins with the first request and ends when the loop has handled all that was ready, some dozens of microseconds
/// later. So the snapshot is never older than the requests that are answered from it, a commit is seen in the next turn, no
/// snapshot is held while the loop sleeps, and its cost (a lock in shared memory taken and given back), the log's write and the
/// sockets' wake-ups are shared by all requests of the turn.
///
/// Reading on the event loop blocks it. A keyed read touches two pages: the account's in the index of numbers, which fit into the
/// connection's cache as a whole (25 MB a million accounts), and the view's, which the system's page cache holds if memory
/// allows. That takes 5 to 10 µs, less than handing the work to another thread and back. A page that must come from the disk
/// stops the loop for as long as the disk takes; on a machine whose memory does not hold the store, that bounds the throughput
/// of a loop to what one queue of the disk gives, as it would bound any thread.
///
/// Over servers a turn waits for nothing where all that is asked for are accounts: they are asked for together at its end, and answered when
/// their views have come (``ViewPipeline``). What rests on more than a view is still asked for here, a round trip each.
///
/// Confined to its event loop.
final class Turn: @unchecked Sendable {
    private let gateway: Gateway
    private let answerer: Answerer
    private let loop: any EventLoop
    private let readers: Readers
    /// What has begun in this turn.
    private var open: [any SnapshotReader] = []
    private var isScheduled = false
    private var entries: [[UInt8]] = []
    private var ready: [(connection: Connection, answer: Answer)] = []
    private(set) var writer = AnswerWriter()
    private var dateSecond: Int64 = -1
    /// `"at":"2026-11-22T19:30:00.123+08:00",`, renewed in each turn.
    private var stamp: [UInt8] = []

    init(gateway: Gateway, answerer: Answerer, loop: any EventLoop) throws {
        self.gateway = gateway
        self.answerer = answerer
        self.loop = loop
        if let servers = gateway.servers {
            readers = .servers(
                primary: try servers.makeSnapshotReader(at: .primary), replica: try servers.makeSnapshotReader(at: .replica),
                views: try servers.makeViewPipeline(at: .replica) { work in loop.execute(work) })
        } else {
            readers = .one(try gateway.store.makeSnapshotReader(cacheMegabytes: gateway.settings.cacheMegabytes))
        }
    }

    /// How the store is read: on this machine, or of servers.
    private enum Readers {
        case one(any SnapshotReader)
        case servers(primary: any StateReader, replica: any StateReader, views: any ViewPipeline)
    }

    /// What becomes of a call that needs no waiting.
    enum Outcome {
        case answered(Answer)
        /// It was sent to a server, and the connection is told when the answer has come.
        case underWay
        /// It needs waiting after all: a server has not come so far, or does not answer.
        case elsewhere
    }

    func answer(_ call: Call, for connection: Connection) -> Outcome {
        guard let kind = call.route.kind else {
            return .answered(gateway.constantPage(call.route) ?? gateway.answer(to: Problem.notFound, of: call))
        }
        do {
            let question = try call.question(kind)
            switch readers {
            case .one(let reader):
                try begin(reader)
                return .answered(
                    gateway.answer(answerer.reply(to: question, for: call.requester, in: reader), to: call, kind))
            case .servers(_, let replica, let views):
                if case .account(let number, .present) = question, kind.readsReplica {
                    ask(number, question, call, kind, of: views, beside: replica, for: connection)
                    return .underWay
                }
                return answer(question, call, kind)
            }
        } catch {
            return .answered(gateway.answer(to: error, of: call, account: call.account))
        }
    }

    /// Asks a server, and waits for what it says.
    private func answer(_ question: Question, _ call: Call, _ kind: QuestionKind) -> Outcome {
        guard case .servers(let primary, let replica, _) = readers else { return .elsewhere }
        let reader = kind.readsReplica ? replica : primary
        do { try begin(reader) } catch { return .elsewhere }
        if let seen = call.seen, reader.state < seen { return .elsewhere }
        var reply = answerer.reply(to: question, for: call.requester, in: reader)
        if reply.isDisconnected { return .elsewhere }
        reply.state = reader.state
        return .answered(gateway.answer(reply, to: call, kind))
    }

    /// Asks a server for an account's view, together with whatever else this turn asks for, and goes on.
    private func ask(
        _ number: String, _ question: Question, _ call: Call, _ kind: QuestionKind, of views: any ViewPipeline,
        beside reader: any StateReader, for connection: Connection
    ) {
        views.ask(number: Array(number.utf8)) { [self] answer in
            guard let answer, call.seen.map({ answer.state >= $0 }) ?? true else { return connection.answerElsewhere(call) }
            var reply = answerer.reply(
                to: question, for: call.requester, in: GivenView(number: number, answer: answer, beside: reader))
            reply.state = answer.state
            connection.finish(gateway.answer(reply, to: call, kind), caller: call.caller.id)
        }
        schedule()
    }

    private func begin(_ reader: any SnapshotReader) throws {
        if open.contains(where: { $0 === reader }) { return }
        try reader.begin()
        open.append(reader)
        schedule()
    }

    /// Has an answer go out at the turn's end, after its accesses are written down.
    func finish(_ answer: Answer, caller: String, peer: String, requestID: String, for connection: Connection) {
        schedule()
        for access in answer.accesses {
            var json = JSONBytes()
            json.raw(currentStamp())
            access.write(caller: caller, peer: peer, requestID: requestID, into: &json)
            entries.append(json.bytes)
        }
        ready.append((connection, answer))
    }

    private func schedule() {
        if isScheduled { return }
        isScheduled = true
        loop.assumeIsolated().execute { self.end() }
    }

    private func end() {
        isScheduled = false
        if case .servers(_, _, let views) = readers { views.flush() }
        for reader in open { reader.end() }
        open.removeAll(keepingCapacity: true)
        stamp.removeAll(keepingCapacity: true)
        renewDate()
        var failure: Problem?
        if !entries.isEmpty {
            do {
                try gateway.log.append(entries)
            } catch {
                // Without a record there is no access.
                gateway.logger.error("the access log cannot be written", metadata: ["error": "\(error)"])
                failure = Problem(error)
            }
            entries.removeAll(keepingCapacity: true)
        }
        let answers = ready
        ready.removeAll(keepingCapacity: true)
        for (connection, answer) in answers {
            if let failure, !answer.accesses.isEmpty {
                connection.send(Answer(failure, requestID: connection.requestID), writer)
            } else {
                connection.send(answer, writer)
            }
        }
    }

    private func renewDate() {
        let second = WallClock.microseconds / 1_000_000
        guard second != dateSecond else { return }
        dateSecond = second
        writer.date = Array("Date: \(WallClock.httpDate(second: second))\r\n".utf8)
    }

    private func currentStamp() -> [UInt8] {
        if stamp.isEmpty { stamp = Array("\"at\":\"\(WallClock.now(in: gateway.offsetMinutes))\",".utf8) }
        return stamp
    }
}

/// A view that a server has handed over, as the snapshot that it was read from.
private final class GivenView: StateReader {
    private let number: String
    private let answer: ViewAnswer
    /// Whom to ask for anything else.
    private let beside: any StateReader

    init(number: String, answer: ViewAnswer, beside: any StateReader) {
        self.number = number
        self.answer = answer
        self.beside = beside
    }

    var state: StoreState { answer.state }
    var reader: any StoreReader { beside.reader }
    func begin() {}
    func end() {}

    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool {
        guard number.elementsEqual(self.number.utf8) else { return try beside.withView(number: number, body) }
        if let view = answer.view { try body(view) }
        return answer.view != nil
    }

    func forEachView(after: AccountID?, _ body: (AccountID, UnsafeRawBufferPointer) throws -> Bool) throws {
        try beside.forEachView(after: after, body)
    }
}

extension Reply {
    /// Nothing was read: the server went away.
    fileprivate var isDisconnected: Bool {
        guard case .failure(let problem) = result else { return false }
        return problem.underlying?.code == .storeDisconnected
    }
}
