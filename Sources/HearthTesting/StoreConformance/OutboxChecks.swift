import HeatModel
import Store

extension StoreConformance {
    private static let me = LeaseOwner(host: "here", process: 7, processStart: 70)
    private static let other = LeaseOwner(host: "here", process: 8, processStart: 71)

    private func request(
        _ reference: String, account: String = "00000001", system: String = "dispatch",
        kind: String = "createWorkOrder",
        caller: String = "柜台", key: String? = nil, asks: UInt8 = 1
    ) -> IncomingAction {
        IncomingAction(
            system: system, kind: kind, account: account, caller: caller, key: key ?? reference,
            fingerprint: Array(repeating: asks, count: 32), reference: reference, payload: Array("{\"不热\":1}".utf8))
    }

    @discardableResult
    private func accept(_ scene: StoreScene, _ request: IncomingAction) throws -> StoredAction {
        guard case .accepted(let action) = try scene.store.write({ try $0.accept(request, answerWithin: 30) }) else {
            throw Unexpected(message: "a new request was not accepted")
        }
        return action
    }

    private func claim(
        _ scene: StoreScene, _ owner: LeaseOwner = me, systems: [String] = ["dispatch"], isAlive: Bool = true
    ) throws -> ActionClaim? {
        try scene.store.write {
            try $0.claimAction(systems: systems, owner: owner, seconds: 60) { _ in isAlive }
        }
    }

    private func claimed(_ scene: StoreScene, _ owner: LeaseOwner = me, isAlive: Bool = true) throws -> ActionClaim {
        guard let claim = try claim(scene, owner, isAlive: isAlive) else {
            throw Unexpected(message: "nothing was claimed where an action was due")
        }
        return claim
    }

    @discardableResult
    private func settle(
        _ scene: StoreScene, _ claim: ActionClaim, _ step: ActionStep, kind: ActionAttemptKind? = nil,
        message: String? = nil
    ) throws -> StoredAction {
        try scene.store.write { store in
            let attempt = try kind.map { try store.beginAttempt(claim, $0) }
            return try store.settle(
                claim, attempt: attempt, result: "said", detail: "所说", message: message, step)
        }
    }

    private func state(_ scene: StoreScene, _ id: ActionID) throws -> ActionState? {
        try scene.store.read { try $0.action(id)?.state }
    }

    private func isFenced(_ body: () throws -> Void) throws -> Bool {
        do { try body() } catch let error as HearthError { return error.code == .actionFenced }
        return false
    }

    func actionsAcceptedOnce(_ scene: StoreScene) throws {
        let action = try accept(scene, request("r1", key: "k"))
        func again(_ request: IncomingAction) throws -> ActionAcceptance {
            try scene.store.write { try $0.accept(request, answerWithin: 30) }
        }
        try expect(try again(request("r2", key: "k")), is: .inFlight(action), "a repeat before the answer")
        try expect(try again(request("r2", key: "k", asks: 2)), is: .conflict(action.id), "another request")
        try expect(
            try scene.store.read { try $0.action(caller: "柜台", key: "k") }, is: action, "the action of the key")
        try accept(scene, request("r3", caller: "机器人", key: "k"))
        scene.clock.advance(seconds: 31)
        try expect(try again(request("r2", key: "k")), is: .repeated(action), "a repeat of one that was never answered")
        try scene.store.write { store in
            try store.answerAction(action.id, with: Array("一".utf8))
            try store.answerAction(action.id, with: Array("二".utf8))
        }
        var answered = action
        answered.answer = Array("一".utf8)
        try expect(try again(request("r2", key: "k")), is: .repeated(answered), "a repeat after the answer")
        try expect(
            try again(request("r2", key: "k", asks: 2)), is: .conflict(action.id), "another request after the answer")
        do {
            _ = try again(request("r1", key: "k2"))
            throw Unexpected(message: "two actions have one reference")
        } catch is HearthError {}
        let count = try scene.store.read { try $0.actions(ActionFilter(), before: nil, limit: 9).count }
        try expect(count, is: 2, "actions in all")
    }

