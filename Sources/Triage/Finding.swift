package import Explanation
package import HeatModel
package import Store

/// Something that was found about a cold home.
package struct Finding: Sendable {
    /// What can be found. The rules say in which order it is told, and what it leads to.
    package enum Kind: String, Sendable, CaseIterable {
        /// Supply is interrupted in the building, the community or the station.
        case outage
        /// It should have ended by now, and nothing says that it has.
        case outageOverdue
        case outageEnded
        case outageAhead
        /// What the dispatch system says of one cannot all be true.
        case outageUnclear
        /// So many neighbours say that they have no heat that something is likely to be wrong for all of them.
        case likelyOutage
        case disconnected
        case suspended
        case suspendedInPart
        case arrears
        case supplyStopped
        case supplyPartial
        case valveClosed
        case openOrder
        /// An order of which nobody says whether it is open.
        case orderUnclear
        /// The last room temperature is below the standard.
        case cold
        case warm
        /// The last room temperature is too old to decide anything.
        case oldReading
        case noReading
        /// The home was cold before.
        case repeated
    }

    /// Neighbours with open orders. It says how many households there are, and of none which it is or when it called.
    package struct Cluster: Sendable {
        package var level: CohortLevel
        package var households: Int
        /// Whole hours around the first and the last order.
        package var from: Instant
        package var through: Instant
    }

    package enum Detail: Sendable {
        case none
        case outage(Outage, CohortLevel)
        case cluster(Cluster)
        case supply(state: AccountFacts.Supply.State?, valve: AccountFacts.Supply.Valve?)
        case arrears(Fen, dueOn: CivilDate?)
        case order(WorkOrder)
        case reading(RoomTemperature, ageHours: Int64)
        /// Orders of before, and when the last of them was made.
        case repeated(Int, last: Instant)
    }

    package var kind: Kind
    package var detail: Detail
    package var evidence: [Explanation.Evidence]

    package init(_ kind: Kind, _ detail: Detail = .none, evidence: [Explanation.Evidence] = []) {
        self.kind = kind
        self.detail = detail
        self.evidence = evidence
    }
}
