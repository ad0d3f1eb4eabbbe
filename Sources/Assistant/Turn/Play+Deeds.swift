import Answers
import Explanation
import HeatModel
import Requests
import Store

/// What a state asks and has done.
extension Play {
    mutating func perform(_ action: Action) -> String {
        switch action {
        case .ask(let question):
            let told = facts.tell(question)
            take(told)
            return told.outcome
        case .bind: return bind()
        case .choose:
            values["account"] = mind.account.map { .init($0) }
            return "ok"
        case .unbind:
            if let account = mind.account {
                unbinds.append(account)
                bound.removeAll { $0 == account }
                mind.account = nil
                facts.speak(of: nil)
            }
            return "ok"
        case .report(let fault): return report(fault)
        case .reportAt(let fault): return report(at: fault)
        case .addPhone: return addPhone()
        case .followUp(let isWell): return followUp(isWell)
        case .optOut, .optIn:
            guard let account = mind.account else { return "unavailable" }
            let answer = request(
                .noticeWish, ["number": .text(account), "about": .text("all"), "wanted": .flag(action == .optIn)])
            return answer == nil ? "unavailable" : "ok"
        case .handOff(let reason):
            ask(person: reason, note: note())
            return "ok"
        case .remember(let memory):
            if memory == .elderly { mind.isElderly = true }
            mind.isPlain = true
            return "ok"
        case .forget(let slot):
            mind.slots[slot.rawValue] = nil
            if slot == .photo { mind.photos = [] }
            if slot == .which || slot == .account {
                mind.account = nil
                facts.speak(of: nil)
            }
            return "ok"
        case .rate(let score):
            let answer = mind.slots["rated"].flatMap { Int64($0) }
            rating = (score, mind.order == nil ? .answer : .visit, answer ?? 0)
            return "ok"
        }
    }

    mutating func take(_ told: AccountFacts.Told) {
        values.merge(told.values) { $1 }
        chart = told.chart ?? chart
        if !told.steps.isEmpty { steps = told.steps }
        if let order = told.order { mind.order = order }
        for fact in told.facts where !shown.contains(fact) { shown.append(fact) }
    }

    static let tried = "tried"

    mutating func bind() -> String {
        let account = mind.slots[Slot.account.rawValue] ?? mind.slots[Self.tried] ?? ""
        let digits = mind.slots[Slot.idLastSix.rawValue] ?? ""
        // The number stands by for a second try of the digits; the digits never stay.
        mind.slots[Self.tried] = account
        mind.slots[Slot.account.rawValue] = nil
        mind.slots[Slot.idLastSix.rawValue] = nil
        let reply: Reply
        do {
            let question = try Answers.Question(
                .binding, ["account_number": .text(account), "id_last_six": .text(digits)])
            reply = desk.answerer.reply(to: question, for: requester)
        } catch {
            return "wrong"
        }
        accesses += reply.accesses
        leastTime = reply.leastTime ?? leastTime
        switch reply.result {
        case .success(let document):
            guard AnswerReader(json: document.json).flag("verified") == true else { return "wrong" }
            if !bound.contains(account) {
                bound.append(account)
                binds.append(account)
            }
            mind.account = account
            mind.slots[Self.tried] = nil
            facts.speak(of: account)
            values["account"] = .init(account)
            return "ok"
        case .failure(let problem):
            return problem.category == .limited ? "limited" : problem.category == .malformed ? "wrong" : "unavailable"
        }
    }

    /// Has something done under a key of this turn; nil where it cannot be done.
    mutating func request(_ kind: RequestKind, _ arguments: Arguments) -> AnswerReader? {
        var arguments = arguments
        requests += 1
        problem = nil
        arguments["idempotency_key"] = .text("\(keyPrefix)-\(requests)")
        let reply: Reply
        do {
            var request = try Request(kind, arguments)
            if case .followUp(var answer) = request {
                answer.opensConversation = false
                request = .followUp(answer)
            }
            reply = desk.reply(to: request, for: requester)
        } catch {
            return nil
        }
        accesses += reply.accesses
        facts.forget()
        switch reply.result {
        case .success(let document): return AnswerReader(json: document.json)
        case .failure(let failure):
            problem = failure.code
            return nil
        }
    }

