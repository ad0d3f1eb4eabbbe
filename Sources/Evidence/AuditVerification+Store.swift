import Archive
import Audit
import HeatModel
import Store

/// What the store has is what the chain says of it.
extension AuditVerification {
    /// Each action of the outbox is what its last line says, and asks for what was accepted, as long as it is kept.
    mutating func checkActions() throws -> ChainProblem? {
        for id in actions.keys.sorted() {
            if let problem = try settled({ try $0.check(action: id) }) { return problem }
        }
        return nil
    }

    private func check(action id: Int64) throws -> ChainProblem? {
        guard !forgottenActions.contains(id), let (sequence, line) = actions[id] else { return nil }
        guard let action = try store.read({ try $0.action(ActionID(id)) }) else {
            return ChainProblem(.removed, at: "action \(id)", sequence: sequence, "the store has no such action any more")
        }
        let asked = AuditTrail.fingerprint(
            system: action.request.system, kind: action.request.kind, payload: action.request.payload)
        let isStep = line.state == action.state.rawValue && line.externalId == action.externalID
        if AuditTrail.hex(asked) != line.fingerprint || line.reference != action.request.reference || !isStep {
            return ChainProblem(
                .altered, at: "action \(id)", sequence: sequence, "the action is not what the chain says of it")
        }
        return nil
    }

    /// What customers were told stands in the store as it was told, and each hand-off is where its last step left it, as long as they
    /// are kept.
    mutating func checkConversations() throws -> ChainProblem? {
        for id in told.keys.sorted() {
            if let problem = try settled({ try $0.check(conversation: id) }) { return problem }
        }
        for id in handOffs.keys.sorted() {
            if let problem = try settled({ try $0.check(handOff: id) }) { return problem }
        }
        return nil
    }

    private func check(conversation id: Int64) throws -> ChainProblem? {
        guard !forgotten.contains(id), let lines = told[id] else { return nil }
        let conversation = ConversationID(id)
        for (sequence, line) in lines {
            let place = "turn \(line.turn) of conversation \(id)"
            let turn = try store.read { try $0.turns(of: conversation, after: line.turn - 1, limit: 1).first }
            guard let turn, turn.number == line.turn else {
                return ChainProblem(.removed, at: place, sequence: sequence, "the store has no such turn any more")
            }
            if AuditTrail.digest(of: turn, in: conversation) != line.sha256 {
                return ChainProblem(
                    .altered, at: place, sequence: sequence, "the turn is not what the customer was told")
            }
        }
        return nil
    }

    private func check(handOff id: Int64) throws -> ChainProblem? {
        guard let (sequence, step) = handOffs[id], !forgotten.contains(step.conversation) else { return nil }
        guard let handOff = try store.read({ try $0.handOff(HandOffID(id)) }) else {
            return ChainProblem(
                .removed, at: "hand-off \(id)", sequence: sequence, "the store has no such hand-off any more")
        }
        if handOff.state.rawValue != step.state || handOff.fence != step.fence
            || handOff.conversation.number != step.conversation
        {
            return ChainProblem(
                .altered, at: "hand-off \(id)", sequence: sequence, "the hand-off is not what the chain says of it")
        }
        return nil
    }

    mutating func runs() throws -> ChainProblem? {
        for id in chained.keys.sorted() {
            if let problem = try settled({ try $0.check(run: id) }) { return problem }
            result.runs += 1
        }
        var last: RunID?
        while true {
            let page = try store.read { try $0.endedRuns(after: last, limit: 1000) }
            guard let end = page.last else { return nil }
            last = end.run
            for (run, sequence) in page where sequence == nil || chained[run.number]?.sequence != sequence {
                if let problem = try settled({ try $0.check(ended: run) }) { return problem }
            }
        }
    }

    /// The store's record of a run is what its line says of it.
    private func check(run id: Int64) throws -> ChainProblem? {
        guard let sequence = chained[id]?.sequence else { return nil }
        let (run, line): (Run?, [UInt8])
        do {
            (run, line) = try store.read { store in
                (try store.run(RunID(id)), try store.chainLines(after: sequence - 1, limit: 1).first?.line ?? [])
            }
        } catch let error as HearthError where error.code == .storeCorrupt {
            return ChainProblem(.altered, at: "run \(id)", sequence: sequence, error.message)
        }
        guard let run else {
            return ChainProblem(.removed, at: "run \(id)", sequence: sequence, "the store has no such run any more")
        }
        guard let known = AuditTrail.decoded(line)?.run else { return nil }
        var present = AuditTrail.RunRecord(run)
        if known.settledUs == nil { present.settledUs = nil }
        if try AuditTrail.encoded(present) == AuditTrail.encoded(known) { return nil }
        return ChainProblem(
            .altered, at: "run \(id)", sequence: sequence,
            "the store's record of the run is not what it was when it ended")
    }

    /// The chain has a line of a run that has ended.
    private func check(ended run: RunID) throws -> ChainProblem? {
        let (stamp, found) = try store.read { store in
            (try ArchiveStamp.known(store) ?? "", try store.endedRuns(after: RunID(run.number - 1), limit: 1).first)
        }
        guard let found, found.run == run else { return nil }
        if let sequence = found.sequence, chained[run.number]?.sequence == sequence { return nil }
        // A sync that ends just now has the store's word before it has the chain's.
        if found.sequence == nil, archive?.isAtWork(run.number, stamp) == true { return nil }
        return ChainProblem(
            .inserted, at: "run \(run)",
            "the run has ended and the chain has no line of it: added behind its back, or a crash that the next sync mends")
    }

    /// What was stored carries its own check.
    mutating func rows() throws -> ChainProblem? {
        do {
            result.rows = try store.read { try $0.readEverything() }
            return nil
        } catch let error as HearthError where error.code == .storeCorrupt {
            return ChainProblem(.altered, at: "store", error.message)
        }
    }
}
