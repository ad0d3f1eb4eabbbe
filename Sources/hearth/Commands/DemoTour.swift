import Answers
import ArgumentParser
import Explanation
import Foundation
import Gateway
import HeatModel
import LegacyEstate
import Pages
import Reconciliation
import Setup
import Store
import Sync

/// What `hearth demo` shows once the systems are synced: why one bill is higher, where one figure of it is from, what the systems
/// disagree on, what was put aside, and how to look further.
struct DemoTour {
    let estate: Estate
    let workspace: Workspace
    let options: CommonOptions
    let say: Tongue
    /// The demo's folder as the user named it.
    let folder: String
    /// Records that the sync read.
    let read: Int64
    let quarantined: [QuarantinedRecord]
    let tell: (String) -> Void

    /// So many households are looked at for one whose bill is clearly higher.
    private static let households = 600

    func show() throws {
        let shown = try household()
        let number = shown?.account ?? estate.account(0).number
        tell(
            say(
                "3. 户号 \(number) 问:“我家的热费怎么比别人高?”",
                "3. \"Why is my bill so much higher than other people's?\" asks account \(number)"))
        try show(explanationOf: number)
        let charge = shown?.charge
        if let charge {
            let command = "`hearth trace \(number) \(charge)`"
            tell(say("4. 这个数是从哪里来的:\(command)", "4. Where its figure comes from: \(command)"))
            try Trace.parse([number, charge, "--config", options.config]).show(in: say)
        }
        try showFindings()
        showQuarantine()
        let command = folder.contains(" ") ? "hearth --workspace '\(folder)'" : "hearth --workspace \(folder)"
        tell(
            say("接着看(在 \(folder) 里不用 --workspace):", "Look further, from here or without --workspace inside \(folder):")
        )
        for rest in [
            "account \(number)", "explain \(number) --versus tariff", "quarantine list", "status",
            "serve",
        ] { Terminal.say("  \(command) \(rest)") }
        try showDoors(number)
    }

    /// Where `hearth serve` has its doors in the demo's folder, and what opens them.
    private func showDoors(_ number: String) throws {
        let secret = BearerSecret()
        let now = Instant.now
        try workspace.store.add(
            secret.token(
                name: "demo", scopes: [.assistant, .engineer, .auditor, .desk], createdAt: now,
                expiresAt: Instant(
                    microseconds: now.microseconds + 7 * 86_400_000_000, offsetMinutes: now.offsetMinutes)))
        let serve = workspace.configuration.serve
        let place = "http://\(serve.host):\(serve.port)"
        let identity = (0..<estate.options.accounts).lazy.map { estate.account($0) }.first { $0.number == number }
            .map { String($0.idNumber.suffix(6)) }
        tell(
            say("   serve 打开这些门,令牌只属于本演示,一周内有效:", "   serve opens, by a token of this demo that holds for a week:"))
        let visitor = say(
            "户号 \(number),身份证后六位 \(identity ?? "")", "as account \(number), ID number's last six \(identity ?? "")")
        let question = "\(place)/v1/accounts/\(number)/bills/latest/explanation?versus=peers&lang=\(say.rawValue)"
        for (door, what) in [
            (say("令牌", "token"), secret.text), (say("控制台", "console"), "\(place)/console"),
            (say("坐席台", "desk"), "\(place)/desk"), (say("聊天页", "chat"), "\(place)/chat   \(visitor)"),
            ("API", "curl -H 'Authorization: Bearer \(secret.text)' '\(question)'"),
        ] { Terminal.say("   \(Terminal.pad(door, 9)) \(what)") }
    }

    /// The household whose bill is most above its peers', of those that no planted fault is about, and a charge of that bill.
    private func household() throws -> (account: String, charge: String?)? {
        let faulty = Set(estate.planted.compactMap(\.accountNumber))
        let money = try workspace.moneyAnswers()
        let now = workspace.configuration.local(Instant.now.microseconds)
        let accounts = estate.options.accounts
        return try workspace.store.read { store in
            var best: (account: String, above: Fen, charge: String?)?
            for index in 0..<min(accounts, Self.households) {
                let number = estate.account(index).number
                if faulty.contains(number) { continue }
                let answer = try money.explanation(
                    of: number, season: nil, versus: .peers, today: now.local.date, now: now, in: store)
                guard answer.status == .explained, answer.accountClass == .resident, let above = answer.difference,
                    above > best?.above ?? .zero
                else {
                    continue
                }
                let line = answer.bill?.lines.max { $0.due < $1.due }?.evidence
                best = (number, above, line.map { "\($0.source)/\(RecordKey.text($0.key)).due" })
            }
            return best.map { ($0.account, $0.charge) }
        }
    }

    private func show(explanationOf number: String) throws {
        let document = try LocalQuestions(options).ask(
            .explanation,
            ["number": .text(number), "versus": .text("peers"), "lang": .text(say.rawValue)], wantsWords: true)
        guard let spoken = document.spoken else { return }
        Terminal.say(spoken.answer.text(spoken.wording))
        if let answer = spoken.answer as? Explanation { PartsChart(answer, in: say).show() }
    }

    private func showFindings() throws {
        let reconciliation = try ReconciliationFiles.parse([]).reconciliation(options, workspace)
        var chosen = Reconciliation.Options()
        chosen.peers = workspace.configuration.peers
        let summary = try reconciliation.run(workspace.store, into: folder + "/reconciliation", chosen)
        let (count, money) = (Terminal.grouped(summary.all.findings), summary.all.absolute)
        let report = "\(folder)/reconciliation/report.html"
        tell(
            say(
                "5. 各系统之间不一致的地方:\(count) 处,合 \(money) 元,见 \(report)",
                "5. What the systems disagree on: \(count) findings worth \(money) yuan, in \(report)"))
        guard let largest = summary.largest else { return }
        tell(
            say(
                "   最大的一处:户号 \(largest.account),\(largest.zh)",
                "   the largest: account \(largest.account), \(largest.en)"))
        Terminal.say("   " + say(largest.evidence.replacing("(run ", with: "(运行 "), largest.evidence))
    }

    private func showQuarantine() {
        let all = Terminal.grouped(read)
        tell(
            say(
                "6. 隔离区:\(all) 条记录中的 \(quarantined.count) 条;埋了 \(estate.planted.count) 处错",
                "6. In quarantine: \(quarantined.count) of \(all) records; \(estate.planted.count) faults were planted")
        )
        var counts: [String: Int] = [:]
        for entry in quarantined { counts["\(entry.stream)\u{1F}\(entry.code)", default: 0] += 1 }
        Terminal.table(
            ["   " + say("数据流", "stream"), say("代码", "code"), "#" + say("条数", "records")]
                + (say == .chinese ? ["原因"] : []),
            counts.sorted { $0.key < $1.key }.map { name, count in
                let parts = name.split(separator: "\u{1F}").map(String.init)
                return ["   \(parts[0])", parts[1], "\(count)"] + (say.meaning(of: parts[1]).map { [$0] } ?? [])
            })
    }
}
