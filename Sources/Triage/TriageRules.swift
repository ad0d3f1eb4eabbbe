package import HeatModel

/// What a company decides about cold homes: the order of what is looked at, its limits, the first checks, what to do next. Read from
/// `triage.yaml` beside the configuration.
package struct TriageRules: Sendable {
    package enum Action: String, Sendable, CaseIterable {
        /// Supply comes back when the outage ends.
        case waitForEnd
        /// An outage is likely and not announced: the company is at it, or must be told.
        case waitForNews
        case callNow
        case visitOffice
        case payArrears
        case restoreSupply
        /// Somebody of the company must open the valve.
        case askForOpening
        case joinOrder
        case createOrder
    }

    /// What the crew should look at.
    package enum Hint: String, Sendable, CaseIterable {
        case checkBlockage
    }

    /// One line of `findings:`.
    package struct Step: Sendable {
        package var finding: Finding.Kind
        package var action: Action?
        /// The action is recommended only where this has been found too.
        package var with: Finding.Kind?
        package var hint: Hint?
    }

    /// Something that the household can look at itself.
    package struct Check: Sendable {
        package var id: String
        /// Name of a picture; nil for none.
        package var picture: String?
        /// The words by language: `zh`, `en`, `zh_plain`.
        package var words: [String: String]
    }

    package var steps: [Step] = []
    /// Where no finding leads to an action.
    package var otherwise = Action.createOrder

    /// Hours after its expected end in which an outage that has not ended still counts.
    package var overdueHours: Int64 = 24
    /// Hours after its begin in which an outage without an expected end still counts.
    package var openHours: Int64 = 72
    /// Hours after its end in which rooms may still be warming up.
    package var endedHours: Int64 = 12
    /// Hours before its begin in which an outage is told.
    package var aheadHours: Int64 = 72
    /// Hours after the last moment that it states in which an outage is told of which nobody says whether it has ended.
    package var unclearHours: Int64 = 240

    /// Orders that neighbours make when they have no heat.
    package var clusterKinds: [WorkOrder.Kind] = [.noHeat]
    package var clusterHours: Int64 = 24
    /// Households with such an order, one's own included, from which on an outage is likely; nil where the place is not looked at.
    package var clusterBuilding: Int?
    package var clusterStation: Int?
    /// Fewer other households are never spoken of.
    package var clusterOthers = leastOthers
    /// A company may ask for more, not for less.
    package static let leastOthers = 3

    package var standard = TenthsOfDegree(180)
    /// Hours after which a room temperature decides nothing.
    package var readingHours: Int64 = 24

    package var repeatedKinds: [WorkOrder.Kind] = [.noHeat, .notWarm]
    /// Days that are looked back on.
    package var repeatedDays: Int64 = 400

    package var checks: [Check] = []
    /// Findings with which checks at home are of no use.
    package var noChecksWith: Set<Finding.Kind> = []

    package init() {}

    func looksFor(_ kind: Finding.Kind) -> Bool { steps.contains { $0.finding == kind } }
}
