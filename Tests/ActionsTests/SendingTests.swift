import Evidence
import Foundation
import HeatModel
import LegacyEstate
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Actions

/// What a system does wrong never makes a second order, and nothing is called done that is not there.
@Suite struct SendingTests {
    @Test func everyKindIsDone() async throws {
        let desk = try await Desk()
        let create = try desk.ask(3, ["words": "客厅 <16 度 & 冰凉", "phone": "13800005678", "urgent": "true"])
        await desk.drain()
        let made = try desk.state(create)
        let number = try #require(made.externalID)
        #expect(made.state == .confirmed && number == desk.made.first?.order)
        #expect(desk.made.first?.description == "客厅 <16 度 & 冰凉" && desk.made.first?.isUrgent == true)
        #expect(desk.made.first?.kind == "不热" && desk.made.first?.reference == create.request.reference)
        let steps: [(ActionKind, [String: String])] = [
            (.amendWorkOrder, ["words": "卧室也冷"]), (.cancelWorkOrder, ["reason": "自己好了"]),
        ]
        for (kind, more) in steps {
            let action = try desk.ask(3, kind: kind, more.merging(["order": number]) { $1 })
            await desk.drain()
            #expect(try desk.state(action).state == .confirmed)
        }
        // Nothing can be done any more: the system's words.
        let late = try desk.ask(3, kind: .cancelWorkOrder, ["order": number])
        let visit = try desk.ask(3, kind: .recordFollowUp, ["order": number, "satisfaction": "satisfied"])
        await desk.drain()
        let refused = try desk.state(late)
        #expect(refused.state == .refused && refused.message == "工单已结束,不能修改或取消")
        #expect(try desk.state(visit).message == "工单未完成,不能重开或回访")
        #expect(desk.service.entries.map(\.operation) == [.create, .amend, .cancel])
        #expect(try desk.chainProblem() == nil)
        await desk.service.stop()
    }

    /// A system that takes the order and answers an error, closes the connection, or answers too late.
    @Test(arguments: ["errorsAfter=1000", "closesAfter=1000", "faultsAfter=1000"])
    func whatTookEffectIsFound(_ misbehaviour: String) async throws {
        let desk = try await Desk(misbehaviour)
        let action = try desk.ask()
        await desk.drain()
        let stands = try desk.state(action)
        #expect(stands.state == .confirmed && stands.externalID == desk.made.first?.order, "\(stands)")
        #expect(desk.made.count == 1)
        #expect(try desk.attempts(action).map(\.kind) == [.send, .probe])
        #expect(try desk.chainProblem() == nil)
        await desk.service.stop()
    }

    @Test(.enabled(if: isHeavy)) func whatIsAnsweredTooLateIsFound() async throws {
        let desk = try await Desk("late=1000,delay=6000", total: 2)
        let action = try desk.ask()
        await desk.drain()
        let stands = try desk.state(action)
        #expect(stands.state == .confirmed && stands.externalID == desk.made.first?.order, "\(stands)")
        #expect(desk.made.count == 1)
        #expect(try desk.attempts(action).last?.kind == .probe)
        await desk.service.stop()
    }

    /// What may still take effect after its caller gave up is waited for; only then it is sent again.
    @Test(.enabled(if: isHeavy)) func whatTookNoEffectIsSentAgainOnlyAfterItSettled() async throws {
        let desk = try await Desk("closesBefore=1000", total: 5, settle: 6)
        let action = try desk.ask()
        let healed = Task {
            while try desk.attempts(action).count < 2 { try await Task.sleep(for: .milliseconds(20)) }
            desk.service.misbehave(DispatchMisbehaviour())
        }
        await desk.drain()
        try await healed.value
        let attempts = try desk.attempts(action)
        #expect(try desk.state(action).state == .confirmed)
        #expect(desk.made.count == 1)
        let sends = attempts.filter { $0.kind == .send }
        try #require(sends.count == 2)
        #expect(sends[1].begunAt.microseconds - sends[0].begunAt.microseconds >= 6_000_000)
        #expect(attempts.contains { $0.result == "absent yet" } && attempts.contains { $0.result == "absent" })
        await desk.service.stop()
    }

