import HeatModel

/// A bill's parts as bars.
extension AccountFacts {
    static func chart(_ document: AnswerReader) -> AssistantReply.Chart? {
        guard let mine = document.integer("bill", "due_fen"), let reference = document.integer("reference", "fen")
        else { return nil }
        var bars = [AssistantReply.Chart.Bar(label: "本户", fen: mine, words: Fen(mine).description + " 元")]
        let other =
            document.text("versus") == "previous" ? "上一采暖期" : document.text("versus") == "tariff" ? "按规则" : "同类住户"
        bars.append(.init(label: other, fen: reference, words: Fen(reference).description + " 元"))
        for part in document.list("parts") {
            guard let factor = part.text("factor"), let fen = part.integer("fen") else { continue }
            bars.append(
                .init(
                    label: ChartWords.factors[factor] ?? "其他", fen: fen,
                    words: (fen < 0 ? "少 " : "多 ") + Fen(abs(fen)).description + " 元"))
        }
        return .init(title: "热费构成", bars: bars)
    }
}

/// What the parts of a bill are called beside their bars.
enum ChartWords {
    static let factors = [
        "area": "面积", "inner_area": "套内面积", "shared_area": "公摊面积", "intensity": "用热", "price": "单价", "method": "计费方式",
        "height": "层高", "shared_line": "公摊", "days": "天数", "suspension": "报停", "concession": "优惠",
        "basis_difference": "口径差", "billing_difference": "账单与规则不符", "previous_billing_difference": "上季账单与规则不符",
        "incomplete_bill": "账单不全", "rounding": "尾数",
    ]
}