    func faultArguments(_ fault: Action.Fault) -> Arguments {
        var arguments: Arguments = ["kind": .text(kind(of: fault))]
        let said = mind.slots["said"]
        if let symptom = mind.slots[Slot.symptom.rawValue] ?? said {
            arguments["symptom"] = .text(String(symptom.prefix(60)))
        }
        let words = [said, mind.slots[Slot.symptom.rawValue], mind.slots[Slot.words.rawValue]].compactMap(\.self)
        if !words.isEmpty { arguments["words"] = .text(String(words.joined(separator: ";").prefix(1000))) }
        if let phone = mind.slots[Slot.phone.rawValue] { arguments["phone"] = .text(phone) }
        if let tenths = mind.slots[Slot.temperature.rawValue].flatMap(AskedSlot.tenths) {
            arguments["temperature_tenths"] = .integer(tenths)
        }
        if !mind.photos.isEmpty {
            arguments["attachments"] = .objects(
                mind.photos.map { ["sha256": $0.sha256, "address": $0.address, "type": $0.mediaType] })
        }
        return arguments
    }

    func kind(of fault: Action.Fault) -> String {
        guard fault == .fault else { return fault.rawValue }
        let said = (mind.slots[Slot.symptom.rawValue] ?? "") + (mind.slots["said"] ?? "")
        if said.contains("阀") { return "valve" }
        if said.contains("不热") || said.contains("冰凉") { return "noHeat" }
        return "other"
    }

    mutating func report(_ fault: Action.Fault) -> String {
        guard let account = mind.account else { return "unavailable" }
        var arguments = faultArguments(fault)
        arguments["number"] = .text(account)
        guard let receipt = request(.faultReport, arguments), let text = receipt.words else { return "unavailable" }
        let plain = (try? desk.answerer.wording(of: .plainChinese))?.finish(text)
        values["report_text"] = .init(text, plain: plain)
        values["report_first"] = .init(
            ShortForm.firstSentence(of: text), plain: plain.map { ShortForm.firstSentence(of: $0) })
        if let action = receipt.integer("request") { actions.append(ActionID(action)) }
        if let order = receipt.text("order", "number") {
            shown.append(Turn.Fact(kind: "work_order", id: order, freshAt: nil))
            mind.order = order
        }
        return receipt.flag("joined") == true ? "joined" : "taken"
    }

    /// Of a home that is not proved to be the customer's: nothing of it is told but that the report was taken.
    mutating func report(at fault: Action.Fault) -> String {
        guard let address = mind.slots[Slot.address.rawValue] else { return "unknown" }
        var arguments = faultArguments(fault)
        arguments["address"] = .text(String(address.prefix(60)))
        if let receipt = request(.faultReportByAddress, arguments) {
            // The conversation knows the order that it made, so that it can be followed and moved in it.
            let own = receipt.flag("joined") == true ? nil : receipt.integer("request")
            mind.reported = receipt.text("account_number").map { .init(account: $0, request: own) }
            facts.reported = mind.reported
            return "taken"
        }
        switch problem {
        case "ambiguous-address", "incomplete-address": return "ambiguous"
        case "unknown-address": return "unknown"
        default: return "unavailable"
        }
    }

    /// A telephone that was told after the order was made: the same report again joins it, and its system is told where the number of
    /// the order is known by then.
    mutating func addPhone() -> String {
        guard let reported = mind.reported, reported.request != nil, let address = mind.slots[Slot.address.rawValue]
        else { return "unavailable" }
        var arguments = faultArguments(.leak)
        arguments["address"] = .text(String(address.prefix(60)))
        guard let receipt = request(.faultReportByAddress, arguments), receipt.flag("joined") == true,
            receipt.integer("request") == reported.request, receipt.text("order", "number") != nil
        else { return "unavailable" }
        return "ok"
    }

    mutating func followUp(_ isWell: Bool) -> String {
        guard let account = mind.account, let order = mind.order else { return "unavailable" }
        var arguments: Arguments = [
            "number": .text(account), "order": .text(order), "answer": .text(isWell ? "well" : "notWell"),
        ]
        if let said = mind.slots["said"] { arguments["words"] = .text(said) }
        if let score = mind.slots[Slot.satisfaction.rawValue].flatMap(Int.init) {
            arguments["satisfaction"] = .integer(score)
        }
        guard let answer = request(.followUp, arguments), let text = answer.words else { return "unavailable" }
        values["follow_up_text"] = .init(text)
        if let action = answer.integer("request") { actions.append(ActionID(action)) }
        shown.append(Turn.Fact(kind: "work_order", id: order, freshAt: nil))
        return "ok"
    }
}
