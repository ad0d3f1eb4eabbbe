import Foundation
import Glibc
package import HeatModel
import Mapping
import Records
import SOAPConnector
import Store
package import Sync

/// Tells of the runs of one sync while it works. A destination that is away stops nothing, and is not waited for again in the same sync:
/// what it has not got is counted, and ``problem`` says why.
///
/// ```swift
/// let teller = LineageTeller(settings, streams: streams)
/// defer { teller.end() }
/// let outcome = try runner.sync(streams, options) { teller.note($0) }
/// ```
///
/// Of one thread.
package final class LineageTeller {
    private let settings: LineageSettings
    private let streams: [StreamName: SyncStream]
    private let clock: @Sendable () -> Instant
    private var open: (stream: StreamName, id: UUID)?
    private var untold = 0
    private var failure: HearthError?
    private lazy var post: HTTPPost? = {
        guard case .address(let address) = settings.destination else { return nil }
        return HTTPPost(to: address, within: settings.timeout * 1000) { _ in true }
    }()

    package init(_ settings: LineageSettings, streams: [SyncStream], clock: @escaping @Sendable () -> Instant) {
        self.settings = settings
        self.streams = Dictionary(streams.map { ($0.name, $0) }) { first, _ in first }
        self.clock = clock
    }

    package func note(_ event: SyncEvent) {
        switch event {
        case .began(let stream):
            end()
            open = (stream, UUID())
            tell(.start, nil)
        case .ended(let report):
            guard open?.stream == report.stream else { return }
            let kind: LineageEvent.Kind =
                switch report.state {
                case .success: .complete
                case .cancelled: .abort
                default: .fail
                }
            tell(kind, report)
            open = nil
        case .progress, .views: break
        }
    }

    /// A run that began and of which nothing more was heard has not come to its end: it found the stream locked, or the sync broke off.
    package func end() {
        if open != nil { tell(.abort, nil) }
        open = nil
    }

    /// Why events reached nobody, and how many; nil where all were told.
    package var problem: HearthError? {
        failure.map {
            HearthError(
                .lineageNotTold, "\(untold) lineage events were not told: \($0.message) [\($0.code.name)]",
                at: $0.place, advice: "look at `lineage:` of the configuration; the runs themselves are as they are")
        }
    }

    private func tell(_ kind: LineageEvent.Kind, _ report: RunReport?) {
        guard let open, let stream = streams[open.stream] else { return }
        if failure != nil {
            untold += 1
            return
        }
        do {
            let event = LineageEvent(
                kind, of: open.stream, mapping: stream.mapping, id: open.id, report: report,
                namespace: settings.namespace, at: clock())
            try deliver(try event.bytes())
        } catch {
            untold += 1
            failure =
                error as? HearthError ?? HearthError(.lineageNotTold, "an event cannot be delivered", cause: error)
        }
    }

    private func deliver(_ bytes: [UInt8]) throws {
        if let post {
            let headers =
                ["Content-Type: application/json"] + (settings.key.map { ["Authorization: Bearer \($0)"] } ?? [])
            let reply = try post.send(bytes, headers: headers) { false }
            guard (200..<300).contains(reply.status) else {
                throw HearthError(.lineageNotTold, "the destination answers with HTTP status \(reply.status)")
            }
        } else if case .file(let path) = settings.destination {
            try append(bytes + [0x0A], to: path)
        }
    }

    /// In one write at the file's end, so that lines of several processes do not mix.
    private func append(_ line: [UInt8], to path: String) throws {
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.notWritten(path, errno) }
        defer { close(descriptor) }
        let written = write(descriptor, line, line.count)
        if written != line.count { throw Self.notWritten(path, written < 0 ? errno : ENOSPC) }
    }

    private static func notWritten(_ path: String, _ reason: CInt) -> HearthError {
        HearthError(
            .lineageNotTold, "the file cannot be written: \(String(cString: strerror(reason)))",
            at: .file(path, line: 0, column: 0))
    }
}
