package import Actions
package import Answers
package import Attachments
package import Conversations
import Explanation
import HeatModel
import JSONText
import Store
import Synchronization

/// Takes requests, whichever door they come through: scope, idempotency key, the account, what Hearth adds, and the one decision of
/// whether something new is asked for.
///
/// ```swift
/// let reply = desk.reply(to: try Request(.faultReport, arguments), for: requester)
/// ```
package final class RequestDesk: Sendable {
    package let answerer: Answerer
    package let conversations: ConversationDesk
    /// Where what a report names must be, if it says that it is here.
    private let attachments: AttachmentFolder
    private let makeOutbox: @Sendable () throws -> Outbox
    private let outbox = Mutex<Outbox?>(nil)
    /// Callers' keys whose requests are being worked on in this process.
    private let underWay = Mutex<Set<Slot>>([])

    private struct Slot: Hashable {
        var caller: String
        var key: String
    }

    /// - Parameters:
    ///   - answerer: with words.
    ///   - outbox: asked for once something is requested: credentials that only writing takes are not needed before.
    package init(
        _ answerer: Answerer, attachments: AttachmentFolder,
        conversations: ConversationSettings = ConversationSettings(),
        outbox: @escaping @Sendable () throws -> Outbox
    ) {
        self.answerer = answerer
        self.attachments = attachments
        self.conversations = answerer.conversationDesk(conversations)
        makeOutbox = outbox
    }

    /// How many requests are being worked on in this process.
    package var requestsUnderWay: Int { underWay.withLock(\.count) }

    /// Takes a request. May wait.
    package func reply(to request: Request, for requester: Requester) -> Reply {
        do {
            let definition = request.kind.definition
            if !definition.allows(requester.caller) { throw Problem.forbidden(definition.scopes) }
            switch request {
            case .fault(let report): return try reply(to: report, for: requester)
            case .conversation(let keyed): return try reply(to: keyed, for: requester)
            case .followUp(let answer): return try take(answer, requester)
            case .noticeWish(let wish): return try take(wish, requester)
            case .suspension(let application): return try take(application, requester)
            }
        } catch {
            return refusal(error, of: request.kind, account: request.account, to: requester)
        }
    }

    /// The reply to a request that cannot be taken: the problem, and that it was tried.
    package func refusal(
        _ error: any Error, of kind: RequestKind, account: String?, to requester: Requester
    ) -> Reply {
        answerer.refusal(Self.problem(error), of: kind.definition, account: account, to: requester)
    }

    private func reply(to report: FaultReport, for requester: Requester) throws -> Reply {
        let fingerprint = try report.fingerprint
        return try once(report.key, fingerprint, requester) {
            try check(report.wantedAt)
            let (outbox, system) = try system(for: .createWorkOrder)
            switch report.place {
            case .account(let number):
                return try take(report, of: number, fingerprint, outbox, system, requester)
            case .address(let text, let community):
                return try find(text, community, requester) { number in
                    try self.take(report, of: number, fingerprint, outbox, system, requester)
                }
            }
        }
    }

    /// Does what is asked for under a key, unless that is under way, or was done and answered before: then it is answered byte for byte
    /// as it was.
    func once(
        _ key: String, _ fingerprint: [UInt8], _ requester: Requester, _ body: () throws -> Reply
    ) throws -> Reply {
        let slot = Slot(caller: requester.caller.id, key: key)
        guard underWay.withLock({ $0.insert(slot).inserted }) else {
            throw Problem(
                .conflict, "request-in-flight", "A request under this key is being worked on",
                detail: "send the same again in a moment", parameter: "idempotency_key", retryAfter: 1)
        }
        defer { underWay.withLock { _ = $0.remove(slot) } }
        if let kept = try answerer.store.read({ try self.kept(key, fingerprint, requester, $0) }) {
            return reply(kept, isNew: Self.wasNew(kept), isReplayed: true, requester)
        }
        return try body()
    }

    /// The same for what is decided, done and answered in one transaction: whoever repeats it meanwhile gets the answer that was kept.
    func once(
        _ key: String, _ fingerprint: [UInt8], _ account: String, _ requester: Requester,
        _ body: (any StoreWriter) throws -> (json: [UInt8], action: ActionID?)
    ) throws -> Reply {
        try once(key, fingerprint, requester) { try decided(key, fingerprint, account, requester, body) }
    }

    private func decided(
        _ key: String, _ fingerprint: [UInt8], _ account: String, _ requester: Requester,
        _ body: (any StoreWriter) throws -> (json: [UInt8], action: ActionID?)
    ) throws -> Reply {
        let (kept, isReplayed) = try answerer.store.settledWrite { store -> (KeptAnswer, Bool) in
            if let kept = try self.kept(key, fingerprint, requester, store) { return (kept, true) }
            let (json, action) = try body(store)
            let answer = KeptAnswer(
                caller: requester.caller.id, key: key, fingerprint: fingerprint, account: account, action: action,
                answer: json)
            try store.keep(answer)
            return (answer, false)
        }
        return reply(kept, isNew: Self.wasNew(kept), isReplayed: isReplayed, requester)
    }

    /// What was answered under a key.
    ///
    /// - Throws: a problem where the key stands for another request.
    func kept(
        _ key: String, _ fingerprint: [UInt8], _ requester: Requester, _ store: any StoreReader
    ) throws -> KeptAnswer? {
        guard let kept = try store.keptAnswer(caller: requester.caller.id, key: key) else { return nil }
        guard kept.fingerprint == fingerprint else { throw Self.keyInUse }
        return kept
    }

    static let keyInUse = Problem(
        .mismatch, "idempotency-key-in-use", "The key stands for another request",
        detail: "make a new key for a new request", parameter: "idempotency_key")

    func reply(_ kept: KeptAnswer, isNew: Bool, isReplayed: Bool, _ requester: Requester) -> Reply {
        var reply = Reply(
            AnswerDocument(kept.answer), [requester.access(kept.account.isEmpty ? [] : [kept.account], "ok")])
        reply.receipt = kept.answer.withUnsafeBytes { json in
            Reply.Receipt(
                isNew: isReplayed ? Self.wasNew(kept) : isNew, isReplayed: isReplayed,
                path: (JSONMembers.value(of: "status_path", in: json) ?? JSONMembers.value(of: "path", in: json))?
                    .jsonText)
        }
        return reply
    }

    /// Whether something was taken by it that was not done yet.
    private static func wasNew(_ kept: KeptAnswer) -> Bool {
        kept.answer.withUnsafeBytes { json in
            // What a customer says of a repair is done with its answer, unless a system is asked for something.
            if JSONMembers.value(of: "reopenings", in: json) != nil, JSONMembers.value(of: "request", in: json) == nil {
                return false
            }
            return JSONMembers.value(of: "joined", in: json)?.equals("false") ?? false
        }
    }

    /// A time that nobody can keep is refused at once, not by the crew.
    private func check(_ wanted: Instant?) throws(Problem) {
        guard let wanted else { return }
        let now = answerer.instant(nil).microseconds
        let day: Int64 = 86_400_000_000
        // A little, for clocks that differ.
        if wanted.microseconds < now - 600_000_000 || wanted.microseconds > now + 366 * day {
            // Its form is right: what is wrong with it is the time of asking.
            throw Problem(
                .conflict, "unworkable-time", "Nobody can come at that time",
                detail: "\"wanted_at\" must not lie in the past, or more than a year ahead", parameter: "wanted_at")
        }
    }

    /// The one account at an address. Of several none is taken.
    private func find(
        _ text: String, _ community: String?, _ requester: Requester, _ take: (String) throws -> Reply
    ) throws -> Reply {
        let search = answerer.reply(
            to: .addresses(text, community: community, limit: 10, .present), for: requester)
        let json = try search.result.get().json
        let (match, number) = json.withUnsafeBytes { json in
            var elements = JSONMembers.value(of: "candidates", in: json).map { JSONMembers($0) }
            let first = elements?.next().flatMap { JSONMembers.value(of: "account_number", in: $0.value)?.jsonText }
            return (JSONMembers.value(of: "match", in: json)?.jsonText, first)
        }
        if match == "one", let number { return try take(number) }
        var problem =
            switch match {
            case "ambiguous":
                Problem(
                    .conflict, "ambiguous-address", "Several accounts may be meant",
                    detail: "ask the customer which, and report it by the account's number", parameter: "address")
            case "incomplete":
                Problem(
                    .conflict, "incomplete-address", "The address names no building or no room",
                    detail: "ask the customer for what is missing", parameter: "address")
            default:
                Problem(
                    .unknown, "unknown-address", "There is no account at this address",
                    detail: "ask the customer, or hand over to a person", parameter: "address")
            }
        problem.members = [("search", json)]
        return Reply(problem, search.accesses)
    }

    /// The one system that can be asked for something.
    ///
    /// - Throws: `config.noOrderSystem` where there is none, or several: nobody has said which then; or where they cannot be set up.
    func system(for kind: ActionKind) throws -> (Outbox, String) {
        let ready = try readyOutbox()
        let able = ready.systems.values.filter { $0.kinds.contains(kind) }.map(\.name).sorted()
        guard let only = able.first, able.count == 1 else {
            throw HearthError(
                .configNoOrderSystem,
                able.isEmpty
                    ? "no source can be asked for \(kind.rawValue)"
                    : "several sources can be asked for \(kind.rawValue): \(able.joined(separator: ", "))",
                at: .address("sources"),
                advice: "exactly one source must have \(kind.rawValue) under its actions")
        }
        return (ready, only)
    }

    private func readyOutbox() throws -> Outbox {
        try outbox.withLock { known in
            if let known { return known }
            do {
                let made = try makeOutbox()
                known = made
                return made
            } catch {
                throw HearthError(
                    .configNoOrderSystem, "the systems that may be written cannot be set up", at: .address("sources"),
                    advice: "look at their actions in the configuration, and at the secrets there", cause: error)
            }
        }
    }

    /// Whether it is joined or asked for, and its answer: one transaction, so that of two callers at once one joins the other.
    private func take(
        _ report: FaultReport, of number: String, _ fingerprint: [UInt8], _ outbox: Outbox, _ system: String,
        _ requester: Requester
    ) throws -> Reply {
        let wording = try answerer.wording(of: report.language)
        // Crews read Chinese, whatever the customer speaks.
        let crew = try answerer.wording(of: .chinese)
        let caller = requester.caller.id
        let now = answerer.instant(nil)
        return try decided(report.key, fingerprint, number, requester) { store in
            guard let situation = try Self.situation(of: number, store) else { throw Problem.unknownAccount }
            let kept = try report.kept(in: attachments)
            let known = try Standing(report.kind, situation, number, now: now, store)
            let month = situation.earlierMonth(of: report.kind, now: now)
            func hint(_ wording: Wording) -> String? {
                month.map { wording.sentence("orders.hint.\(report.kind)", [(.month, .text($0))]) }
            }
            var receipt = FaultReceipt(
                number: number, report: report, situation: situation, hint: hint(wording), order: known.order,
                action: known.action)
            if let action = known.action {
                try outbox.noteJoined(action, by: caller, in: store)
                try addPhone(of: report, to: action, number, outbox, system, caller, store)
            } else if known.order == nil {
                let note = CrewNote.text(report, situation, hint: hint(crew), in: crew)
                let request = try report.action(of: number, note: note, now: now)
                let acceptance = try outbox.accept(request, by: system, caller: caller, key: report.key, in: store) {
                    receipt.take(new: $0)
                    return receipt.json(wording, answerer)
                }
                // The key stands in the outbox for what was asked there directly.
                guard case .accepted(let action) = acceptance else { throw Self.keyInUse }
                for sha256 in kept { try store.useAttachment(sha256, account: number, action: action.id) }
            }
            return (receipt.json(wording, answerer), receipt.action?.id)
        }
    }

    /// A telephone that who asked for an order tells after it goes to its system as well, where the order has a number by now and the
    /// system takes that. Nobody adds to what another asked for.
    private func addPhone(
        of report: FaultReport, to action: StoredAction, _ number: String, _ outbox: Outbox, _ system: String,
        _ caller: String, _ store: any StoreWriter
    ) throws {
        guard let phone = report.phone, action.request.caller == caller, let order = action.externalID,
            outbox.systems[system]?.kinds.contains(.amendWorkOrder) == true
        else { return }
        let request = try ActionRequest(.amendWorkOrder, ["account": number, "order": order, "phone": phone])
        _ = try outbox.accept(request, by: system, caller: caller, key: report.key + "-phone", in: store) { _ in [] }
    }

    static func situation(of number: String, _ store: any StoreReader) throws -> AccountSituation? {
        var number = number
        guard let view = try number.withUTF8({ try store.view(number: UnsafeRawBufferPointer($0)) }) else { return nil }
        return view.body.withUnsafeBytes { AccountSituation(view: $0) }
    }

    /// What the rooms below could not do, in words that repeat nothing that is personal.
    private static func problem(_ error: any Error) -> any Error {
        guard let error = error as? HearthError else { return error }
        switch error.code {
        case .actionBadField, .actionMissingField:
            guard case .address(let field)? = error.place else { return error }
            let name = parameters[field] ?? field
            var problem = Problem.parameter(name, "cannot be handed on: " + error.message)
            problem.underlying = error
            return problem
        case .configNoOrderSystem, .actionUnknownKind, .actionUnknownSystem:
            var problem = Problem(
                .unavailable, "no-order-system", "No system takes repair orders from here",
                detail: "hand over to a person")
            problem.underlying = error
            return problem
        default: return error
        }
    }

    /// A parameter's name for each field of an action that has another.
    private static let parameters = [
        "problem": "kind", "wantedAt": "wanted_at", "note": "symptom", "account": "number",
    ]
}
