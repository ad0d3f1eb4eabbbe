import AccountView
import Explanation
import HeatModel
import Store
import Sync

extension Answers {
    /// In which words a caller wants an answer: `zh`, `zh_plain` or `en`.
    static func language(_ call: Call) throws(Problem) -> String {
        let language = try call.choice("lang", default: "zh", of: ["zh", "en"])
        let isPlain = try call.choice("plain", default: "false", of: ["true", "false"]) == "true"
        if isPlain, language != "zh" { throw .parameter("plain", "is Chinese: it goes with lang=zh") }
        return isPlain ? "zh_plain" : language
    }

    /// The season of a path or a parameter; nil for `latest`.
    static func season(_ text: String?) throws(Problem) -> String? {
        guard let text, text != "latest" else { return nil }
        let years = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 9, years.count == 2, years.allSatisfy({ $0.utf8.count == 4 }),
            let first = Int(years[0]), let second = Int(years[1]), second == first + 1
        else { throw .parameter("season", "must be two years that follow each other, as in 2025-2026, or \"latest\"") }
        return text
    }

    /// Why a bill is what it is: against peers, the season before, or the tariff.
    func explanation(_ call: Call, _ source: some ViewSource, versus fixed: Explanation.Versus? = nil) throws -> Answer
    {
        let number = try call.accountNumber()
        let season = try Self.season(call.values.last)
        let known = Explanation.Versus.allCases
        let stated = try call.choice("versus", default: Explanation.Versus.peers.rawValue, of: known.map(\.rawValue))
        let versus = fixed ?? known.first { $0.rawValue == stated } ?? .peers
        let language = try Self.language(call)
        let now = Instant.now
        var answer: Answer?
        try withView(number, call, source) { view in
            let explained = try desk.explanation(
                view: Array(view), season: season, versus: versus, today: now.local.date, now: now, in: source.reader)
            let json = desk.json(explained, languages: [language])
            answer = json.withUnsafeBytes { self.answer($0, of: number, to: call) }
        }
        guard let answer else { throw Problem.unknownAccount }
        return answer
    }
}
