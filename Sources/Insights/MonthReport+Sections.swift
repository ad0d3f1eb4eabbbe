/// A report as tables, for whatever it is written as.
struct ReportSection {
    enum Cell {
        case text(String)
        case count(Int64)

        var text: String {
            switch self {
            case .text(let text): text
            case .count(let value): String(value)
            }
        }
    }

    /// Names the section in files: `questions`.
    var key: String
    var title: String
    var columns: [(name: String, width: Int)]
    var rows: [[Cell]]
}

extension MonthReport {
    var title: String { "客服月报 \(month) Conversations" }

    private static func texts(_ examples: [Example]) -> ReportSection.Cell {
        .text(examples.map(\.words).joined(separator: " / "))
    }

    /// A rate with its sign; `–` where there is none.
    private static func percent(_ text: String?) -> String { text.map { $0 + "%" } ?? "–" }

    /// The figures at the top.
    var figures: [(name: String, value: String)] {
        [
            ("对话 conversations", String(conversations)), ("提问 questions", String(questions)),
            ("首次解决率 first-contact resolution", Self.percent(firstContact.rate)),
            ("满意度 satisfaction", satisfaction.mean ?? "–"),
            ("参评率 response rate", Self.percent(satisfaction.responseRate)), ("转人工 hand-offs", String(handOffs)),
            ("未答 unanswered", String(unanswered.count)),
        ]
    }

    var sections: [ReportSection] {
        let counted = [("名称 name", 26), ("次数 count", 10), ("例子 examples", 90)]
        return [
            ReportSection(
                key: "questions", title: "最常问 Top questions", columns: counted,
                rows: topQuestions.map { [.text($0.name), .count($0.count), Self.texts($0.examples)] }),
            ReportSection(
                key: "misunderstood", title: "最常误解 Most misunderstood answers",
                columns: [("名称 name", 26), ("误解 misunderstood", 14), ("回答 answers", 10), ("例子 examples", 90)],
                rows: misunderstood.map {
                    [.text($0.intent), .count($0.count), .count($0.answers), Self.texts($0.examples)]
                }),
            ReportSection(
                key: "unanswered", title: "未答的问题 Unanswered questions",
                columns: [("对话 conversation", 14), ("轮 turn", 8), ("问题 question", 100)],
                rows: unanswered.questions.map { [.count($0.conversation), .count($0.turn), .text($0.words)] }),
            ReportSection(
                key: "hand_offs", title: "转人工原因 Hand-off reasons", columns: counted,
                rows: handOffReasons.map { [.text($0.name), .count($0.count), Self.texts($0.examples)] }),
            ReportSection(
                key: "satisfaction", title: "满意度 Satisfaction", columns: [("项 item", 40), ("数 value", 14)],
                rows: satisfaction.distribution.enumerated().reversed().map {
                    [.text("\($0.offset + 1) 分 of 5"), .count($0.element)]
                } + [
                    [.text("平均 mean"), .text(satisfaction.mean ?? "–")],
                    [.text("参评率 response rate"), .text(Self.percent(satisfaction.responseRate))],
                    [.text("已解决 solved"), .count(satisfaction.solved)],
                    [.text("未解决 not solved"), .count(satisfaction.notSolved)],
                    [.text("上门评价 visits scored"), .count(satisfaction.visitsScored)],
                    [.text("上门平均 visits, mean"), .text(satisfaction.visitsMean ?? "–")],
                ]),
            ReportSection(
                key: "first_contact", title: "首次解决 First-contact resolution",
                columns: [("项 item", 40), ("数 value", 14)],
                rows: [
                    [.text("对话 conversations"), .count(firstContact.conversations)],
                    [.text("首次解决 resolved"), .count(firstContact.resolved)],
                    [.text("首次解决率 rate"), .text(Self.percent(firstContact.rate))],
                    [.text("转人工 handed off"), .count(firstContact.handedOff)],
                    [.text("未解决 not solved"), .count(firstContact.notSolved)],
                    [.text("\(firstContact.days) 天内再来 came back"), .count(firstContact.cameBack)],
                    [.text("户号未知 without account"), .count(firstContact.withoutAccount)],
                ]),
        ]
    }
}
