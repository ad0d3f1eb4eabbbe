package import Answers
import HeatModel

/// Everything that may be asked to be done. To add one: a case here with its row, a case of ``Request``, and its line in
/// ``RequestDesk``. Every door follows from the row.
package enum RequestKind: Int, CaseIterable, Sendable {
    case faultReport
    /// The same for whoever knows no account number.
    case faultReportByAddress
    case openConversation, turn, handOff, claimHandOff, replyHandOff, closeHandOff, feedback
    /// Whether it is well again, as the customer says.
    case followUp
    /// What a customer wants to be told, or not.
    case noticeWish
    /// No heat for a time (报停).
    case suspension

    package var definition: DoorDefinition { Self.table[rawValue] }

    private static let table = allCases.map { row($0) }

    private static func row(_ kind: RequestKind) -> DoorDefinition {
        switch kind {
        case .faultReport:
            DoorDefinition(
                "/v1/accounts/{number}/work-orders", tool: "report_fault", command: "report-fault",
                "Report a fault (报修)",
                "Asks for a repair order. Who reports a fault that has an open order joins it. The answer says that the request was taken, not that it is done: ask work_order_request what became of it. A leak's answer says what to do now: read it out.",
                [.number] + fault, [.assistant], concernsAccounts: true, isChange: true)
        case .faultReportByAddress:
            DoorDefinition(
                "/v1/work-orders", tool: "report_fault_at_address", command: "report-fault --address",
                "Report a fault at an address (报修)",
                "Asks for a repair order at an address. An address that is ambiguous is returned with its candidates: ask the customer, never guess.",
                [
                    Parameter(
                        "address", .text(most: 256), "As the customer says it: 阳光花园3号楼2单元501.", isRequired: true,
                        isPrivate: true),
                    Parameter(
                        "community", .text(most: 256), "The community's name, where it is known.", isPrivate: true),
                ] + fault, [.assistant], concernsAccounts: true, isChange: true)
        case .followUp:
            DoorDefinition(
                "/v1/accounts/{number}/follow-ups/{order}", tool: "answer_follow_up", command: "follow-up",
                "Whether it is well again (回访)",
                "Takes what the customer says of a repair that the crew says is done. notWell has the order opened again and a person take over; the second time it is escalated. The crew's word alone never counts as well.",
                [
                    .number,
                    Parameter(
                        "order", .text(most: 64), "The dispatch system's number of the order.", isRequired: true),
                    .key,
                    Parameter(
                        "answer", .choice(FollowUpAnswer.answers), "恢复了吗: well, or notWell (还没好).", isRequired: true,
                        isPrivate: true),
                    Parameter(
                        "satisfaction", .integer(1...5), "满意吗: 5 is the best.", isPrivate: true),
                    Parameter(
                        "words", .prose(most: 1000), "What the customer says, in their own words.", isPrivate: true),
                    .language(isPrivate: true), .plain(isPrivate: true),
                ], [.assistant], concernsAccounts: true, isChange: true)
        case .suspension:
            DoorDefinition(
                "/v1/accounts/{number}/suspensions", tool: "request_suspension", command: "request-suspension",
                "Ask for heat to be suspended (报停)",
                "Asks for heat to be suspended for a season. Make sure first that the customer means a suspension (报停) and no closing (销户): suspension_cost tells the difference, the cost and the documents. What the tariff does not grant, and what comes before arrears are settled, is refused with the reason. The answer says that the request was taken, not that it is granted: ask work_order_request what became of it.",
                [
                    .number, .key,
                    Parameter("from", .day, "The first day without heat.", isRequired: true, isPrivate: true),
                    Parameter(
                        "to", .day, "The last day without heat; the season's end without it.", isPrivate: true),
                    Parameter("reason", .prose(most: 200), "Why, in the customer's words.", isPrivate: true),
                    Parameter(
                        "phone", .text(most: 40),
                        "Where the customer can be called: 5 to 20 digits, with or without +86.",
                        isPrivate: true),
                    .language(isPrivate: true), .plain(isPrivate: true),
                ], [.assistant], concernsAccounts: true, isChange: true)
        case .noticeWish:
            DoorDefinition(
                "/v1/accounts/{number}/notices/opt-out", tool: "notice_opt_out", command: "notices opt-out",
                "What a customer wants to be told, or not (退订)",
                "Keeps that a customer does not want notices, of one kind or of all, or wants them again. It counts for every phone of the account, whatever homes the person has.",
                [
                    .number, .key,
                    Parameter(
                        "about", .choice(NoticeWish.subjects), "Of which kind; all without it.", standard: .text("all"),
                        isPrivate: true),
                    Parameter(
                        "wanted", .flag, "true takes an opt-out back, or asks for what is told to nobody else.",
                        standard: .flag(false), isPrivate: true),
                ], [.assistant], concernsAccounts: true, isChange: true)
        default: conversationRow(kind)
        }
    }

    private static let fault: [Parameter] = [
        .key,
        Parameter("kind", .choice(FaultReport.kinds), "What is wrong.", isRequired: true, isPrivate: true),
        Parameter("symptom", .prose(most: 60), "What shows, in a few words: 暖气片冰凉.", isPrivate: true),
        Parameter("words", .prose(most: 1000), "What the customer says, in their own words.", isPrivate: true),
        Parameter("wanted_at", .instant, "When somebody should come; within a year.", isPrivate: true),
        Parameter(
            "phone", .text(most: 40), "Where the customer can be called: 5 to 20 digits, with or without +86.",
            isPrivate: true),
        Parameter(
            "temperature_tenths", .integer(-300...600),
            "The room's temperature as the customer read it, in tenths of a degree: 165 is 16.5 ℃.", isPrivate: true),
        Parameter(
            "attachments", .objects(members: FaultReport.Attachment.members, most: 5),
            "Photos and videos, as POST /v1/attachments has answered, or where else they lie: the SHA-256 of each (64 hexadecimal digits), its address (at most 200 characters), and its type: \(FaultReport.Attachment.types.joined(separator: ", ")).",
            isPrivate: true),
        .language(isPrivate: true), .plain(isPrivate: true),
    ]
}

extension Parameter {
    static let key = Parameter(
        "idempotency_key", .text(most: 255),
        "Made once for one wish, and the same for each repeat: a repeat is answered as the first was, and nothing is done twice.",
        isRequired: true, header: "Idempotency-Key")
}

extension ArgumentReader {
    /// - Throws: a problem of its own where there is none: who sends requests must know of keys.
    func idempotencyKey() throws(Problem) -> String {
        if !has("idempotency_key") {
            throw Problem(
                .malformed, "idempotency-key-missing", "An idempotency key is needed",
                detail: "make one for each wish, and send the same with each repeat", parameter: "idempotency_key")
        }
        return try required("idempotency_key")
    }
}