    /// All at once, by chance: what took effect is found, however often the question fails.
    @Test func aSystemThatDoesEverythingWrongEndsWithOneOrderEach() async throws {
        let desk = try await Desk(
            "seed=5,late=120,closesAfter=200,faultsAfter=200,errorsAfter=200,queryCloses=150,queryFaults=150,delay=6000",
            total: 4, attempts: 1000)
        let all = try (0..<24).map { try desk.ask(10 + $0 % 20) }
        await desk.drain()
        for action in all {
            let stands = try desk.state(action)
            let order = desk.made.first { $0.reference == action.request.reference }
            #expect(stands.state == .confirmed && stands.externalID == order?.order && order != nil, "\(stands)")
        }
        #expect(desk.made.count == 24 && Set(desk.made.map(\.reference)).count == 24)
        #expect(try desk.chainProblem() == nil)
        await desk.service.stop()
    }

    /// What is left of a reference that was cut is known again, unless hardly anything is left.
    @Test(arguments: [
        ("reference=10,closesAfter=1000", ActionState.confirmed), ("reference=4,closesAfter=1000", .unknown),
    ])
    func aReferenceThatIsCutMakesNoSecondOrder(_ misbehaviour: String, _ state: ActionState) async throws {
        let desk = try await Desk(misbehaviour, attempts: 3)
        let action = try desk.ask()
        await desk.drain()
        let stands = try desk.state(action)
        #expect(stands.state == state && stands.isDead == (state == .unknown), "\(stands)")
        #expect(desk.made.count == 1)
        if state == .unknown { #expect(stands.message?.contains("carries no reference") == true) }
        await desk.service.stop()
    }

    /// A change that was made, and whose reference was cut, is found in its order, however old that is: sent again, it would be refused.
    @Test(arguments: [
        ("reference=10,closesAfter=1000", ActionState.confirmed), ("reference=4,closesAfter=1000", .unknown),
    ])
    func aChangeWhoseReferenceIsCutIsNotSentAgain(_ misbehaviour: String, _ state: ActionState) async throws {
        let desk = try await Desk(attempts: 3)
        let create = try desk.ask()
        await desk.drain()
        let number = try #require(try desk.state(create).externalID)
        desk.service.misbehave(try #require(DispatchMisbehaviour(misbehaviour)))
        let cancel = try desk.ask(7, kind: .cancelWorkOrder, ["order": number])
        await desk.drain()
        #expect(try desk.state(cancel).state == state)
        #expect(desk.service.entries.map(\.operation) == [.create, .cancel])
        await desk.service.stop()
    }

    /// An order of the same kind without a reference may be ours: nobody can tell, and a person is asked.
    @Test func anOrderFromTheDeskLeavesItUnknown() async throws {
        let desk = try await Desk("closesBefore=1000", attempts: 3)
        var byHand = DispatchEntry(operation: .create, at: 0, order: "")
        byHand.account = desk.account(7)
        byHand.kind = "不热"
        try desk.service.write(byHand)
        let action = try desk.ask()
        await desk.drain()
        let stands = try desk.state(action)
        #expect(stands.state == .unknown && stands.isDead)
        #expect(desk.made.count == 1)
        // A leak is another matter.
        let other = try desk.ask(7, ["problem": "leak"])
        desk.service.misbehave(DispatchMisbehaviour())
        await desk.drain()
        #expect(try desk.state(other).state == .confirmed)
        // The person has seen what is there.
        let dropped = try desk.outbox.drop(action.id, by: "cli:test", reason: "made by hand")
        #expect(dropped.state == .dropped && desk.made.count == 2)
        #expect(try desk.chainProblem() == nil)
        await desk.service.stop()
    }

    /// A replica that lags says of which moment it is: that nothing is there yet proves nothing.
    @Test func aReplicaThatLagsIsWaitedFor() async throws {
        let desk = try await Desk("closesAfter=1000,stale=4000", attempts: 3)
        let action = try desk.ask()
        await desk.drain()
        #expect(try desk.state(action).state == .confirmed)
        #expect(desk.made.count == 1)
        await desk.service.stop()
    }

    @Test func aProbeThatFindsTwoConfirmsOneAndSaysSo() async throws {
        let desk = try await Desk("closesAfter=1000,queryFaults=1000", attempts: 1000)
        let action = try desk.ask()
        let repeated = Task {
            defer { desk.service.misbehave(DispatchMisbehaviour()) }
            while try desk.made.isEmpty || desk.attempts(action).count < 3 {
                try await Task.sleep(for: .milliseconds(20))
            }
            // Somebody has typed it in again, reference and all.
            try desk.service.write(try #require(desk.made.first))
        }
        await desk.drain()
        try await repeated.value
        let stands = try desk.state(action)
        let numbers = desk.made.map(\.order)
        #expect(stands.state == .confirmed && stands.externalID == numbers.first && numbers.count == 2)
        #expect(stands.message?.contains("2 times: \(numbers.joined(separator: ", "))") == true, "\(stands)")
        await desk.service.stop()
    }

    /// While nobody can say what became of it, it is unknown, and shown so.
    @Test func whileTheProbeFailsItIsUnknown() async throws {
        let desk = try await Desk("closesAfter=1000,queryFaults=1000", attempts: 3)
        let action = try desk.ask()
        await desk.drain()
        let stands = try desk.state(action)
        #expect(stands.state == .unknown && stands.isDead && stands.externalID == nil)
        #expect(try desk.attempts(action).filter { $0.kind == .send }.count == 1)
        desk.service.misbehave(DispatchMisbehaviour())
        _ = try desk.outbox.retry(action.id, by: "cli:test")
        await desk.drain()
        #expect(try desk.state(action).state == .confirmed)
        #expect(desk.made.count == 1)
        #expect(try desk.chainProblem() == nil)
        await desk.service.stop()
    }

    /// Without a probe nothing that is unclear is ever sent again.
    @Test func withoutAProbeAPersonIsAsked() async throws {
        let desk = try await Desk("closesBefore=1000", attempts: 2, probes: [])
        let action = try desk.ask()
        await desk.drain()
        let stands = try desk.state(action)
        #expect(stands.state == .unknown && stands.isDead)
        #expect(try desk.attempts(action).filter { $0.kind == .send }.count == 1)
        await desk.service.stop()
    }

    @Test func aSystemThatIsNotThereIsTriedAgain() async throws {
        let desk = try await Desk(attempts: 3)
        let address = try #require(desk.service.address)
        let port = try #require(Int(address.split(separator: ":").last?.prefix { $0.isNumber } ?? ""))
        await desk.service.stop()
        let action = try desk.ask()
        await desk.drain()
        var stands = try desk.state(action)
        // Nothing was sent: that is known.
        #expect(stands.state == .accepted && stands.isDead && stands.tries == 3)
        #expect(try desk.attempts(action).map(\.result) == Array(repeating: "source.unreachable", count: 3))
        _ = try await desk.service.start(port: port)
        _ = try desk.outbox.retry(action.id, by: "cli:test")
        await desk.drain()
        stands = try desk.state(action)
        #expect(stands.state == .confirmed && desk.made.count == 1)
        await desk.service.stop()
    }

    /// A request that may yet take effect is not sent again because a clock jumped.
    @Test(arguments: [true, false]) func aClockThatIsPutForwardMakesNoSecondOrder(_ isWatched: Bool) async throws {
        let desk = try await Desk("closesBefore=1000", attempts: 3, readsMoment: false)
        let action = try desk.ask()
        let ahead = Mutex(Int64(0))
        let wall: @Sendable () -> Instant = {
            Instant(microseconds: Instant.now.microseconds + ahead.withLock { $0 }, offsetMinutes: 0)
        }
        // The other one begins after the jump, as one that knows nothing of it.
        func worker() -> ActionWorker {
            ActionWorker(
                desk.outbox, atOnce: 1, pause: 20, owner: .current, clock: ClockWatch(wall: wall), onError: { _ in })
        }
        let first = worker()
        func sends() throws -> Int { try desk.attempts(action).filter { $0.kind == .send }.count }
        func run(_ worker: ActionWorker, until isDone: @escaping @Sendable () throws -> Bool) async {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    worker.run(drains: true) { (try? isDone()) == true }
                    continuation.resume()
                }
            }
        }
        await run(first) {
            try desk.state(action).state == .unknown && desk.attempts(action).contains { $0.kind == .probe }
        }
        ahead.withLock { $0 = 40_000 * 1_000_000 }
        let probes = try desk.attempts(action).count
        await run(isWatched ? first : worker()) { try desk.attempts(action).count > probes + 1 }
        #expect(try sends() == (isWatched ? 1 : 2))
        #expect(try desk.state(action).message?.contains("clock was put forward") == (isWatched ? true : false))
        await desk.service.stop()
    }

    @Test func whoMayNotWriteHasSentNothing() async throws {
        let desk = try await Desk(attempts: 2)
        let yaml = try Desk.yaml(
            try #require(desk.service.address), settle: 36_000, attempts: 2, probes: ["reference"], readsMoment: true
        ).replacing(Estate.dispatchWriterPassword, with: "wrong")
        let outbox = Outbox(store: desk.store, systems: [try #require(actions(yaml).system)])
        let action = try desk.ask()
        let worker = ActionWorker(outbox, pause: 20) { _ in }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                worker.run(drains: true) { false }
                continuation.resume()
            }
        }
        let stands = try desk.state(action)
        #expect(stands.state == .accepted && stands.isDead)
        #expect(try desk.attempts(action).allSatisfy { $0.result == "source.unauthorized" })
        await desk.service.stop()
    }

    /// A worker that dies while it sends leaves what nobody knows; another finds out.
    /// What a dead worker was sending is unknown from the claim on, for the chain too; a claim that does not say so is found.
    @Test(arguments: [true, false]) func theChainFollowsADeadWorker(_ byOutbox: Bool) async throws {
        let desk = try await Desk()
        let action = try desk.ask()
        let dead = LeaseOwner(host: LeaseOwner.current.host, process: Int32.max - 1, processStart: 1)
        try desk.store.write { store in
            let claim = try store.claimAction(systems: ["dispatch"], owner: dead, seconds: 600) { _ in true }
            _ = try store.beginAttempt(try #require(claim), .send)
            let sending = try #require(try store.action(action.id))
            try AuditTrail.note(action: sending, was: .accepted, by: nil, result: "send 1", in: store)
        }
        #expect(try desk.chainProblem() == nil)
        let claim =
            byOutbox
            ? try desk.outbox.claim(systems: ["dispatch"], owner: .current, seconds: 600)
            : try desk.store.write {
                try $0.claimAction(systems: ["dispatch"], owner: .current, seconds: 600, isAlive: LeaseOwner.isAlive)
            }
        #expect(claim?.before == .sending && claim?.action.state == .unknown)
        #expect(try (desk.chainProblem() == nil) == byOutbox)
        await desk.service.stop()
    }

    @Test(arguments: isHeavy ? [true, false] : [true]) func aDeadWorkersActionIsSettledByAnother(_ tookEffect: Bool)
        async throws
    {
        let desk = try await tookEffect ? Desk() : Desk(total: 5, settle: 6)
        let action = try desk.ask()
        let dead = LeaseOwner(host: LeaseOwner.current.host, process: Int32.max - 1, processStart: 1)
        try desk.store.write { store in
            let claim = try store.claimAction(systems: ["dispatch"], owner: dead, seconds: 600) { _ in true }
            _ = try store.beginAttempt(try #require(claim), .send)
        }
        if tookEffect {
            var entry = DispatchEntry(operation: .create, at: 0, order: "")
            entry.account = desk.account(7)
            entry.kind = "不热"
            entry.reference = action.request.reference
            try desk.service.write(entry)
        }
        await desk.drain()
        #expect(try desk.state(action).state == .confirmed)
        #expect(desk.made.count == 1)
        #expect(try desk.attempts(action).map(\.kind).prefix(2) == [.send, .probe])
        await desk.service.stop()
    }
}
