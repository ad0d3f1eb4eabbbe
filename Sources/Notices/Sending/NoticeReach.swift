import Actions
import HeatModel
import Store

/// By which channels an account's people can be told something now: a phone, those who follow the official account, a page that was used
/// lately.
struct NoticeReach: Sendable {
    let rules: NoticeRules
    /// Where a customer's state says that they are found, sealed; nil where it does not say so.
    let address: @Sendable (CustomerState) -> String?

    /// A customer who has proved the account to be theirs.
    struct Person {
        var customer: CustomerKey
        var state: CustomerState
    }

    /// Customers of one account that are looked at, and followers that are told.
    private static let mostPeople = 50
    private static let mostFollowers = 5

    /// By which way of telling somebody is reached who spoke through a channel. A kiosk is everybody's: nothing is told there.
    private static let ways: [String: ChannelConfiguration.Way] = [
        "wechat": .wechat, "chat": .chat, "sms": .http, "hotline": .http,
    ]

    /// The account's customers, who spoke last first; none where the rule tells without them.
    func people(for rule: NoticeRules.Rule, _ account: String, _ store: any StoreReader) throws -> [Person] {
        let channels = rules.possibleChannels(of: rule)
        let isAsked =
            rule.channels.contains(NoticeRules.used)
            || channels.contains { rules.ways[$0] == .wechat || rules.ways[$0] == .chat }
        if !isAsked { return [] }
        return try store.customers(boundTo: account, limit: Self.mostPeople).compactMap { customer in
            try store.customerState(customer).map { Person(customer: customer, state: $0) }
        }.sorted { $0.state.changedAt.microseconds > $1.state.changedAt.microseconds }
    }

    /// Where followers are found, sealed.
    func followers(_ people: [Person]) -> [String] {
        Array(
            people.filter { $0.customer.channel == "wechat" }.compactMap { address($0.state) }.prefix(
                Self.mostFollowers))
    }

    /// Why a channel reaches nobody; nil where it reaches somebody.
    func lack(_ channel: String, _ account: AccountNow, _ people: [Person], now: Instant) -> String? {
        switch rules.ways[channel] {
        case .http: return account.mobile == nil ? "no phone number" : nil
        case .wechat: return followers(people).isEmpty ? "no follower" : nil
        case .chat:
            let since = now.microseconds - rules.page.lately * 60_000_000
            let isOpen = people.contains {
                $0.customer.channel == "chat" && $0.state.conversation != nil
                    && $0.state.changedAt.microseconds >= since
            }
            return isOpen ? nil : "no page that is open"
        case .webhook, .file, nil: return nil
        }
    }

    /// The channel that stands at a place of the rule's order; nil where it reaches nobody, or was tried.
    func channel(
        at place: Int, of rule: NoticeRules.Rule, _ account: AccountNow, _ people: [Person], tried: Set<String>,
        now: Instant
    ) -> String? {
        func reaches(_ name: String) -> Bool {
            !tried.contains(name) && lack(name, account, people, now: now) == nil
        }
        let name = rule.channels[place]
        if name != NoticeRules.used { return reaches(name) ? name : nil }
        let possible = rules.possibleChannels(of: rule)
        for person in people {
            guard let way = Self.ways[person.customer.channel],
                let channel = possible.first(where: { rules.ways[$0] == way }), reaches(channel)
            else { continue }
            return channel
        }
        return nil
    }

    /// The first channel of the rule's order, from a place on, that reaches somebody.
    func channel(
        from place: Int, of rule: NoticeRules.Rule, _ account: AccountNow, _ people: [Person],
        tried: Set<String> = [], now: Instant
    ) -> (place: Int, name: String)? {
        for place in rule.channels.indices.dropFirst(place) {
            if let name = channel(at: place, of: rule, account, people, tried: tried, now: now) { return (place, name) }
        }
        return nil
    }
}
