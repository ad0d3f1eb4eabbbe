package import Actions
import Foundation
package import HeatModel
package import Pages

/// Tells followers: notices by the templates of their rules, messages as customer-service messages.
///
/// WeChat can be asked nothing of what was sent: what got no clear answer waits for a person.
package struct WeChatSink: ActionSink {
    let api: AccountAPI
    let keys: CookieKeys
    let onTrouble: @Sendable (HearthError) -> Void
    package let kinds: Set<ActionKind> = [.sendNotice, .sendMessage]
    package let longestCall = 120

    /// Seconds after which no further follower of an account is told.
    private static let patience = 60.0

    /// - Parameters:
    ///   - api: of the process: two would end each other's tokens.
    ///   - onTrouble: is told what is wrong whomever it is for, and mended by nobody but a person.
    package init(_ api: AccountAPI, keys: CookieKeys, onTrouble: @escaping @Sendable (HearthError) -> Void) {
        self.api = api
        self.keys = keys
        self.onTrouble = onTrouble
    }

    private static let purpose = "wechat address"

    /// Where a follower is found, as a customer's state holds it.
    static func address(_ openID: String, keys: CookieKeys) throws -> String { try keys.sealed(openID, for: purpose) }

    static func openID(of address: String, keys: CookieKeys) -> String? { keys.opened(address, for: purpose) }

    package func send(_ letter: ActionLetter) -> SendOutcome {
        switch letter.kind {
        case .sendNotice:
            let people = (letter.values["followers"] ?? "").split(separator: " ")
                .compactMap { Self.openID(of: String($0), keys: keys) }
            return tell(people, letter)
        case .sendMessage:
            guard let openID = letter.values["address"].flatMap({ Self.openID(of: $0, keys: keys) }) else {
                return .refused(words: "its address cannot be read: the keys were changed")
            }
            return outcome(api.message(letter.values["text"] ?? "", to: openID))
        default: return .refused(words: "followers are told, and asked for nothing")
        }
    }

    package func probe(_ letter: ActionLetter) -> ProbeOutcome { .unanswerable }

    private func outcome(_ outcome: AccountAPI.Outcome) -> SendOutcome {
        switch outcome {
        case .done: return .confirmed(id: nil, words: nil)
        case .declined(let error): return .refused(words: error.message)
        // Of one follower: others are told meanwhile.
        case .later(let error): return .later(60_000, error)
        case .fault(let error):
            onTrouble(error)
            return .refused(words: error.message)
        case .unclear(let error): return .unclear(error)
        }
    }

    /// Tells each of an account's followers once. Once one has it nothing is sent again: the others are told at the next occasion.
    private func tell(_ people: [String], _ letter: ActionLetter) -> SendOutcome {
        let begin = ContinuousClock.now
        var (told, declined): (Int, HearthError?) = (0, nil)
        func end(_ outcome: SendOutcome) -> SendOutcome {
            told == 0 ? outcome : .confirmed(id: nil, words: "told \(told) of \(people.count) followers")
        }
        for person in people {
            if ContinuousClock.now - begin > .seconds(Self.patience) {
                return end(.notSent(HearthError(.wechatLater, "the interface is too slow to tell all followers")))
            }
            let outcome = api.notify(
                person, rule: letter.values["rule"] ?? "", values: letter.values, reference: letter.reference)
            switch outcome {
            case .done: told += 1
            case .declined(let error): declined = error
            case .later(let error): return end(.notSent(error))
            case .fault(let error):
                onTrouble(error)
                return end(.refused(words: error.message))
            case .unclear(let error): return end(.unclear(error))
            }
        }
        return end(.refused(words: declined?.message ?? "no follower of the account is known"))
    }
}
