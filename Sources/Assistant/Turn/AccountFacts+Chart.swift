import HeatModel

/// A bill's parts as bars.
extension AccountFacts {
    func chart(_ document: AnswerReader) -> AssistantReply.Chart? {
        guard let mine = document.integer("bill", "due_fen"), let reference = document.integer("reference", "fen")
        else { return nil }
        let words = book.company.chart
        func bar(_ label: String?, _ fen: Int64, _ how: String) -> AssistantReply.Chart.Bar {
            let sum = Fen(how == "sum" ? fen : abs(fen)).description
            let told = words.sums[how]?.filled { $0 == "sum" ? sum : nil }
            return .init(label: label ?? "", fen: fen, words: told ?? sum)
        }
        var bars = [
            bar(words.whose["own"], mine, "sum"), bar(words.whose[document.text("versus") ?? ""], reference, "sum"),
        ]
        for part in document.list("parts") {
            guard let kind = part.text("factor"), let fen = part.integer("fen") else { continue }
            bars.append(bar(words.parts[kind], fen, fen < 0 ? "less" : "more"))
        }
        return .init(title: words.title, bars: bars)
    }
}
