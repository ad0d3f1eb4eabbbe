import Foundation
import Records
import Store
import Sync

/// Progress of a sync: a line that is rewritten on a terminal, a plain line every few seconds elsewhere.
final class ProgressDisplay {
    private let isQuiet: Bool
    private var lastShown = ContinuousClock.now
    private var isLineOpen = false

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ event: SyncEvent) {
        if isQuiet { return }
        switch event {
        case .began: lastShown = .now
        case .progress(let progress): step(Self.line(progress))
        case .ended(let report):
            clear()
            let counts = report.counts
            var line = "\(report.stream): \(report.state.rawValue), read \(Terminal.grouped(counts.read))"
            let parts = [
                ("new", counts.new), ("changed", counts.changed), ("unchanged", counts.unchanged),
                ("duplicate", counts.duplicate),
                ("quarantined", counts.quarantined),
            ].filter { $0.1 > 0 }.map { "\(Terminal.grouped($0.1)) \($0.0)" }
            if !parts.isEmpty { line += " = " + parts.joined(separator: " + ") }
            if counts.vanished > 0 { line += "; \(Terminal.grouped(counts.vanished)) vanished" }
            line += " in \(Self.seconds(report.elapsed))"
            Terminal.note(line + "\n")
            if let proof = report.pull.statement?.text { Terminal.note("  \(proof)\n") }
            for line in report.pull.noticeLines { Terminal.note("  \(line)\n") }
            for name in report.knownOrigins { Terminal.note("  \(name): content known already, not read again\n") }
            if let error = report.error { Terminal.note("  \(error)\n") }
        case .views(let built, let of):
            if built == of {
                clear()
            } else {
                step("account views: \(Terminal.grouped(built)) of \(Terminal.grouped(of))")
            }
        }
    }

    private func step(_ line: String) {
        if Terminal.isInteractive {
            guard ContinuousClock.now - lastShown > .milliseconds(100) else { return }
            Terminal.note("\r\u{1B}[2K" + line)
            isLineOpen = true
        } else {
            guard ContinuousClock.now - lastShown > .seconds(5) else { return }
            Terminal.note(line + "\n")
        }
        lastShown = .now
    }

    private func clear() {
        if isLineOpen { Terminal.note("\r\u{1B}[2K") }
        isLineOpen = false
    }

    private static func line(_ progress: SyncProgress) -> String {
        let seconds = max(progress.elapsed / .seconds(1), 0.001)
        let rate = Double(progress.counts.read) / seconds
        var line =
            "\(progress.stream): \(Terminal.grouped(progress.counts.read)) rows, \(Terminal.grouped(Int64(rate))) rows/s, \(Self.seconds(progress.elapsed))"
        if let expected = progress.expectedRows, expected >= progress.counts.read, rate > 0 {
            let remaining = Double(expected - progress.counts.read) / rate
            line += ", about \(Int(remaining.rounded(.up))) s left (\(progress.counts.read * 100 / max(expected, 1)) %)"
        }
        return line
    }

    static func seconds(_ duration: Duration) -> String {
        let hundredths = Int64(duration / .milliseconds(10))
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
    }
}
