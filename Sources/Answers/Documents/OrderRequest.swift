package import Explanation
package import HeatModel
import JSONText
import Store

extension Answerer {
    /// What became of a repair order, or a suspension, that was asked for. What nobody knows is called neither success nor failure.
    func orderRequest(
        _ number: String, _ id: ActionID, _ language: AnswerLanguage, _ requester: Requester, _ source: some ViewSource
    ) throws -> Reply {
        guard let action = try source.reader.action(id), StoredAction.askedKinds.contains(action.request.kind),
            action.request.account == number
        else {
            throw Problem(
                .unknown, "unknown-request", "There is no such request of this account",
                detail: "its number stands in the answer to the request", parameter: "id")
        }
        let wording = try wording(of: language)
        var json = JSONBytes()
        json.raw("{\"version\":1")
        json.member("account_number", number)
        json.key("request")
        json.integer(id.number)
        json.member("kind", action.fault ?? "suspension")
        json.member("state", action.state.rawValue)
        json.member("settled", action.state.isFinal)
        json.member("waits_for_person", action.isDead)
        json.member("order_number", action.externalID)
        // The system's words were masked before they were kept.
        json.member("message", action.state == .refused ? action.message : nil)
        let attachments = try source.reader.attachments(of: id)
        if !attachments.isEmpty { json.member("attachments", attachments) }
        json.member("accepted_at", stamp(action.acceptedAt))
        json.member("changed_at", stamp(action.changedAt))
        if action.fault != nil { json.member("text", action.told(in: wording)) }
        json.raw("}")
        return Reply(AnswerDocument(json.bytes), [requester.access([number], "ok")])
    }

    /// The words of a language.
    ///
    /// - Throws: `config.missing` where no words are loaded.
    package func wording(of language: AnswerLanguage) throws -> Wording {
        guard let wording = money?.wordings(for: [language.rawValue]).first else {
            throw HearthError(.configMissing, "no wordings are loaded")
        }
        return wording
    }

    /// An instant of the store as the company's clock has it.
    package func stamp(_ instant: Instant) -> String {
        Instant(microseconds: instant.microseconds, offsetMinutes: self.instant(nil).offsetMinutes).description
    }
}
