/// `lineage:` of the configuration: who is told of runs.
package struct LineageSettings: Sendable, Hashable {
    package enum Destination: Sendable, Hashable {
        /// A line an event is put at the end of it.
        case file(String)
        /// Each event is posted there.
        case address(String)
    }

    package var destination: Destination
    /// Whose jobs and data sets they are.
    package var namespace = "hearth"
    /// Sent as a bearer token.
    package var key: String?
    /// Seconds for one event.
    package var timeout = 5

    package init(to destination: Destination) { self.destination = destination }
}
