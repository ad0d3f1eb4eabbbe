import HeatModel
import JSONText
package import Store

/// What a month's conversations tell: of those that were opened in it, with everything that was said in them since.
///
/// ```swift
/// let report = try MonthReport(month: month, of: store)
/// ```
package struct MonthReport: Sendable, Codable {
    /// The version of the document.
    package static let documentVersion = 1

    package struct Example: Sendable, Codable, Hashable {
        package var conversation: Int64
        package var turn: Int64
        /// Masked, cut.
        package var words: String
    }

    package struct Entry: Sendable, Codable {
        /// An intent or a reason.
        package var name: String
        package var count: Int64
        package var examples: [Example]
    }

    package struct Misunderstood: Sendable, Codable {
        package var intent: String
        package var count: Int64
        /// Answers of this intent, whatever became of them.
        package var answers: Int64
        package var examples: [Example]
    }

    package struct Unanswered: Sendable, Codable {
        package var count: Int64
        /// The first of them.
        package var questions: [Example]
    }

    package struct Satisfaction: Sendable, Codable {
        /// Conversations with a score.
        package var scored: Int64
        /// With two places; nil where nobody gave one.
        package var mean: String?
        /// From 1 to 5.
        package var distribution: [Int64]
        /// Of all conversations, in percent with one place.
        package var responseRate: String?
        package var solved: Int64
        package var notSolved: Int64
        /// Of visits, apart.
        package var visitsScored: Int64
        package var visitsMean: String?
    }

    package struct FirstContact: Sendable, Codable {
        /// Conversations in which the customer said something.
        package var conversations: Int64
        package var resolved: Int64
        /// In percent with one place.
        package var rate: String?
        package var handedOff: Int64
        package var notSolved: Int64
        package var cameBack: Int64
        /// Of no known account: whether they came back nobody can say.
        package var withoutAccount: Int64
        package var days: Int
    }

    package var version = documentVersion
    package var month: String
    package var conversations: Int64 = 0
    package var turns: Int64 = 0
    package var questions: Int64 = 0
    package var topQuestions: [Entry] = []
    package var misunderstood: [Misunderstood] = []
    package var unanswered = Unanswered(count: 0, questions: [])
    package var handOffs: Int64 = 0
    package var handOffReasons: [Entry] = []
    package var satisfaction = Satisfaction(
        scored: 0, mean: nil, distribution: [0, 0, 0, 0, 0], responseRate: nil, solved: 0, notSolved: 0,
        visitsScored: 0,
        visitsMean: nil)
    package var firstContact = FirstContact(
        conversations: 0, resolved: 0, rate: nil, handedOff: 0, notSolved: 0, cameBack: 0, withoutAccount: 0,
        days: mostDays)

    /// Who asks the same again within so many days was not helped the first time.
    package static let mostDays = 7
    static let mostEntries = 10
    static let mostExamples = 3
    static let mostUnanswered = 50
    /// Characters of an example.
    static let mostWords = 80
    /// What nobody said what it was about.
    package static let unknownIntent = "unknown"
}

/// A month on the company's clock.
package struct ReportMonth: Sendable {
    package let name: String
    /// Microseconds since 1970.
    package let range: Range<Int64>

    /// - Parameters:
    ///   - text: `2026-11`
    ///   - offset: minutes by which the company's clock is ahead at a moment.
    package init?(_ text: String, offset: (Moment) -> Int16) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 7, parts.count == 2, parts[0].utf8.count == 4,
            text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == 0x2D }), let year = Int(parts[0]),
            let month = Int(parts[1]), (2000...2199).contains(year), (1...12).contains(month),
            let first = CivilDate(year: year, month: month, day: 1),
            let next = CivilDate(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
        else { return nil }
        func begin(_ day: CivilDate) -> Int64 {
            let utc = Int64(day.dayNumber) * 86_400_000_000
            return utc - Int64(offset(Moment(microseconds: utc))) * 60_000_000
        }
        name = text
        range = begin(first)..<begin(next)
    }
}
