import HeatModel

/// How supply is suspended (报停) or given up for good (销户): what people bring and do, step by step, and where. Read from
/// `suspension.yaml` beside the configuration; what it costs and by when is the tariff's.
package struct SuspensionProcedures: Sendable {
    /// What is wanted.
    package enum Intent: String, Sendable, CaseIterable {
        /// For a time (报停).
        case suspend
        /// For good (销户).
        case close
    }

    /// How the home is heated (房屋性质).
    package enum Heating: String, Sendable, CaseIterable {
        /// By the company's network (集中供暖).
        case central
        /// By a boiler of its own (自采暖).
        case own
    }

    package enum Season: String, Sendable, CaseIterable {
        case inside
        case outside
    }

    /// What the customer is asked, by the parameter that the answer is handed on with.
    package enum Query: String, Sendable, CaseIterable {
        case intent
        case heating
    }

    /// Words by language: `zh`, `en`, `zh_plain`.
    package typealias Words = [String: String]

    /// When a procedure is the one; what is nil holds for all.
    struct Condition: Sendable {
        var intent: Intent?
        var heating: Heating?
        var accountClass: AccountFacts.Class?
        var season: Season?
        var hasArrears: Bool?
        var city: String?
    }

    struct Item: Sendable {
        var name: String
        var words: Words
    }

    struct Procedure: Sendable {
        var name: String
        var when = Condition()
        /// Nil for those of the tariff.
        var documents: [Item]?
        var steps: [Item] = []
        var place: Item?
    }

    /// What is known of the account and of the wish.
    struct Situation {
        var intent: Intent?
        var heating: Heating?
        var accountClass: AccountFacts.Class?
        /// Nil where no tariff tells the season's days.
        var season: Season?
        var hasArrears: Bool
        var city: String?
    }

    var queries: [Query: Words] = [:]
    var procedures: [Procedure] = []

    /// The first procedure that holds. Who says nothing of the wish is taken to want a suspension, and who says nothing of the heating to be
    /// on the network, being an account of it.
    func find(_ situation: Situation) -> Procedure? {
        let (intent, heating) = (situation.intent ?? .suspend, situation.heating ?? .central)
        return procedures.first { procedure in
            let when = procedure.when
            return when.intent ?? (when.heating == nil ? .suspend : intent) == intent
                && when.heating ?? heating == heating
                && (when.accountClass == nil || when.accountClass == situation.accountClass)
                && (when.season == nil || when.season == situation.season)
                && when.hasArrears ?? situation.hasArrears == situation.hasArrears
                && (when.city == nil || when.city == situation.city)
        }
    }

    /// What the customer is to be asked first: what was not said and makes a difference.
    func toAsk(_ situation: Situation) -> [Query] {
        func differs<Value>(_ path: WritableKeyPath<Situation, Value?>, _ values: [Value]) -> Bool {
            Set(
                values.map { value in
                    var other = situation
                    other[keyPath: path] = value
                    return find(other)?.name
                }
            ).count > 1
        }
        var asked: [Query] = []
        if situation.intent == nil, queries[.intent] != nil, differs(\.intent, Intent.allCases) {
            asked.append(.intent)
        }
        if situation.heating == nil, queries[.heating] != nil, differs(\.heating, Heating.allCases) {
            asked.append(.heating)
        }
        return asked
    }
}

extension SuspensionProcedures.Words {
    /// A language of which nothing is said is Chinese.
    func said(in language: String) -> String { self[language] ?? self["zh"] ?? "" }
}
