import Foundation
import HearthTesting
import LegacyEstate
import Pages
import Testing

@testable import hearth

/// The day that `hearth demo --live` plays, in both languages.
@Suite struct DemoWordsTests {
    private func expect(_ words: String, in say: Tongue) {
        #expect((say == .english ? words.firstChinese : words.firstEnglish) == nil, "\(words)")
    }

    @Test(arguments: Tongue.allCases) func whatPeopleDo(_ say: Tongue) throws {
        let day = LiveDay(Estate(EstateOptions(accounts: 300, seed: 1)))
        #expect(day.steps.count > 50)
        for step in day.steps {
            var words = step.deed.words(of: day, in: say)
            // What the systems themselves have stays as it is.
            var data: [String?] = []
            switch step.deed {
            case .report(let job): data = [day.jobs[job].kind]
            case .advance(let job, let state, _): data = [state, day.jobs[job].technician]
            case .visit, .cancel, .reopen, .pay, .valve: break
            }
            for text in data.compactMap(\.self) {
                #expect(words.contains(text))
                words = words.replacing(text, with: "")
            }
            expect(words, in: say)
        }
        expect(LiveDemo.Summary(deeds: 3, syncs: 2, events: 1).text(in: say).replacing(#/`.*?`/#, with: ""), in: say)
    }

    @Test(arguments: [
        (
            #""order.enroute","data":{"order":"WX1","state":"enroute","technician_distance":1200}"#,
            "师傅在路上  WX1, 距用户 1200 米", "order.enroute  WX1, 1200 m away"
        ),
        (
            #""payment.posted","data":{"amount":"50.00","season":"2025-2026"}"#, "缴费入账  50.00 元, 2025-2026",
            "payment.posted  50.00 yuan, 2025-2026"
        ),
        (
            #""bill.corrected","data":{"due":"2.00","was_due":"1.00"}"#, "账单有改动  1.00 → 2.00 元",
            "bill.corrected  1.00 → 2.00 yuan"
        ),
        (#""supply.changed","data":{"state":"stopped"}"#, "供热状态有变  停供", "supply.changed  stopped"),
    ])
    func whatComesOfIt(_ event: String, _ chinese: String, _ english: String) throws {
        let prefix = "com.hearth."
        let json =
            #"{"subject":"01000045","time":"2026-01-20T10:32:00+08:00","type":"#
            + event.replacing("\"", with: "\"\(prefix)", maxReplacements: 1) + "}"
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let read = try decoder.decode(EventsCommand.Page.Event.self, from: Data(json.utf8))
        for say in Tongue.allCases {
            #expect(read.line(in: say) == "2026-01-20T10:32:00+08:00  01000045  " + say(chinese, english))
        }
    }
}
