package import Answers
import HeatModel
import JSONText
import Notices
import Store

/// What a customer wants to be told, or not.
package struct NoticeWish: Sendable {
    package static let subjects = ["all"] + NoticeRules.Kind.allCases.map(\.rawValue)

    let account: String
    let about: String
    let isWanted: Bool
    let key: String

    init(_ arguments: Arguments) throws(Problem) {
        let read = ArgumentReader(definition: RequestKind.noticeWish.definition, arguments: arguments)
        key = try read.idempotencyKey()
        account = try read.accountNumber()
        about = try read.required("about")
        isWanted = try read.flag("wanted")
    }

    var fingerprint: [UInt8] {
        get throws {
            try Request.fingerprint(
                of: "noticeWish", ["account": account, "about": about, "wanted": "\(isWanted)"])
        }
    }
}

extension RequestDesk {
    /// Keeps that nothing is told to a telephone number any more, whatever homes its person has, or none that is known: who writes from a
    /// number may say so of it. No account is looked at.
    package func optOut(phone: String, key: String, for requester: Requester) -> Reply {
        do {
            guard let person = PhoneIndex.folded(phone) else {
                throw Problem.parameter("phone", "must be a telephone number")
            }
            let now = answerer.instant(nil)
            let fingerprint = try Request.fingerprint(of: "numberOptOut", ["phone": person])
            return try once(key, fingerprint, "", requester) { store in
                try store.putConsent(
                    NoticeConsent(
                        person: person, about: "all", isWanted: false, changedAt: now, by: requester.caller.id))
                var json = JSONBytes()
                json.raw("{\"version\":1")
                json.member("about", "all")
                json.member("wanted", false)
                json.member("changed_at", answerer.stamp(now))
                json.raw("}")
                return (json.bytes, nil)
            }
        } catch {
            return refusal(error, of: .noticeWish, account: nil, to: requester)
        }
    }

    /// Keeps the wish for every phone of the account, and for the account.
    func take(_ wish: NoticeWish, _ requester: Requester) throws -> Reply {
        let now = answerer.instant(nil)
        return try once(wish.key, wish.fingerprint, wish.account, requester) { store in
            guard let people = try NoticePeople.of(account: wish.account, in: store) else {
                throw Problem.unknownAccount
            }
            for person in people {
                try store.putConsent(
                    NoticeConsent(
                        person: person, about: wish.about, isWanted: wish.isWanted, changedAt: now,
                        by: requester.caller.id))
            }
            var json = JSONBytes()
            json.raw("{\"version\":1")
            json.member("account_number", wish.account)
            json.member("about", wish.about)
            json.member("wanted", wish.isWanted)
            json.key("phones")
            json.integer(Int64(people.count - 1))
            json.member("changed_at", answerer.stamp(now))
            json.raw("}")
            return (json.bytes, nil)
        }
    }
}
