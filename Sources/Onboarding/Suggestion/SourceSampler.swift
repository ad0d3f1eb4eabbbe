import ConfigurationFiles
package import HeatModel
package import Records
package import Setup

/// Takes samples of the streams of a configuration, and of what its databases hold besides.
package struct SourceSampler {
    /// What was looked at, and what could not be.
    package struct Outcome: Sendable {
        package var samples: [StreamSample] = []
        /// Streams that are configured.
        package var configured: [StreamName] = []
        package var failures: [(what: String, error: HearthError)] = []
        /// Tables and views that no stream reads and that cannot be read: a view of a table that is gone.
        package var unreadable: [(what: String, error: HearthError)] = []
    }

    private let configuration: HearthConfiguration
    private let rows: Int
    private let isCancelled: @Sendable () -> Bool

    /// - Parameter rows: of each stream.
    package init(
        _ configuration: HearthConfiguration, rows: Int = 2_000, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.configuration = configuration
        self.rows = rows
        self.isCancelled = isCancelled
    }

    /// So many tables beside the configured ones are looked at.
    private static let mostTables = 200

    /// - Parameter alsoTables: of these sources the tables that no stream reads, too: one may say what codes mean.
    package func run(alsoTables: Bool = true) -> Outcome {
        var outcome = Outcome()
        for source in configuration.sources where !isCancelled() {
            do {
                let connector = try source.makeConnector()
                var found: [StreamDescription] = []
                var failure: HearthError?
                do { found = try connector.discover() } catch { failure = Self.hearth(error) }
                let failures = outcome.failures.count
                for stream in source.streams {
                    let name = StreamName(source: source.name, stream: stream)
                    outcome.configured.append(name)
                    take(name, connector, found.first { $0.name == stream && $0.isConfigured }, source.zone, &outcome)
                }
                // What a stream failed with says it, too.
                if let failure, outcome.failures.count == failures {
                    outcome.failures.append(("source \(source.name), types and comments of its columns", failure))
                }
                // Operations of a service are no tables: only a database's can be read by name.
                let unconfigured = found.filter { !$0.isConfigured }
                let tables = unconfigured.filter { $0.trouble == nil }.prefix(Self.mostTables)
                let isDatabase = tables.contains { !$0.columns.isEmpty } && source.isDatabase
                guard alsoTables, isDatabase else { continue }
                outcome.unreadable += unconfigured.compactMap { table in
                    table.trouble.map { ("\(source.name): \(table.name)", $0) }
                }
                let listed = tables.map {
                    "\(YAMLText.quoted(Self.streamName($0.name))): {table: \(YAMLText.quoted($0.name))}"
                }
                let other = try source.makeConnector(streams: "{\(listed.joined(separator: ", "))}")
                for table in tables {
                    take(
                        StreamName(source: source.name, stream: Self.streamName(table.name)), other, table, source.zone,
                        &outcome)
                }
            } catch {
                outcome.failures.append(("source \(source.name)", Self.hearth(error)))
            }
        }
        return outcome
    }

    private func take(
        _ name: StreamName, _ connector: any Connector, _ description: StreamDescription?, _ zone: String,
        _ outcome: inout Outcome
    ) {
        if isCancelled() { return }
        do {
            outcome.samples.append(
                try StreamSample(
                    name, connector, description: description, zone: zone, rows: rows, isCancelled: isCancelled))
        } catch {
            outcome.failures.append(("\(name)", Self.hearth(error)))
        }
    }

    /// A table's name as a stream's: `public.sf_yh` → `sf_yh`, `dbo.T YH` → `T_YH`.
    static func streamName(_ table: String) -> String {
        let last = table.split(separator: ".").last.map(String.init) ?? table
        return String(last.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" ? $0 : "_" })
    }

    static func hearth(_ error: any Error) -> HearthError {
        if let error = error as? HearthError { return error }
        if let errors = error as? ConfigurationErrors, let first = errors.errors.first { return first }
        return HearthError(.sourceNothingFound, "it cannot be read", cause: error)
    }
}
