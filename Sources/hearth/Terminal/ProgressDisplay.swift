import Foundation
import HeatModel
import Pages
import Records
import Store
import Sync

/// Progress of a sync: a line that is rewritten on a terminal, a plain line every few seconds elsewhere.
final class ProgressDisplay {
    private let isQuiet: Bool
    private let say: Tongue
    private var lastShown = ContinuousClock.now
    private var isLineOpen = false

    init(isQuiet: Bool, in say: Tongue = .english) {
        self.isQuiet = isQuiet
        self.say = say
    }

    func show(_ event: SyncEvent) {
        if isQuiet { return }
        switch event {
        case .began: lastShown = .now
        case .progress(let progress): step(line(progress))
        case .ended(let report):
            clear()
            Terminal.note(line(report) + "\n")
            for line in more(of: report) { Terminal.note("  \(line)\n") }
        case .views(let built, let of):
            if built == of {
                clear()
            } else {
                let (built, all) = (Terminal.grouped(built), Terminal.grouped(of))
                step(say("账户视图:\(all) 户中的 \(built) 户", "account views: \(built) of \(all)"))
            }
        }
    }

    private func line(_ report: RunReport) -> String {
        let counts = report.counts
        let (state, read) = (report.state.rawValue, Terminal.grouped(counts.read))
        var line = say("\(report.stream):\(say.word(state)),读 \(read)", "\(report.stream): \(state), read \(read)")
        let parts = [
            (say("新", "new"), counts.new), (say("变", "changed"), counts.changed),
            (say("未变", "unchanged"), counts.unchanged),
            (say("重复", "duplicate"), counts.duplicate), (say("隔离", "quarantined"), counts.quarantined),
        ].filter { $0.1 > 0 }.map { name, count in
            say("\(name) \(Terminal.grouped(count))", "\(Terminal.grouped(count)) \(name)")
        }
        if !parts.isEmpty { line += " = " + parts.joined(separator: " + ") }
        if counts.vanished > 0 {
            let vanished = Terminal.grouped(counts.vanished)
            line += say(";消失 \(vanished)", "; \(vanished) vanished")
        }
        return line + say(",用时 \(seconds(report.elapsed))", " in \(seconds(report.elapsed))")
    }

    /// What proves that nothing is missing, what was noticed, and why it failed.
    private func more(of report: RunReport) -> [String] {
        var lines: [String] = []
        if let proof = report.pull.statement {
            lines.append(say("完整性依据:\(say.word(proof.proof, of: "proof"))", proof.text))
        }
        for notice in report.pull.notices {
            let place = notice.place.map { "(\($0))" } ?? ""
            lines.append(say.meaning(of: notice.code).map { "\(notice.code):\($0)\(place)" } ?? notice.text)
        }
        if report.pull.noticesLeftOut > 0 {
            let count = report.pull.noticesLeftOut
            lines.append(say("同类提示还有 \(count) 条", "\(count) more notices of the kind"))
        }
        for name in report.knownOrigins {
            lines.append(say("\(name):内容已经读过,不再读", "\(name): content known already, not read again"))
        }
        if let error = report.error {
            if let meaning = say.meaning(of: error.code.name) { lines.append(meaning) }
            lines.append("\(error)")
        }
        return lines
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

    private func line(_ progress: SyncProgress) -> String {
        let elapsed = max(progress.elapsed / .seconds(1), 0.001)
        let rate = Double(progress.counts.read) / elapsed
        let (rows, each) = (Terminal.grouped(progress.counts.read), Terminal.grouped(Int64(rate)))
        let time = seconds(progress.elapsed)
        var line = say(
            "\(progress.stream):\(rows) 行,每秒 \(each) 行,\(time)",
            "\(progress.stream): \(rows) rows, \(each) rows/s, \(time)")
        if let expected = progress.expectedRows, expected >= progress.counts.read, rate > 0 {
            let left = Int((Double(expected - progress.counts.read) / rate).rounded(.up))
            let share = progress.counts.read * 100 / max(expected, 1)
            line += say(",大约还要 \(left) 秒(\(share) %)", ", about \(left) s left (\(share) %)")
        }
        return line
    }

    private func seconds(_ duration: Duration) -> String {
        let hundredths = Int64(duration / .milliseconds(10))
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) " + say("秒", "s")
    }
}
