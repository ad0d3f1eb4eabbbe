package import Records

/// A source with known content, for ``ConnectorConformance``.
///
/// The content should be small (5 to 100 rows, no defective records) yet unkind: a NULL beside an empty text, non-ASCII text,
/// two equal rows if the source may hold them, and more than one origin where the connector knows several.
package struct ConnectorFixture: Sendable {
    /// The configured stream that the checks pull.
    package var stream: String
    package var columns: [String]
    /// Every row the stream holds, in any order.
    package var rows: [[String?]]
    /// How the checks pull; a full pull needs no cursor.
    package var mode: PullRequest.Mode
    /// Makes a connector to the good source. Called by every check.
    package var connector: @Sendable () throws -> any Connector
    /// Makes a connector, with the same stream configured, to a source that is not there: a closed port, a missing folder.
    package var brokenConnector: @Sendable () throws -> any Connector
    /// Makes a connector, with the same stream configured, to a source that begins to answer and then withholds the rest without
    /// saying so: an answer cut in the middle, a file that ends too early, a connection that closes.
    package var withholdingConnector: @Sendable () throws -> any Connector
    /// A text that changes when the good source's content does: a digest of its files or tables.
    package var fingerprint: @Sendable () throws -> String

    package init(
        stream: String, columns: [String], rows: [[String?]], mode: PullRequest.Mode = .incremental,
        connector: @escaping @Sendable () throws -> any Connector,
        brokenConnector: @escaping @Sendable () throws -> any Connector,
        withholdingConnector: @escaping @Sendable () throws -> any Connector,
        fingerprint: @escaping @Sendable () throws -> String
    ) {
        self.stream = stream
        self.columns = columns
        self.rows = rows
        self.mode = mode
        self.connector = connector
        self.brokenConnector = brokenConnector
        self.withholdingConnector = withholdingConnector
        self.fingerprint = fingerprint
    }
}
