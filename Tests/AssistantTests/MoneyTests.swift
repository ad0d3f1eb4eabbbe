import Answers
import Assistant
import Explanation
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing

/// Nothing that is said about money or an order differs from what the answers say.
@Suite struct MoneyTests {
    @Test func everySumStandsInAnAnswer() async throws {
        let company = try await Company.make()
        let households = try company.households()
        let questions = [
            "应缴多少", "比别人高", "比去年涨了", "算错了", "缴费记录", "没收到缴费凭证", "截止到哪天", "发票", "报停要交多少", "销户", "退热费", "公摊",
            "恢复供热", "家里不热", "师傅什么时候来", "查温度", "停热",
        ]
        let sums = try await Company.onThread {
            var sums = 0
            for (index, household) in households.enumerated() where index % 24 == 0 && household.identity.count == 18 {
                let (number, identity) = (household.number, household.identity)
                let customer = company.customer("m-\(number)")
                try customer.say("绑定户号")
                try customer.say(number)
                guard try customer.say(String(identity.suffix(6))).entries.contains("bound_ok") else { continue }
                let known = try Self.sums(in: Self.documents(of: number, company))
                for question in questions {
                    let reply = try customer.say(question)
                    for message in reply.messages {
                        let text =
                            [message.full, message.short, message.plain].joined(separator: "\n")
                            + (message.chart?.bars.map(\.words).joined(separator: "\n") ?? "")
                        for sum in Self.sums(in: text) {
                            sums += 1
                            #expect(known.contains(sum), "\(number) \(question): \(sum) of \(text)")
                        }
                    }
                    if customer.last?.holder == .assistant { try customer.say("返回") }
                }
            }
            return sums
        }
        #expect(sums > 100, "few sums were told: \(sums)")
    }

    /// Every document that an answer about the account may be made of, in both kinds of words.
    static func documents(of number: String, _ company: Company) throws -> String {
        let requester = Requester(Caller(id: "test", scopes: ScopeSet([.assistant])), action: "test")
        var text = ""
        for language in [AnswerLanguage.chinese, .plainChinese] {
            var questions: [Answers.Question] = [
                .amountDue(number, season: nil, on: nil, language, .present),
                .receipts(number, season: nil, language, .present),
                .refund(number, season: nil, rooms: nil, on: nil, language, .present),
                .triage(number, on: nil, language, .present),
            ]
            for versus in Explanation.Versus.allCases {
                questions.append(.explanation(number, season: nil, versus: versus, on: nil, language, .present))
            }
            for intent in [SuspensionProcedures.Intent.suspend, .close] {
                questions.append(
                    .suspension(number, season: nil, on: nil, intent: intent, heating: .central, language, .present))
            }
            for question in questions {
                if case .success(let document) = company.answerer.reply(to: question, for: requester).result {
                    text += String(decoding: document.json, as: UTF8.self)
                }
            }
        }
        return text
    }

    /// Sums of money, without groups: `1,846.40`, `1846.40`.
    static func sums(in text: String) -> Set<String> {
        Set(
            text.matches(of: /[0-9][0-9,]*\.[0-9]{2}(?![0-9])/).map { String($0.0).replacing(",", with: "") })
    }

    /// A turn in this process, on the seeded company; printed, not judged.
    @Test func aTurnIsMeasured() async throws {
        let company = try await Company.make()
        let account = try company.account { view, _ in !(view["charges"] as? [Any] ?? []).isEmpty }
        let (number, lastSix) = (account.number, account.lastSix)
        let figures = try await Company.onThread {
            let customer = company.customer()
            try customer.prove((number, lastSix, [:]))
            var figures: [String] = []
            for (name, words) in [("due", "应缴多少"), ("explain", "比别人高"), ("triage", "家里不热"), ("text", "几号供暖")] {
                var times: [Int] = []
                for _ in 0..<30 {
                    let begin = Self.processorTime()
                    try customer.say(words)
                    times.append(Self.processorTime() - begin)
                    if words == "家里不热" { try customer.say("返回") }
                }
                times.sort()
                figures.append("\(name) p50 \(times[15]) µs p99 \(times[29]) µs")
            }
            return figures
        }
        print("a turn: \(figures.joined(separator: ", "))")
    }

    /// Microseconds that this thread has had of a processor: whatever else the machine does.
    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }
}