    func actionsListed(_ scene: StoreScene) throws {
        let asked = [
            request("a"), request("b", account: "00000002", kind: "cancelWorkOrder"), request("c", system: "crm"),
        ]
        let actions = try asked.map { try accept(scene, $0) }
        try expect(actions.map(\.request), is: asked, "what was asked for")
        let first = actions[0]
        try expect(
            [first.state == .accepted, first.tries == 0, !first.isDead, first.answer == nil, first.externalID == nil],
            is: [true, true, true, true, true], "a new action")
        try expect(first.acceptedAt.microseconds, is: scene.clock.now, "when it was accepted")
        scene.clock.advance(seconds: 5)
        let claim = try claimed(scene)
        try settle(scene, claim, .unknown(after: 9000, isDead: true), kind: .send, message: "没有应答")
        func list(_ filter: ActionFilter, before: ActionID? = nil, limit: Int = 9) throws -> [String] {
            try scene.store.read { try $0.actions(filter, before: before, limit: limit).map(\.request.reference) }
        }
        try expect(try list(ActionFilter()), is: ["c", "b", "a"], "all")
        try expect(try list(ActionFilter(), limit: 2), is: ["c", "b"], "two")
        try expect(try list(ActionFilter(), before: actions[1].id), is: ["a"], "before the second")
        try expect(try list(ActionFilter(states: [.unknown, .refused])), is: ["a"], "by state")
        try expect(try list(ActionFilter(system: "crm")), is: ["c"], "by system")
        try expect(try list(ActionFilter(kind: "cancelWorkOrder")), is: ["b"], "by kind")
        try expect(try list(ActionFilter(account: "00000001")), is: ["c", "a"], "by account")
        try expect(try list(ActionFilter(isDead: true)), is: ["a"], "dead letters")
        try expect(try list(ActionFilter(isDead: false)), is: ["c", "b"], "others")
        let attempts = try scene.store.read { try $0.attempts(of: first.id) }
        let now = Instant(microseconds: scene.clock.now, offsetMinutes: 0)
        try expect(
            attempts,
            is: [
                ActionAttempt(
                    number: 1, kind: .send, fence: claim.fence, begunAt: now, endedAt: now, result: "said",
                    detail: "所说")
            ], "attempts")
        let stands = try scene.store.read { try $0.action(first.id) }
        try expect(stands?.message, is: "没有应答", "its message")
        try expect(stands?.changedAt, is: now, "since when it is unknown")
        try expect(
            stands?.notBefore.microseconds, is: scene.clock.now + 9_000_000, "when it would be looked at again")
    }

    func actionsClaimed(_ scene: StoreScene) throws {
        let one = try accept(scene, request("a1"))
        let two = try accept(scene, request("a2"))
        let three = try accept(scene, request("b1", account: "00000002"))
        let none = try accept(scene, request("n1", account: ""))
        let alsoNone = try accept(scene, request("n2", account: ""))
        try expect(try claim(scene, systems: ["crm"]) == nil, "another system's action was claimed")
        let mine = try claimed(scene)
        try expect(mine.action, is: one, "the first that is claimed")
        // The second of the account waits for the first; others do not.
        try expect(try claimed(scene, Self.other).action.id, is: three.id, "the second that is claimed")
        try expect(
            [try claimed(scene).action.id, try claimed(scene).action.id], is: [none.id, alsoNone.id],
            "those of no account")
        try expect(try claim(scene, Self.other) == nil, "a claimed action was claimed again")
        let taken = try claimed(scene, Self.other, isAlive: false)
        try expect(taken.action.id, is: one.id, "the action of an owner that has ended")
        try expect(taken.fence > mine.fence, "a later claim has no greater number")
        try settle(scene, taken, .confirmed(externalID: "WX1"))
        try expect(try claimed(scene).action.id, is: two.id, "after the first of the account was settled")
        scene.clock.advance(seconds: 59)
        try expect(try claim(scene, Self.other) == nil, "a claim was taken over before it expired")
        scene.clock.advance(seconds: 1)
        try expect(try claimed(scene, Self.other).action.id, is: two.id, "a claim that has expired")
        scene.clock.advance(seconds: -30)
        try expect(try claimed(scene).action.id, is: two.id, "a claim of before the clock went back")
        // What is urgent waits for nothing of its kind that is not, and goes first.
        let slow = try accept(scene, request("u1", account: "00000003"))
        try expect(try claimed(scene).action.id, is: slow.id, "the first of another account")
        let third = try accept(scene, request("u2", account: "00000004"))
        var leak = request("u3", account: "00000003")
        leak.isUrgent = true
        let urgent = try accept(scene, leak)
        let amend = try accept(scene, request("u4", account: "00000003", kind: "amendWorkOrder"))
        try expect(try claimed(scene).action, is: urgent, "what is urgent, beside what was asked for before")
        try expect(try claimed(scene).action.id, is: third.id, "what is not")
        try expect(try claim(scene) == nil, "another kind of action overtook its account's: \(amend.id)")
    }

