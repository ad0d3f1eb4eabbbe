import Answers
import Events
import Foundation
import HeatModel
import LegacyEstate
import Pages
import Setup
import Store
import Sync

/// A day at the demonstration company, played in little time: its people write into their systems, syncs follow, and events are shown as
/// they come.
struct LiveDemo {
    let estate: Estate
    let dispatch: DispatchService
    let workspace: Workspace
    let questions: LocalQuestions
    /// Billing's file; without one its part of the day is left out.
    let billing: String?
    /// Seconds for the day.
    let seconds: Double
    let say: Tongue
    let tell: (String) -> Void

    struct Summary {
        var deeds = 0
        var syncs = 0
        var events = 0

        func text(in say: Tongue) -> String {
            say(
                "写入 \(deeds) 次,同步 \(syncs) 次,事件 \(events) 个:用 `hearth events` 看,或者 `hearth serve` 的 /v1/events",
                "\(deeds) deeds, \(syncs) syncs, \(events) events: `hearth events` has them, and `hearth serve` at /v1/events"
            )
        }
    }

    /// Until the day is over, or somebody ends it.
    func play() throws -> Summary {
        let day = LiveDay(estate)
        var orders: [Int: String] = [:]
        var summary = Summary()
        var next = try questions.lastEvent()
        let begin = Date()
        var steps = day.steps[...]
        // The night is short.
        let first = Double(day.steps.first?.second ?? 0)
        let length = Double(day.steps.last?.second ?? 1) - first
        while !Interrupt.flag.isSet {
            let now = first + length * min(1, Date().timeIntervalSince(begin) / seconds)
            var isNew = false
            while let step = steps.first, Double(step.second) <= now {
                steps = steps.dropFirst()
                try perform(step, of: day, &orders)
                summary.deeds += 1
                isNew = true
            }
            if isNew {
                let outcome = try workspace.sync(billing == nil ? ["dispatch"] : ["dispatch", "billing"])
                if let error = outcome.reports.lazy.compactMap(\.error).first { throw error }
                summary.syncs += 1
            }
            summary.events += try show(after: &next)
            if steps.isEmpty { break }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return summary
    }

    private func perform(_ step: LiveDay.Step, of day: LiveDay, _ orders: inout [Int: String]) throws {
        let clock = String(format: "%02d:%02d", step.second / 3600, step.second / 60 % 60)
        let words = step.deed.words(of: day, in: say)
        func told(_ account: Int) { tell("\(clock)  \(estate.account(account).number)  \(words)") }
        let seconds = Int64(Date().timeIntervalSince1970) + 8 * 3600
        switch step.deed {
        case .pay(let account, let amount):
            guard let billing else { return }
            let serial = "LIVE\(UInt32.random(in: 0...UInt32.max))"
            try estate.pay(amount, by: estate.account(account), serial: serial, at: seconds, sqlite: billing)
            told(account)
        case .valve(let account, let isOpen):
            guard let billing else { return }
            try estate.setValve(of: estate.account(account), isOpen: isOpen, at: seconds, sqlite: billing)
            told(account)
        case .report(let job), .advance(let job, _, _), .visit(let job), .cancel(let job), .reopen(let job):
            guard let entry = DispatchEntry(step.deed, of: day, in: estate, order: orders[job]) else { return }
            orders[job] = try dispatch.write(entry)
            told(day.jobs[job].account)
        }
    }

    private func show(after position: inout EventPosition) throws -> Int {
        if try questions.lastEvent() <= position { return 0 }
        let document = try questions.ask(
            .events, ["after": .text("\(position.number)"), "limit": .integer(1000)])
        let page = try document.decoded(as: EventsCommand.Page.self)
        for event in page.events { tell("         → \(event.line(in: say))") }
        position = EventID(page.next)?.position ?? position
        return page.events.count
    }
}

extension LiveDay.Deed {
    /// What somebody does, with states, faults and names as the systems have them.
    func words(of day: LiveDay, in say: Tongue) -> String {
        switch self {
        case .pay(_, let amount): say("缴费 \(amount) 元", "pays \(amount) yuan")
        case .valve(_, isOpen: true): say("复供,阀门开", "supply is back, valve open")
        case .valve(_, isOpen: false): say("停供,阀门关", "supply is cut, valve closed")
        case .report(let job): say("报修 \(day.jobs[job].kind)", "reports a fault: \(day.jobs[job].kind)")
        case .advance(let job, let state, let metres):
            [state, metres.map { say("距用户 \($0) 米", "\($0) m away") }, day.jobs[job].technician].compactMap(\.self)
                .joined(separator: " ")
        case .visit: say("回访,满意", "is called, and content")
        case .cancel: say("取消", "calls it off")
        case .reopen: say("重开:还没好", "has it opened again: it is not mended")
        }
    }
}
