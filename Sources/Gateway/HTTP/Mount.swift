import Answers

/// A path beside the table of routes, for what another room serves on this server: pages, files, streams of events. It is asked
/// with `GET` and answered on a thread that may wait.
struct Mount: Sendable {
    /// Any one of these allows it; none is needed where there is none.
    var scopes: [Scope]
    var answer: @Sendable (Call) throws -> Answer
}