    func actionsFenced(_ scene: StoreScene) throws {
        let action = try accept(scene, request("a"))
        let old = try claimed(scene)
        let number = try scene.store.write { try $0.beginAttempt(old, .send) }
        try expect(try state(scene, action.id), is: .sending, "an action that is being sent")
        let new = try claimed(scene, Self.other, isAlive: false)
        try expect(new.before, is: .sending, "how the later claim found it")
        try expect(new.action.state, is: .unknown, "what was being sent when its owner ended")
        try expect(new.attempts.map(\.number), is: [number], "the attempts that the later claim sees")
        try expect(new.attempts.first?.endedAt == nil, "an attempt that was cut off has an end")
        try expect(
            try isFenced { try scene.store.write { _ = try $0.beginAttempt(old, .send) } }, "the old claim sends again")
        try expect(try isFenced { try settle(scene, old, .confirmed(externalID: nil)) }, "the old claim settles")
        try expect(try state(scene, action.id), is: .unknown, "after the old claim was refused")
        try settle(scene, new, .goOn, kind: .probe)
        try settle(scene, new, .refused, kind: .send)
        try expect(
            try isFenced { try settle(scene, new, .confirmed(externalID: nil)) }, "a settled action is settled again")
        try expect(try state(scene, action.id), is: .refused, "in the end")
        let kinds = try scene.store.read { try $0.attempts(of: action.id).map(\.kind) }
        try expect(kinds, is: [.send, .probe, .send], "all attempts")
    }

    func actionsSettled(_ scene: StoreScene) throws {
        let action = try accept(scene, request("a"))
        var stands = try settle(scene, claimed(scene), .notSent(after: 5000, isDead: false), kind: .send, message: "忙")
        try expect([stands.state == .accepted, stands.tries == 1], is: [true, true], "after it was not sent")
        try expect(try claim(scene) == nil, "it is tried again at once")
        scene.clock.advance(seconds: 5)
        stands = try settle(scene, claimed(scene), .wait(1000))
        try expect([stands.state == .accepted, stands.tries == 1], is: [true, true], "after its system rested")
        try expect(stands.message, is: "忙", "a message that nothing replaced")
        scene.clock.advance(seconds: 1)
        stands = try settle(scene, claimed(scene), .unknown(after: 1000, isDead: false), kind: .send, message: "没有应答")
        try expect([stands.state == .unknown, stands.tries == 2], is: [true, true], "after no answer")
        scene.clock.advance(seconds: 1)
        let last = try claimed(scene)
        try expect(last.before, is: .unknown, "how it is found")
        _ = try scene.store.write { try $0.beginAttempt(last, .send) }
        try expect(try state(scene, action.id), is: .unknown, "while what is unknown is sent again")
        try settle(scene, last, .goOn)
        stands = try settle(scene, last, .confirmed(externalID: "WX7"), message: "已受理")
        try expect(stands.state, is: .confirmed, "in the end")
        try expect([stands.externalID, stands.message], is: ["WX7", "已受理"], "what the system said")
        try expect(try scene.store.read { try $0.action(action.id) }, is: stands, "what is kept")
        scene.clock.advance(seconds: 9999)
        try expect(try claim(scene) == nil, "a settled action is claimed")
    }

    func deadLettersWait(_ scene: StoreScene) throws {
        let dead = try accept(scene, request("a"))
        let next = try accept(scene, request("b"))
        try settle(scene, claimed(scene), .unknown(after: 0, isDead: true), kind: .send)
        let claim = try claimed(scene)
        try expect(claim.action.id, is: next.id, "what comes after a dead letter")
        func drop(_ id: ActionID) throws -> Bool { try scene.store.write { try $0.dropAction(id, message: "不要了") } }
        func retry(_ id: ActionID) throws -> Bool { try scene.store.write { try $0.retryAction(id) } }
        try expect(try drop(next.id), is: false, "a claimed action is given up")
        try settle(scene, claim, .confirmed(externalID: nil))
        try expect([try drop(next.id), try retry(next.id)], is: [false, false], "a settled action is changed")
        try expect([try drop(ActionID(99)), try retry(ActionID(99))], is: [false, false], "no action is changed")
        try expect(try retry(dead.id), is: true, "a dead letter is tried again")
        let again = try claimed(scene)
        try expect(
            [again.action.id == dead.id, again.action.isDead, again.action.tries == 0], is: [true, false, true], "it")
        try settle(scene, again, .unknown(after: 0, isDead: true))
        try expect(try drop(dead.id), is: true, "a dead letter is given up")
        let stands = try scene.store.read { try $0.action(dead.id) }
        try expect(stands?.state, is: .dropped, "what was given up")
        try expect(stands?.message, is: "不要了", "why")
        try expect([try drop(dead.id), try retry(dead.id)], is: [false, false], "what was given up is changed")
    }

