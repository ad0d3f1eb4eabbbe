import Answers
package import Assistant
import Foundation
package import HeatModel
package import Pages
package import Setup

/// The turn interface for an interactive voice response: what was recognised or pressed comes in, what is to be said and what may be pressed
/// goes out. The telephone system speaks and listens; what is said is decided here.
package struct HotlineDoor: Sendable {
    let settings: ChannelSettings.Hotline
    let converser: any Converser
    let keys: CookieKeys
    let now: @Sendable () -> Instant
    /// Calls that go on; a call that is forgotten begins anew.
    let calls = RecentValues<HotlineCall>(most: 20_000, seconds: 3600)

    package init(
        _ settings: ChannelSettings.Hotline, converser: any Converser, keys: CookieKeys,
        now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.settings = settings
        self.converser = converser
        self.keys = keys
        self.now = now
    }

    package var mounts: [WebMount] {
        [
            WebMount(.post, "/v1/hotline/turns", scopes: [.assistant], types: [WebMount.json]) { request in
                .json(try answer(try HotlineTurn(request.body), by: request.caller?.id ?? "").json)
            }
        ]
    }

    static let greeting = "您好。请问您想咨询缴费、报修,还是报停?请直接说,也可以按键:缴费按1,报修按2,报停按3。老年用户请按0,直接转人工。"
    static let menu = ["1": "缴费", "2": "报修", "3": "报停", "0": "转人工"]

    func answer(_ turn: HotlineTurn, by caller: String) throws -> HotlineAnswer {
        let name = keys.hidden(caller + " " + turn.call, for: "hotline call")
        var call = calls.value(name, now: now()) ?? HotlineCall()
        if turn.number == call.number, let kept = call.answer, call.turn == turn { return kept }
        if turn.number <= call.number {
            throw Problem(
                .conflict, "old-turn", "A later turn of the call was answered already",
                detail: "turns are numbered upward; the last was \(call.number)", parameter: "turn")
        }
        if turn.event == .hungUp {
            calls.change(name, now: now()) { $0 = nil }
            return HotlineAnswer(call: turn.call, number: turn.number, say: "", expects: .nothing)
        }
        let answer = try next(turn, &call, name)
        call.number = turn.number
        call.turn = turn
        call.answer = answer
        calls.change(name, now: now()) { $0 = call }
        return answer
    }

    private func next(_ turn: HotlineTurn, _ call: inout HotlineCall, _ name: String) throws -> HotlineAnswer {
        switch turn.event {
        case .answered:
            call.choices = [:]
            call.menu = Self.menu
            return said(Self.greeting, turn, &call, expects: .words, digits: Self.menu)
        case .silence:
            call.silences += 1
            if call.silences >= settings.silences { return try human(turn, &call, name, why: "silence") }
            return again("没有听到您的声音。", turn, &call)
        case .noMatch:
            call.misses += 1
            if call.misses >= settings.misses { return try human(turn, &call, name, why: "noMatch") }
            return again("没有听清,请您再说一遍。", turn, &call)
        case .digits:
            call.silences = 0
            let digits = turn.digits ?? ""
            // Zero is the way to a person, unless a number is being keyed in of which it is a part.
            if digits == "0" {
                call.isElderly = true
                return try human(turn, &call, name, why: "asked")
            }
            if let words = call.menu[digits] { return try ask(.words(words), turn, &call, name) }
            if let choice = call.choices[digits] { return try ask(.choice(choice), turn, &call, name) }
            if !call.choices.isEmpty, digits.utf8.count == 1, call.expects != .digits {
                call.misses += 1
                if call.misses >= settings.misses { return try human(turn, &call, name, why: "noMatch") }
                return again("没有这个选项。", turn, &call)
            }
            return try ask(.keys(digits), turn, &call, name)
        case .words:
            call.silences = 0
            return try ask(.words(turn.words ?? ""), turn, &call, name)
        case .hungUp: return said("", turn, &call, expects: .nothing)
        }
    }

    private func ask(
        _ what: CustomerTurn.Said, _ turn: HotlineTurn, _ call: inout HotlineCall, _ name: String
    ) throws -> HotlineAnswer {
        let reply: AssistantReply
        do {
            reply = try converser.reply(to: customerTurn(what, turn, call, name))
        } catch {
            // A customer on the telephone is not told of errors.
            var answer = said("系统现在很忙,为您转接人工客服,请不要挂机。", turn, &call, expects: .nothing)
            answer.transfer = .init(why: "failed", isElderly: call.isElderly)
            return answer
        }
        call.misses = 0
        call.menu = [:]
        call.choices = [:]
        let last = reply.messages.last
        var digits: [String: String] = [:]
        for choice in last?.choices ?? [] {
            guard let digit = choice.digit, (1...9).contains(digit) else { continue }
            call.choices["\(digit)"] = choice.id
            digits["\(digit)"] = choice.words
        }
        digits["0"] = "转人工"
        let expects: HotlineAnswer.Expects =
            switch last?.wants ?? .words {
            case .accountNumber, .idLastSix, .phone: .digits
            case .words, .photo, .choice: .words
            }
        let words = reply.messages.map(\.spoken).filter { !$0.isEmpty }.joined(separator: " ")
        var answer = said(words, turn, &call, expects: expects, digits: expects == .digits ? ["0": "转人工"] : digits)
        answer.mostDigits = expects == .digits ? 20 : 1
        if reply.holder != .assistant {
            answer.say = words.isEmpty ? "现在为您转接人工客服,请不要挂机。" : words
            answer.transfer = .init(why: "asked", isElderly: call.isElderly)
            answer.expects = .nothing
        }
        return answer
    }

    /// To a person, with a card: the assistant makes it.
    private func human(
        _ turn: HotlineTurn, _ call: inout HotlineCall, _ name: String, why: String
    ) throws -> HotlineAnswer {
        var answer = try ask(.words("转人工"), turn, &call, name)
        answer.expects = .nothing
        answer.digits = [:]
        if answer.transfer == nil { answer.say = "现在为您转接人工客服,请不要挂机。" }
        answer.transfer = .init(why: why, isElderly: call.isElderly)
        call.silences = 0
        call.misses = 0
        return answer
    }

    private func customerTurn(
        _ what: CustomerTurn.Said, _ turn: HotlineTurn, _ call: HotlineCall, _ name: String
    ) -> CustomerTurn {
        CustomerTurn(
            channel: .hotline, customer: name, key: "\(turn.number)", said: what, at: now(), plain: call.isElderly)
    }

    private func said(
        _ words: String, _ turn: HotlineTurn, _ call: inout HotlineCall, expects: HotlineAnswer.Expects,
        digits: [String: String] = [:]
    ) -> HotlineAnswer {
        call.expects = expects
        call.say = words
        call.digits = digits
        return HotlineAnswer(call: turn.call, number: turn.number, say: words, expects: expects, digits: digits)
    }

    private func again(_ why: String, _ turn: HotlineTurn, _ call: inout HotlineCall) -> HotlineAnswer {
        let words = call.say.isEmpty ? Self.greeting : call.say
        var answer = HotlineAnswer(
            call: turn.call, number: turn.number, say: why + words, expects: call.expects, digits: call.digits)
        if call.say.isEmpty {
            call.menu = Self.menu
            answer.digits = Self.menu
            answer.expects = .words
        }
        return answer
    }
}

/// What is known of a call while it goes on.
struct HotlineCall: Sendable {
    var number = -1
    var turn: HotlineTurn?
    var answer: HotlineAnswer?
    var silences = 0
    var misses = 0
    var isElderly = false
    /// By key of the telephone: what the greeting offered, and choices of the last message.
    var menu: [String: String] = [:]
    var choices: [String: String] = [:]
    var expects = HotlineAnswer.Expects.words
    var say = ""
    var digits: [String: String] = [:]
}
