package import Actions
import Explanation
import HeatModel

/// Whom a company tells what, and when: `notices.yaml`.
package struct NoticeRules: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// What is due and open, some days before it must be paid or on that day.
        case arrears
        /// Whether it is well again, some hours after the crew says so.
        case followUp
        /// An outage of the home's building, community or station.
        case outage
        /// Where a repair order stands.
        case progress
    }

    package enum Consent: String, Sendable, CaseIterable {
        case unlessOptedOut
        case onlyIfWanted
    }

    package enum Fresh: String, Sendable, CaseIterable {
        /// The store's view as it is.
        case asStored
        /// Read anew from the systems where that can be had.
        case wanted
        /// Without it nothing is sent.
        case required
    }

    package enum Phase: String, Sendable, CaseIterable {
        case ahead, begun, ended
    }

    package struct Whom: Sendable {
        var classes: Set<AccountFacts.Class>?
        var communities: Set<String>?
        /// Of arrears: from this amount on.
        var atLeast = Fen(1)
    }

    package struct Rule: Sendable {
        package var name: String
        package var kind: Kind
        var whom = Whom()
        /// Of arrears: days before the day on which it must be paid, the minute of that day, and how many days late it may be told.
        var daysBefore = 0
        var minute = 9 * 60
        var lateDays = 0
        /// Of follow-ups: hours after the crew's word, until it is asked once more, and until no answer is one.
        var afterHours: Int64 = 24
        var againHours: Int64 = 24
        var closeHours: Int64 = 24
        var phases: Set<Phase> = [.begun, .ended]
        var states: Set<WorkOrderState> = []
        /// Of all but arrears: hours after which it is worth nothing.
        var validHours: Int64 = 24
        var quiet = QuietHours.night
        var consent = Consent.unlessOptedOut
        var fresh = Fresh.wanted
        /// Notices to one person on one day, of all rules.
        var perDay = 3
        /// Names of channels, in the order in which they are tried; ``NoticeRules/used`` among them.
        package var channels: [String] = []
        /// The words, and the keys of the sentences that are said.
        var wording: Wording
        var mostSegments = 2

        /// The sentence of what is told.
        func key(_ part: String?) -> String { part.map { "\(name).\($0)" } ?? name }
    }

    package var rules: [Rule] = []
    /// Whether anything is sent. Without it everything is planned and nothing leaves the house.
    package var sends = false
    /// Seconds between two looks at what is to be told.
    package var lookSeconds = 10
    /// SHA-256 of the file and of its words: what was planned by others is planned again.
    package var digest = ""
    package var channelNames: [String] = []
    /// How a channel tells; not of one whose section names no way, or several.
    package var ways: [String: ChannelConfiguration.Way] = [:]
    /// Of the channel that tells on the chat page.
    var page = Page()

    struct Page: Sendable {
        /// Minutes since a customer last said something on the page, in which it counts as open.
        var lately: Int64 = 60
        /// Minutes that a page has to fetch what it is offered, after which the next channel tells it.
        var waits: Int64 = 10
    }

    /// In a rule's channels: the one by which the account's customers last spoke with the company, if it can reach them.
    package static let used = "used"

    package init() {}

    /// By which channels a rule may tell, in its order; `used` may be any that customers speak through, first those of the rule.
    package func possibleChannels(of rule: Rule) -> [String] {
        let own = rule.channels.filter { $0 != Self.used }
        if own.count == rule.channels.count { return own }
        return own
            + channelNames.filter { !own.contains($0) && [.http, .wechat, .chat].contains(ways[$0]) }
    }

    package func rule(_ name: String) -> Rule? { rules.first { $0.name == name } }
}