    func actionsCounted(_ scene: StoreScene) throws {
        func counts() throws -> [ActionCount] { try scene.store.read { try $0.actionCounts() } }
        func oldest() throws -> [String: Instant] { try scene.store.read { try $0.oldestUnsettledActions() } }
        try expect(try counts(), is: [], "counts of nothing")
        let first = try accept(scene, request("a", account: "00000001"))
        scene.clock.advance(seconds: 5)
        try accept(scene, request("b", account: "00000002"))
        try accept(scene, request("c", account: "00000003", system: "billing", kind: "requestSuspension"))
        func count(_ system: String, _ kind: String, _ state: ActionState, isDead: Bool = false, _ count: Int64 = 1)
            -> ActionCount
        {
            ActionCount(system: system, kind: kind, state: state, isDead: isDead, count: count)
        }
        let other = count("billing", "requestSuspension", .accepted)
        try expect(try counts(), is: [other, count("dispatch", "createWorkOrder", .accepted, 2)], "what was accepted")
        try expect(try oldest()["dispatch"], is: first.acceptedAt, "the oldest")
        try expect(try oldest().count, is: 2, "systems that have one")
        try settle(scene, claimed(scene), .confirmed(externalID: nil), kind: .send)
        try settle(scene, claimed(scene), .unknown(after: 0, isDead: true), kind: .send)
        try expect(
            try counts(),
            is: [
                other, count("dispatch", "createWorkOrder", .confirmed),
                count("dispatch", "createWorkOrder", .unknown, isDead: true),
            ], "what was settled, and what waits")
        let left = try oldest()
        try expect(left["dispatch"].map { $0.microseconds > first.acceptedAt.microseconds }, is: true, "what is left")
    }

    func actionsForgotten(_ scene: StoreScene) throws {
        func forget(_ before: Int64, limit: Int = 10) throws -> [ActionID] {
            try scene.store.write { try $0.forgetActions(settledBefore: before, limit: limit) }
        }
        var settled: [StoredAction] = []
        for (index, step) in [ActionStep.confirmed(externalID: "W1"), .refused, .dropped].enumerated() {
            let action = try accept(scene, request("r\(index)"))
            settled.append(try settle(scene, claimed(scene), step, kind: .send))
            try scene.store.write { store in
                try store.keep(
                    KeptAnswer(
                        caller: "柜台", key: "r\(index)", fingerprint: [1], account: "00000001", action: action.id,
                        answer: [1]))
            }
            scene.clock.advance(seconds: 10)
        }
        // Its key is known by it alone; the next one is not settled.
        let alone = try accept(scene, request("alone"))
        try settle(scene, claimed(scene), .confirmed(externalID: nil), kind: .send)
        let open = try accept(scene, request("open"))
        scene.clock.advance(seconds: 10)
        try expect(try forget(settled[0].changedAt.microseconds), is: [], "what is not older")
        try expect(try forget(settled[1].changedAt.microseconds), is: [settled[0].id], "the one that is older")
        try expect(try scene.store.read { try $0.action(settled[0].id) } == nil, "what is forgotten is there")
        try expect(try scene.store.read { try $0.attempts(of: settled[0].id) }, is: [], "its attempts")
        try expect(try forget(.max, limit: 1), is: [settled[1].id], "one of two")
        try expect(try forget(.max), is: [settled[2].id], "the last one")
        try expect(try forget(.max), is: [], "what is left")
        let left = try scene.store.read { try $0.actions(ActionFilter(), before: nil, limit: 10) }
        try expect(left.map(\.id), is: [open.id, alone.id], "what stays")
        let kept = try scene.store.read { try $0.keptAnswer(caller: "柜台", key: "r0") }
        try expect(kept?.action, is: settled[0].id, "the answer under its key")
        let next = try accept(scene, request("next"))
        try expect(next.id.number > open.id.number, "a number is given twice")
    }

    func answersKept(_ scene: StoreScene) throws {
        func answer(_ key: String, caller: String = "柜台", action: ActionID? = nil, _ text: String = "一") -> KeptAnswer {
            KeptAnswer(
                caller: caller, key: key, fingerprint: [1, 2, 3], account: "00000001", action: action,
                answer: Array(text.utf8))
        }
        func kept(_ key: String, caller: String = "柜台") throws -> KeptAnswer? {
            try scene.store.read { try $0.keptAnswer(caller: caller, key: key) }
        }
        try expect(try kept("k") == nil, "a key that nobody used is taken")
        let known = [answer("k", action: ActionID(7)), answer("k", caller: "机器人", "二"), answer("k2")]
        try scene.store.write { store in for answer in known { try store.keep(answer) } }
        try expect([try kept("k"), try kept("k", caller: "机器人"), try kept("k2")], is: known, "what was kept")
        do {
            try scene.store.write { try $0.keep(answer("k", "三")) }
            throw Unexpected(message: "two answers stand under one key")
        } catch is HearthError {}
        try expect(try kept("k"), is: known[0], "what was kept first")
        struct Undone: Error {}
        do {
            try scene.store.write { store in
                try store.keep(answer("k3"))
                throw Undone()
            }
        } catch is Undone {}
        try expect(try kept("k3") == nil, "an answer outlived its transaction")
    }
}
