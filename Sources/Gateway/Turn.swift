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
                primary: try servers.makeSnapshotReader(at: .primary), replica: try servers.makeSnapshotReader(at: .replica))
        } else {
            readers = .one(try gateway.store.makeSnapshotReader(cacheMegabytes: gateway.settings.cacheMegabytes))
        }
    }

    /// How the store is read: on this machine, or of servers.
    private enum Readers {
        case one(any SnapshotReader)
        case servers(primary: any StateReader, replica: any StateReader)
    }

    /// Answers a call that needs no waiting; nil where it does after all, since a server has not come so far or does not answer.
    func answer(_ call: Call) -> Answer? {
        guard let kind = call.route.kind else {
            return gateway.constantPage(call.route) ?? gateway.answer(to: Problem.notFound, of: call)
        }
        do {
            let question = try call.question(kind)
            switch readers {
            case .one(let reader):
                try begin(reader)
                return gateway.answer(answerer.reply(to: question, for: call.requester, in: reader), to: call, kind)
            case .servers(let primary, let replica):
                let reader = kind.readsReplica ? replica : primary
                do { try begin(reader) } catch { return nil }
                if let seen = call.seen, reader.state < seen { return nil }
                var reply = answerer.reply(to: question, for: call.requester, in: reader)
                if reply.isDisconnected { return nil }
                reply.state = reader.state
                return gateway.answer(reply, to: call, kind)
            }
        } catch {
            return gateway.answer(to: error, of: call, account: call.account)
        }
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

extension Reply {
    /// Nothing was read: the server went away.
    fileprivate var isDisconnected: Bool {
        guard case .failure(let problem) = result else { return false }
        return problem.underlying?.code == .storeDisconnected
    }
}
