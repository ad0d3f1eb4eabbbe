import HeatModel
import Mapping
package import Records

/// Tells beforehand what a sync would stumble on: what the connectors say of themselves, and what becomes of the first records
/// of each stream under its mapping. Nothing is stored, no cursor is asked for or moved.
package struct SourceCheck: Sendable {
    /// What is to be mended where a finding is bad.
    package enum Subject: String, Sendable {
        /// The legacy system, or the way to it.
        case source
        /// The mapping file.
        case mapping
        /// Records that would go to quarantine.
        case records
    }

    package struct Finding: Sendable {
        package var source: String
        package var about: Subject
        package var finding: CheckFinding
    }

    /// How far a sample goes.
    package struct Sample: Sendable {
        /// Records of each stream.
        package var rows: Int
        /// Seconds after which a stream is looked at no longer.
        package var seconds: Int

        package init(rows: Int = 200, seconds: Int = 20) {
            self.rows = rows
            self.seconds = seconds
        }
    }

    /// A source with those of its streams that are looked at.
    package struct Target: Sendable {
        package var source: String
        package var connector: any Connector
        package var streams: [SyncStream]

        package init(source: String, connector: any Connector, streams: [SyncStream]) {
            self.source = source
            self.connector = connector
            self.streams = streams
        }
    }

    private let targets: [Target]
    private let isCancelled: @Sendable () -> Bool

    package init(_ targets: [Target], isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.targets = targets
        self.isCancelled = isCancelled
    }

    /// Checks the sources one after another, and hands over each one's findings once it is done.
    ///
    /// - Parameter sample: nil takes none.
    package func run(sample: Sample? = Sample(), tell: ([Finding]) -> Void) {
        for target in targets {
            let own = target.connector.check()
            var findings = own.map { Finding(source: target.source, about: .source, finding: $0) }
            for stream in target.streams {
                findings += stream.mapping.notes.map { Self.noted($0, stream.name, target.source) }
                guard let sample, !isCancelled(), !Self.isHopeless(stream.name.stream, own) else { continue }
                let taken = StreamSample(stream: stream, bounds: sample, isCancelled: isCancelled).findings()
                findings += taken.filter { !Self.isTold($0, in: own) }.map {
                    Finding(source: target.source, about: $0.about, finding: $0.finding)
                }
            }
            tell(findings)
        }
    }

    /// What is read, and should be written otherwise by now.
    private static func noted(_ note: HearthError, _ stream: StreamName, _ source: String) -> Finding {
        let place = note.place.map { "\($0): " } ?? ""
        return Finding(
            source: source, about: .mapping,
            finding: CheckFinding("mapping of \(stream)", .warning, place + note.message, advice: note.advice))
    }

    /// Whether it is known already that nothing comes of this stream: the system does not answer, or refuses just this.
    private static func isHopeless(_ stream: String, _ findings: [CheckFinding]) -> Bool {
        findings.contains {
            $0.verdict == .failed
                && ($0.subject == "connect" || $0.subject == "configuration" || $0.subject.hasSuffix(" \(stream)"))
        }
    }

    private static func isTold(_ taken: StreamSample.Finding, in findings: [CheckFinding]) -> Bool {
        taken.about == .source && taken.finding.verdict == .failed
            && findings.contains { $0.verdict == .failed && $0.detail.hasSuffix(taken.finding.detail) }
    }
}
