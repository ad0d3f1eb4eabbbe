import Actions
import Answers
import Billing
import Explanation
import HeatModel
import JSONText
import Store

/// 报停: what a customer asks for who wants no heat for a time.
package struct SuspensionApplication: Sendable {
    let account: String
    let from: CivilDate
    let to: CivilDate?
    let reason: String?
    /// Digits alone.
    let phone: String?
    let language: AnswerLanguage
    let key: String

    init(_ arguments: Arguments) throws(Problem) {
        let read = ArgumentReader(definition: RequestKind.suspension.definition, arguments: arguments)
        key = try read.idempotencyKey()
        account = try read.accountNumber()
        guard let first = try read.day("from") else { throw .parameter("from", "is missing") }
        from = first
        to = try read.day("to")
        if let to, to < first { throw .parameter("to", "must not be before from") }
        reason = try read.text("reason")
        let stated = try read.text("phone")
        phone = stated.flatMap { PhoneIndex.folded($0) }
        if stated != nil, phone == nil { throw .parameter("phone", "must hold 5 to 20 digits") }
        language = try read.language()
    }

    var fingerprint: [UInt8] {
        get throws {
            var parts = ["account": account, "from": from.description, "lang": language.rawValue]
            parts["to"] = to?.description
            parts["reason"] = reason
            parts["phone"] = phone
            return try Request.fingerprint(of: "suspension", parts)
        }
    }

    var season: HeatingSeason { HeatingSeason(on: from) }
}

extension RequestDesk {
    /// Asks the system for a suspension, unless the tariff grants none, something is owed, or it was asked for already: one transaction.
    func take(_ application: SuspensionApplication, _ requester: Requester) throws -> Reply {
        let wording = try answerer.wording(of: application.language)
        guard let money = answerer.money else { throw HearthError(.configMissing, "no tariffs are loaded") }
        let now = answerer.instant(nil)
        return try once(application.key, application.fingerprint, application.account, requester) { store in
            guard try Self.situation(of: application.account, store) != nil else { throw Problem.unknownAccount }
            if application.from < now.local.date {
                throw Problem(
                    .conflict, "unworkable-time", "Heat cannot be suspended for days that have gone",
                    detail: "\"from\" must not lie before today", parameter: "from")
            }
            let season = application.season
            if let known = try standing(for: season, of: application.account, store) {
                return (Self.json(known, application, season, isJoined: true, wording, answerer), known.id)
            }
            let answer = try money.suspension(
                of: application.account, season: season.description, requestedOn: now.local.date, intent: .suspend,
                in: store)
            guard answer.offer?.isPossible == true else {
                throw Problem(
                    .conflict, "suspension-not-possible", "The tariff does not grant it", detail: answer.text(wording),
                    parameter: "from")
            }
            if answer.arrears > .zero {
                throw Problem(
                    .conflict, "arrears-first", "What is owed must be settled first", detail: answer.text(wording),
                    parameter: "number")
            }
            let (outbox, system): (Outbox, String)
            do {
                (outbox, system) = try self.system(for: .requestSuspension)
            } catch let error as HearthError where error.code == .configNoOrderSystem {
                var problem = Problem(
                    .unavailable, "no-suspension-system", "No system takes suspensions from here",
                    detail: "hand over to a person")
                problem.underlying = error
                throw problem
            }
            var values = ["account": application.account, "from": application.from.description]
            values["to"] = application.to?.description
            values["reason"] = application.reason
            values["phone"] = application.phone
            let acceptance = try outbox.accept(
                ActionRequest(.requestSuspension, values), by: system, caller: requester.caller.id,
                key: application.key, in: store
            ) { _ in [] }
            guard case .accepted(let action) = acceptance else { throw Self.keyInUse }
            return (Self.json(action, application, season, isJoined: false, wording, answerer), action.id)
        }
    }

    /// What was asked for already, for the same season, and neither refused nor given up.
    private func standing(
        for season: HeatingSeason, of account: String, _ store: any StoreReader
    ) throws -> StoredAction? {
        let filter = ActionFilter(
            states: [.accepted, .sending, .unknown, .confirmed], kind: ActionKind.requestSuspension.rawValue,
            account: account)
        return try store.actions(filter, before: nil, limit: 50).first { action in
            let from = action.request.payload.withUnsafeBytes { JSONMembers.value(of: "from", in: $0)?.jsonText }
            return from.flatMap { CivilDate($0) }.map { HeatingSeason(on: $0) } == season
        }
    }

    /// It holds nothing personal, so it is the same for every caller and may be kept.
    private static func json(
        _ action: StoredAction, _ application: SuspensionApplication, _ season: HeatingSeason, isJoined: Bool,
        _ wording: Wording, _ answerer: Answerer
    ) -> [UInt8] {
        var json = JSONBytes()
        json.raw("{\"version\":1")
        json.member("account_number", application.account)
        json.member("season", season.description)
        json.member("joined", isJoined)
        json.member("request", action.id.number)
        json.member("state", action.state.rawValue)
        json.member("accepted_at", answerer.stamp(action.acceptedAt))
        json.member("status_path", "/v1/accounts/\(application.account)/work-orders/requests/\(action.id.number)")
        json.member(
            "text",
            wording.finish(
                wording.sentence(
                    isJoined ? "money.suspension.joined" : "money.suspension.asked",
                    [(.season, .text(season.description)), (.request, .integer(Int(action.id.number)))])))
        json.raw("}")
        return json.bytes
    }
}
