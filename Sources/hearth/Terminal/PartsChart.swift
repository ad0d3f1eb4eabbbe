import Explanation
import HeatModel
import Pages

/// The parts of an explanation as bars around a middle line.
struct PartsChart {
    private let explanation: Explanation
    private let say: Tongue
    private static let width = 24

    init(_ explanation: Explanation, in say: Tongue) {
        self.explanation = explanation
        self.say = say
    }

    func show() {
        guard let difference = explanation.difference, !explanation.parts.isEmpty else { return }
        let most = explanation.parts.map { abs($0.fen.amount) }.max() ?? 1
        Terminal.say()
        for part in explanation.parts {
            let length = Int((abs(part.fen.amount) * Int64(Self.width) + most - 1) / max(1, most))
            let bar = String(repeating: "█", count: length)
            let left = part.fen < .zero ? Terminal.pad(bar, Self.width, right: true) : Terminal.pad("", Self.width)
            let right = part.fen < .zero ? Terminal.pad("", Self.width) : Terminal.pad(bar, Self.width)
            Terminal.say(
                "\(Terminal.pad(say.word(part.kind), 27)) \(left)│\(right) \(Terminal.pad(signed(part.fen), 12, right: true))"
            )
        }
        let sum = explanation.parts.reduce(Fen.zero) { $0 + $1.fen }
        Terminal.say(
            "\(Terminal.pad("Σ", 27)) \(Terminal.pad("", Self.width)) \(Terminal.pad("", Self.width)) \(Terminal.pad(signed(sum), 12, right: true))"
        )
        if sum != difference {
            Terminal.complain(say("各部分加起来不是 \(difference)", "the parts do not sum to \(difference)"))
        }
        for part in explanation.parts {
            let rule = part.rule.map { "  [\($0)]" } ?? ""
            Terminal.say("  \(say.word(part.kind)): \(say.formula(part.formula))\(rule)")
            for evidence in part.evidence {
                let run = evidence.run.map { " " + say("运行 \($0)", "run \($0)") } ?? ""
                let at = evidence.instant.map { " \(Terminal.moment($0))" } ?? ""
                Terminal.say("    \(evidence.source)/\(RecordKey.text(evidence.key))\(run)\(at)")
            }
        }
    }

    private func signed(_ fen: Fen) -> String { fen > .zero ? "+\(fen)" : fen.description }
}
