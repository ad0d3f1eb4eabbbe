/// What may become true of an account or of a place.
package enum EventType: String, Sendable, CaseIterable {
    case orderAccepted = "order.accepted"
    case orderDispatched = "order.dispatched"
    case orderEnroute = "order.enroute"
    case orderArrived = "order.arrived"
    case orderResolved = "order.resolved"
    case orderVisited = "order.visited"
    case orderReopened = "order.reopened"
    case orderCancelled = "order.cancelled"
    case paymentPosted = "payment.posted"
    case paymentReversed = "payment.reversed"
    case billIssued = "bill.issued"
    case billCorrected = "bill.corrected"
    case supplyChanged = "supply.changed"
    case outageBegun = "outage.begun"
    case outageEnded = "outage.ended"
    case outageCancelled = "outage.cancelled"

    /// What stands before it as the type of a CloudEvent.
    package static let prefix = "com.hearth."

    /// The types that a name means: `order.enroute`, `com.hearth.order.enroute`, or `order` for all of its kind. Nil for none.
    package static func named(_ name: some StringProtocol) -> [EventType]? {
        let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : String(name)
        if let one = EventType(rawValue: short) { return [one] }
        let kind = allCases.filter { $0.rawValue.hasPrefix(short + ".") }
        return kind.isEmpty ? nil : kind
    }

    /// Names that are understood, for messages.
    package static var names: [String] {
        allCases.map(\.rawValue) + Set(allCases.map { String($0.rawValue.prefix { $0 != "." }) }).sorted()
    }
}
