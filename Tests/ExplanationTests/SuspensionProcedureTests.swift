import Billing
import ConfigurationFiles
import Foundation
import HeatModel
import Testing

@testable import Explanation

/// How supply is suspended or given up: by the file that the company ships with, and by files in which something is wrong.
@Suite struct SuspensionProcedureTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Config")

    private func answer(
        _ on: String, _ view: ViewText, intent: SuspensionProcedures.Intent? = nil,
        heating: SuspensionProcedures.Heating? = nil
    ) throws -> (answer: SuspensionAnswer, text: String, json: String) {
        let money = try MoneyAnswers.load(configuration: Self.folder.path, settings: ExplanationSettings())
        let answer = try view.inStore { store in
            try money.suspension(
                of: "00012345", season: nil, requestedOn: day(on), intent: intent, heating: heating, in: store)
        }
        let wording = try #require(money.wordings(for: ["zh"]).first)
        return (answer, answer.text(wording), String(decoding: answer.json(in: [wording]), as: UTF8.self))
    }

    private var paid: ViewText {
        var view = ViewText()
        view.charge(
            "2024-2025", "heatByArea", "118.600", "m2", "25.000", 296_500,
            extra: ",\"received_fen\":296500,\"arrears_fen\":0")
        return view
    }

    @Test func aWishThatIsNotClearIsAskedFor() throws {
        let early = try answer("2025-09-15", paid)
        #expect(early.answer.toAsk.map(\.query) == [.intent, .heating] && early.answer.procedure?.name == "suspend")
        #expect(early.text.hasPrefix("报停是暂时不用热,销户是永远不用。您是想暂时停,还是永远停?"), "\(early.text)")
        for words in ["593.00", "1. 带齐材料", "3. 师傅上门关阀", "就近的供热营业厅", "户主身份证"] {
            #expect(early.text.contains(words), "\(words): \(early.text)")
        }
        #expect(
            early.json.contains(#""ask":[{"parameter":"intent","text":[{"language":"zh","text":"报停是"#), "\(early.json)")
        let said = try answer("2025-09-15", paid, intent: .suspend, heating: .central)
        #expect(said.answer.toAsk.isEmpty && !said.text.contains("永远停"))
    }

    @Test func eachSituationHasItsSteps() throws {
        let close = try answer("2025-09-15", paid, intent: .close, heating: .central)
        #expect(close.answer.procedure?.name == "close" && close.text.contains("拆除入户管道") && !close.text.contains("报停费"))
        let own = try answer("2025-09-15", paid, intent: .suspend, heating: .own)
        #expect(
            own.answer.procedure?.name == "ownHeating" && own.text.contains("不用办理报停") && !own.text.contains("593.00"))
        #expect(!own.text.contains("所需材料"))
        var owing = ViewText()
        owing.charge(
            "2024-2025", "heatByArea", "118.600", "m2", "25.000", 296_500,
            extra: ",\"received_fen\":291500,\"arrears_fen\":5000")
        let arrears = try answer("2025-09-15", owing, intent: .suspend)
        #expect(arrears.answer.procedure?.name == "suspendWithArrears" && arrears.text.contains("1. 结清以前的欠费"))
        #expect(arrears.text.contains("须先结清欠费 \(arrears.answer.arrears) 元"))
        // The tariff does not grant it any more: no steps are told.
        let late = try answer("2025-10-15", paid, intent: .suspend)
        #expect(!late.text.contains("1. ") && late.text.contains("已过办理期限"), "\(late.text)")
        #expect(late.json.contains(#""open":false"#))
        var unit = paid
        unit.facts["class"] = "unit"
        #expect(try answer("2025-09-15", unit, intent: .suspend).answer.procedure?.name == "suspendUnit")
        #expect(try answer("2025-09-15", unit, intent: .close).answer.procedure?.name == "closeUnit")
        #expect(try answer("2025-12-15", paid, intent: .suspend).answer.procedure?.name == "suspendInside")
    }

    @Test func everyMistakeIsToldWhereItStands() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("suspension-\(UUID().uuidString).yaml")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try """
        ask: {intent: {en: which}}
        texts:
          bring: {zh: 带材料}
        procedures:
          - name: a
            when: {intent: stop, season: inside, colour: red}
            steps: [brin]
          - name: a
            steps: [bring]
          - when: {}
            steps: [bring]
          - name: b
        """.write(toFile: path, atomically: true, encoding: .utf8)
        let errors = #expect(throws: ConfigurationErrors.self) { try SuspensionProcedures.load(path: path) }
        let text = (errors?.errors ?? []).map(\.description).joined(separator: "\n")
        for words in [
            "has no words in Chinese", "\"stop\" is not a intent", "unknown key \"colour\"",
            "\"brin\" is none of the texts",
            "did you mean \"bring\"", "\"a\" stands before it", "needs \"name\"", "procedure b has no \"steps\"",
        ] { #expect(text.contains(words), "\(words): \(text)") }
    }
}
