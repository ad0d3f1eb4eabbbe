import Foundation
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Actions
@testable import Notices

/// One customer, one day: what each rule tells, and what not and why.
@Suite struct StoryTests {
    static let arrears = "  - {rule: arrears-3, kind: arrears, daysBefore: 3, channels: [sms, box]}\n"
    static let followUp = "  - {rule: follow-up, kind: followUp, channels: [sms]}\n"
    static let outage = "  - {rule: outage, kind: outage, phases: [ahead, begun, ended], channels: [sms]}\n"
    static let progress = "  - {rule: progress, kind: progress, states: [dispatched, enroute], channels: [sms]}\n"

    @Test func aReminderWaitsForItsHour() throws {
        let scene = try Scene(at: "2026-12-27T10:00:00+08:00", rules: Self.arrears)
        try scene.view("01", open: 123_456)
        try scene.go("2026-12-27T10:00:00+08:00")
        try scene.go("2026-12-28T08:59:59+08:00")
        #expect(scene.told == [])
        #expect(try scene.standings() == ["arrears-3 2026-2027 planned "])
        try scene.go("2026-12-28T09:00:00+08:00")
        #expect(scene.told == ["sms 01 户号01还应缴1,234.56元,截止2026-12-31"])
        #expect(try scene.standings() == ["arrears-3 2026-2027 sent "])
        try scene.go("2026-12-28T09:30:00+08:00")
        #expect(scene.told.count == 1)
        let chain = try scene.store.read { try AuditLines.all($0) }
        #expect(chain.contains { $0.contains("\"notice\"") && $0.contains("\"sha256\"") })
        #expect(
            !chain.contains { $0.contains("13812345678") || $0.contains("1,234.56") },
            "the chain holds what is personal")
    }

    @Test func whoPaysBetweenPlanningAndSendingIsNotTold() throws {
        let scene = try Scene(at: "2026-12-27T10:00:00+08:00", rules: Self.arrears)
        try scene.view("01", open: 123_456)
        try scene.go("2026-12-27T10:00:00+08:00")
        try scene.view("01", open: 0)
        try scene.go("2026-12-28T09:00:00+08:00")
        #expect(scene.told == [])
        #expect(try scene.standings() == ["arrears-3 2026-2027 notSent paid, or nothing is due"])
    }

    /// Handed to the outbox at nine, where the gateway is not reached until the evening.
    @Test func aGatewayThatIsNotReachedUntilTheEvening() throws {
        let scene = try Scene(at: "2026-12-28T19:59:00+08:00", rules: Self.arrears, wrong: 0)
        try scene.view("01", open: 100)
        try scene.desk.look()
        #expect(try scene.standings() == ["arrears-3 2026-2027 queued "])
        // The worker comes to it after eight.
        scene.time.set(try #require(Instant("2026-12-28T20:00:30+08:00")).microseconds)
        let worker = ActionWorker(scene.desk.outbox, now: { scene.time.now }, onError: { _ in })
        _ = try worker.workOnDue()
        #expect(scene.told == [] && scene.sms.state.withLock { $0.calls } == 0)
        #expect(try scene.standings() == ["arrears-3 2026-2027 deferred quiet hours"])
        try scene.go("2026-12-29T07:59:59+08:00")
        #expect(scene.told == [])
        try scene.go("2026-12-29T08:00:00+08:00")
        #expect(scene.told.count == 1)
    }

    @Test func quietUntilItIsWorthNothing() throws {
        let scene = try Scene(
            at: "2026-12-28T22:00:00+08:00",
            rules: "  - {rule: arrears-3, kind: arrears, daysBefore: 3, lateDays: 0, channels: [sms]}\n")
        try scene.view("01", open: 100)
        try scene.go("2026-12-28T22:00:00+08:00")
        #expect(try scene.standings() == ["arrears-3 2026-2027 notSent quiet hours until it was worth nothing"])
    }

    @Test func dueDayIsMoved() throws {
        let scene = try Scene(at: "2026-12-27T10:00:00+08:00", rules: Self.arrears)
        try scene.view("01", open: 100)
        try scene.go("2026-12-27T10:00:00+08:00")
        try scene.view("01", open: 100, due: "2027-01-10")
        try scene.go("2026-12-28T09:00:00+08:00")
        #expect(scene.told == [])
        try scene.go("2027-01-07T09:00:00+08:00")
        #expect(scene.told == ["sms 01 户号01还应缴1.00元,截止2027-01-10"])
    }

    @Test func oneOfThePersonsHomesTooMany() throws {
        let scene = try Scene(
            at: "2026-12-28T10:00:00+08:00",
            rules: "  - {rule: arrears-3, kind: arrears, daysBefore: 3, perDay: 2, channels: [sms]}\n")
        for number in ["01", "02", "03"] { try scene.view(number, open: 100) }
        try scene.view("04", phones: ["13900000000"], open: 100)
        try scene.go("2026-12-28T10:00:00+08:00")
        #expect(scene.told.count == 3)
        #expect(
            try scene.standings().filter { !$0.contains("sent ") } == [
                "arrears-3 2026-2027 deferred told enough that day"
            ])
        try scene.go("2026-12-29T08:00:00+08:00")
        #expect(scene.told.count == 4)
    }

    @Test func whoOptsOutIsNotToldAndWhoWantsIs() throws {
        let scene = try Scene(
            at: "2026-12-28T10:00:00+08:00",
            rules: Self.arrears
                + "  - {rule: progress, kind: progress, consent: onlyIfWanted, states: [enroute], channels: [sms]}\n")
        let enroute = Scene.order("WX1", "enroute")
        for (number, phone) in [("01", "13800000001"), ("02", "13800000002"), ("03", "13800000003")] {
            try scene.view(number, phones: [phone], open: 100)
        }
        try scene.store.write { store in
            func say(_ person: String, _ about: String, _ wanted: Bool) throws {
                try store.putConsent(
                    NoticeConsent(
                        person: person, about: about, isWanted: wanted, changedAt: scene.clock.now, by: "test"))
            }
            try say("13800000001", "all", false)
            try say("13800000002", "all", false)
            // Of a kind before of all.
            try say("13800000002", "arrears", true)
            try say("13800000003", "progress", true)
        }
        try scene.go("2026-12-28T10:00:00+08:00")
        for (number, phone) in [("01", "13800000001"), ("02", "13800000002"), ("03", "13800000003")] {
            try scene.view(number, phones: [phone], open: 100, orders: [enroute])
        }
        try scene.go("2026-12-28T10:01:00+08:00")
        #expect(scene.told.map { $0.prefix(6) } == ["sms 02", "sms 03", "sms 03"])
        let standings = try scene.standings("01")
        #expect(standings.count == 2 && standings.allSatisfy { $0.hasSuffix("notSent not wanted") }, "\(standings)")
    }

    /// Who said yes to reminders and later no to everything is not told; who takes the no to everything back by one kind is.
    @Test func whatWasSaidLastCounts() throws {
        let scene = try Scene(at: "2026-12-20T09:00:00+08:00", rules: Self.arrears)
        let rule = try #require(scene.rules.rule("arrears-3"))
        func said(_ about: String, _ isWanted: Bool, _ at: String) throws -> NoticeConsent {
            NoticeConsent(
                person: "p", about: about, isWanted: isWanted, changedAt: try #require(Instant(at)), by: "local:test")
        }
        let (early, late) = ("2026-12-01T09:00:00+08:00", "2026-12-02T09:00:00+08:00")
        #expect(try rule.refusal([[said("arrears", true, early), said("all", false, late)]]) == "not wanted")
        #expect(try rule.refusal([[said("all", false, early), said("arrears", true, late)]]) == nil)
        #expect(try rule.refusal([[said("all", true, late), said("arrears", false, early)]]) == nil)
        #expect(try rule.refusal([[said("all", true, early), said("arrears", false, late)]]) == "not wanted")
        // At one moment, the kind.
        #expect(try rule.refusal([[said("all", false, late), said("arrears", true, late)]]) == nil)
        #expect(try rule.refusal([[said("outage", false, late)]]) == nil)
    }

    @Test func withoutAPhoneTheNextChannel() throws {
        let scene = try Scene(at: "2026-12-28T10:00:00+08:00", rules: Self.arrears)
        try scene.view("01", phones: [], open: 100)
        try scene.view("02", phones: ["022-88880000"], open: 100)
        try scene.go("2026-12-28T10:00:00+08:00")
        #expect(scene.told.map { $0.prefix(6) } == ["box 01", "box 02"])
        let none = try Scene(
            at: "2026-12-28T10:00:00+08:00",
            rules: "  - {rule: arrears-3, kind: arrears, daysBefore: 3, channels: [sms]}\n")
        try none.view("01", phones: [], open: 100)
        try none.go("2026-12-28T10:00:00+08:00")
        #expect(try none.standings() == ["arrears-3 2026-2027 notSent no phone number, and no other channel"])
    }

    /// Of a hundred requests a hundred go wrong, each in its way.
    @Test func aGatewayThatNeverAnswersRight() throws {
        let scene = try Scene(at: "2026-12-28T10:00:00+08:00", rules: Self.arrears, wrong: 100)
        for number in 10..<40 { try scene.view("\(number)", phones: ["138000000\(number)"], open: 100) }
        for minute in 0..<59 { try scene.go("2026-12-28T1\(minute < 30 ? 0 : 1):\(minute % 30 + 10):00+08:00") }
        let delivered = scene.told.map { $0.split(separator: " ")[1] }
        #expect(Set(delivered).count == delivered.count, "doubled")
        let notices = try scene.notices()
        #expect(notices.count == 30)
        for notice in notices {
            let isDelivered = delivered.contains(Substring(notice.notice.account))
            switch notice.state {
            // Whatever came of it, it is called so only where it is so.
            case .sent: #expect(isDelivered, "called sent")
            case .notSent: #expect(!isDelivered, "called not sent")
            default: #expect(notice.action?.isDead == true || notice.state == .unknown, "\(notice.state)")
            }
        }
        #expect(delivered.count > 10)
    }

    @Test func freshDataThatIsNotToBeHad() async throws {
        let asked = Mutex(0)
        let scene = try Scene(
            at: "2026-12-28T09:00:00+08:00",
            rules:
                "  - {rule: arrears-3, kind: arrears, daysBefore: 3, lateDays: 0, fresh: required, channels: [sms]}\n",
            refresh: { _, _ in
                asked.withLock { $0 += 1 }
                throw Killed()
            })
        try scene.view("01", open: 100)
        try await onThread {
            for minute in 0..<5 { try scene.go("2026-12-28T09:0\(minute):30+08:00") }
            #expect(scene.told == [] && asked.withLock { $0 } > 2)
            let notice = try #require(try scene.notices().first)
            #expect(notice.state == .queued && notice.action?.message == "fresh data was not to be had")
            try scene.go("2026-12-29T08:00:00+08:00")
            #expect(try scene.standings() == ["arrears-3 2026-2027 notSent its time is over"])
        }
    }

    // MARK: Follow-ups

    private static let done = ",\"completed_at\":\"2026-12-10T15:00:00+08:00\""

    @Test func nobodyAnswers() throws {
        let scene = try Scene(at: "2026-12-10T16:00:00+08:00", rules: Self.followUp)
        try scene.view("01", orders: [Scene.order("WX1", "completed", Self.done)])
        try scene.go("2026-12-11T14:59:00+08:00")
        #expect(scene.told == [])
        try scene.go("2026-12-11T15:00:00+08:00")
        #expect(scene.told == ["sms 01 工单WX1好了吗"])
        func state() throws -> FollowUp.State? {
            try scene.store.read { try $0.followUp(account: "01", order: "WX1")?.state }
        }
        #expect(try state() == .unconfirmed, "the crew's word counts")
        // That the crew closes it changes nothing.
        try scene.view("01", orders: [Scene.order("WX1", "closed", Self.done)])
        try scene.go("2026-12-12T15:30:00+08:00")
        #expect(scene.told.last == "sms 01 再问工单WX1好了吗")
        try scene.go("2026-12-13T15:00:00+08:00")
        #expect(try state() == .unconfirmed)
        try scene.go("2026-12-13T15:31:00+08:00")
        #expect(try state() == .unanswered)
        try scene.go("2026-12-20T12:00:00+08:00")
        #expect(scene.told.count == 2)
    }

    /// Of two rules each asks its own, and each asks once more.
    @Test func residentsAndCompaniesAreAskedByRulesOfTheirOwn() throws {
        let scene = try Scene(
            at: "2026-12-10T16:00:00+08:00",
            rules: "  - {rule: firms, kind: followUp, whom: {classes: [unit]}, channels: [sms]}\n"
                + Self.followUp.replacing("kind: followUp", with: "kind: followUp, whom: {classes: [resident]}"),
            words: Scene.words + "\nfirms.first: \"工单{order}?\"\nfirms.again: \"再:{order}?\"")
        try scene.view("01", orders: [Scene.order("WX1", "completed", Self.done)])
        try scene.go("2026-12-11T15:00:00+08:00")
        try scene.go("2026-12-12T15:30:00+08:00")
        #expect(scene.told == ["sms 01 工单WX1好了吗", "sms 01 再问工单WX1好了吗"])
        try scene.go("2026-12-13T15:31:00+08:00")
        #expect(try scene.store.read { try $0.followUp(account: "01", order: "WX1")?.state } == .unanswered)
    }

    @Test func whoHasAnsweredIsNotAsked() throws {
        let scene = try Scene(at: "2026-12-10T16:00:00+08:00", rules: Self.followUp)
        try scene.view("01", orders: [Scene.order("WX1", "completed", Self.done)])
        try scene.go("2026-12-10T16:00:00+08:00")
        try scene.store.write { store in
            try store.putFollowUp(
                FollowUp(account: "01", order: "WX1", state: .well, changedAt: scene.clock.now))
        }
        try scene.go("2026-12-11T15:00:00+08:00")
        #expect(scene.told == [])
        #expect(try scene.standings() == ["follow-up WX1#0.1 notSent answered: well"])
    }

    @Test func openedAgainAndDoneOnceMore() throws {
        let scene = try Scene(at: "2026-12-10T16:00:00+08:00", rules: Self.followUp)
        try scene.view("01", orders: [Scene.order("WX1", "completed", Self.done)])
        try scene.go("2026-12-11T15:00:00+08:00")
        scene.time.set(try #require(Instant("2026-12-11T16:00:00+08:00")).microseconds)
        try scene.store.write { store in
            try store.putFollowUp(
                FollowUp(account: "01", order: "WX1", state: .reopened, reopenings: 1, changedAt: scene.clock.now))
        }
        // The view of before: as if the crew had been there.
        try scene.view("01", orders: [Scene.order("WX1", "completed", Self.done + ",\"crew\":\"一班\"")])
        try scene.go("2026-12-12T18:00:00+08:00")
        #expect(scene.told.count == 1)
        try scene.view("01", orders: [Scene.order("WX1", "inProgress")])
        try scene.go("2026-12-12T18:10:00+08:00")
        try scene.view(
            "01", orders: [Scene.order("WX1", "completed", ",\"completed_at\":\"2026-12-12T18:30:00+08:00\"")])
        try scene.go("2026-12-12T18:40:00+08:00")
        try scene.go("2026-12-13T18:30:00+08:00")
        #expect(scene.told == ["sms 01 工单WX1好了吗", "sms 01 工单WX1好了吗"])
    }

    // MARK: Outages and orders

    @Test func anOutageOfTheBuilding() throws {
        let scene = try Scene(at: "2026-12-10T09:00:00+08:00", rules: Self.outage)
        try scene.view("01", phones: ["13800000001"])
        try scene.view("02", phones: ["13800000002"], building: "4")
        try scene.go("2026-12-10T09:00:00+08:00")
        let begun =
            "{\"number\":\"TG1\",\"kind\":\"unplanned\",\"community\":\"阳光花园\",\"building\":\"3\",\"cause\":\"漏水\",\"begins_at\":\"2026-12-10T09:30:00+08:00\",\"expected_end_at\":\"2026-12-10T18:00:00+08:00\""
        try scene.outage("TG1", begun + ",\"state\":\"announced\"}")
        try scene.go("2026-12-10T09:10:00+08:00")
        #expect(scene.told == ["sms 01 计划12-10 09:30停供"])
        try scene.go("2026-12-10T09:31:00+08:00")
        #expect(scene.told.dropFirst() == ["sms 01 停供:漏水,预计12-10 18:00"])
        try scene.go("2026-12-10T09:40:00+08:00")
        // A correction of the cause is no other outage.
        try scene.outage("TG1", begun.replacing("漏水", with: "换管") + ",\"state\":\"ongoing\"}")
        try scene.go("2026-12-10T09:50:00+08:00")
        #expect(scene.told.count == 2)
        try scene.outage("TG1", begun + ",\"state\":\"ended\",\"ended_at\":\"2026-12-10T17:00:00+08:00\"}")
        try scene.go("2026-12-10T17:05:00+08:00")
        #expect(scene.told.dropFirst(2) == ["sms 01 已恢复:12-10 17:00"])
        #expect(try scene.notices("02").isEmpty)
    }

    /// An outage that turns out to be of another building is told there, too, and nobody twice.
    @Test func anOutageTurnsOutToBeElsewhere() throws {
        let scene = try Scene(at: "2026-12-10T09:00:00+08:00", rules: Self.outage)
        try scene.view("01", phones: ["13800000001"])
        try scene.view("02", phones: ["13800000002"], building: "4")
        try scene.go("2026-12-10T09:00:00+08:00")
        let begun =
            "{\"number\":\"TG1\",\"kind\":\"unplanned\",\"community\":\"阳光花园\",\"building\":\"3\",\"cause\":\"漏水\",\"begins_at\":\"2026-12-10T09:05:00+08:00\",\"expected_end_at\":\"2026-12-10T18:00:00+08:00\",\"state\":\"ongoing\"}"
        try scene.outage("TG1", begun)
        try scene.go("2026-12-10T09:10:00+08:00")
        #expect(scene.told == ["sms 01 停供:漏水,预计12-10 18:00"])
        try scene.outage("TG1", begun.replacing("\"building\":\"3\"", with: "\"building\":\"4\""))
        try scene.go("2026-12-10T09:20:00+08:00")
        #expect(scene.told.dropFirst() == ["sms 02 停供:漏水,预计12-10 18:00"])
        // And back again: both know of it.
        try scene.outage("TG1", begun)
        try scene.go("2026-12-10T09:30:00+08:00")
        #expect(scene.told.count == 2)
    }

    /// Over while it was held back in the night: not worth a message.
    @Test func anOutageOfTheNight() throws {
        let scene = try Scene(
            at: "2026-12-10T23:00:00+08:00",
            rules: "  - {rule: outage, kind: outage, phases: [begun], channels: [sms]}\n")
        try scene.view("01")
        let outage =
            "{\"number\":\"TG1\",\"kind\":\"unplanned\",\"community\":\"阳光花园\",\"building\":\"3\",\"begins_at\":\"2026-12-10T22:30:00+08:00\""
        try scene.outage("TG1", outage + ",\"state\":\"ongoing\"}")
        try scene.go("2026-12-10T23:00:00+08:00")
        #expect(try scene.notices().first?.state == .deferred)
        try scene.outage("TG1", outage + ",\"state\":\"ended\",\"ended_at\":\"2026-12-11T03:00:00+08:00\"}")
        try scene.go("2026-12-11T08:00:00+08:00")
        #expect(scene.told == [])
        #expect(try scene.notices().first?.reason == "the outage stands elsewhere")
    }

    @Test func whereAnOrderStands() throws {
        let scene = try Scene(at: "2026-12-10T09:00:00+08:00", rules: Self.progress)
        // What is old when the rules come in is no news.
        try scene.view("01", orders: [Scene.order("WX0", "enroute")])
        try scene.go("2026-12-10T09:00:00+08:00")
        #expect(scene.told == [])
        try scene.view(
            "01", orders: [Scene.order("WX1", "dispatched", ",\"dispatched_at\":\"2026-12-10T09:05:00+08:00\"")])
        try scene.go("2026-12-10T09:06:00+08:00")
        try scene.view("01", orders: [Scene.order("WX1", "enroute")])
        try scene.go("2026-12-10T09:30:00+08:00")
        #expect(scene.told == ["sms 01 工单WX1已派往班组", "sms 01 工单WX1师傅已出发"])
    }

    @Test func whatIsTooLongIsNotCut() throws {
        let scene = try Scene(
            at: "2026-12-28T10:00:00+08:00",
            rules: "  - {rule: arrears-3, kind: arrears, daysBefore: 3, maxSegments: 1, channels: [sms]}\n",
            words: "language: zh\narrears-3: \"\(String(repeating: "热", count: 65)){open}\"")
        try scene.view("01", open: 100)
        try scene.view("02", open: 123_456_789)
        try scene.go("2026-12-28T10:00:00+08:00")
        #expect(scene.told.count == 1)
        #expect(try scene.standings("02") == ["arrears-3 2026-2027 notSent longer than 1 messages"])
    }

    @Test func aPlanTellsWhatTheDayBrings() throws {
        let scene = try Scene(at: "2026-12-20T10:00:00+08:00", rules: Self.arrears)
        try scene.view("01", open: 100)
        try scene.view("02", phones: [], open: 100)
        try scene.view("03", phones: ["13900000000"], open: 100)
        try scene.store.write { store in
            try store.putConsent(
                NoticeConsent(
                    person: "13900000000", about: "all", isWanted: false, changedAt: scene.clock.now, by: "test"))
        }
        var lines: [String] = []
        try scene.desk.preview(on: try #require(CivilDate("2026-12-28"))) { preview in
            let at = preview.at.map { "\(scene.clock.local($0.microseconds))" } ?? "not"
            lines.append("\(preview.notice.account) \(at) \(preview.channel ?? "") \(preview.reason ?? "")")
            return true
        }
        #expect(
            lines == [
                "01 2026-12-28T09:00:00+08:00 sms ", "02 2026-12-28T09:00:00+08:00 box ", "03 not  not wanted",
            ])
        #expect(try scene.notices().isEmpty, "a plan keeps nothing")
        lines = []
        try scene.desk.preview(on: try #require(CivilDate("2026-12-27"))) { _ in
            lines.append("")
            return true
        }
        #expect(lines.isEmpty)
    }
}

/// The chain's lines as text.
enum AuditLines {
    static func all(_ store: any StoreReader) throws -> [String] {
        var lines: [String] = []
        var after: Int64 = 0
        while true {
            let part = try store.chainLines(after: after, limit: 1000)
            guard let last = part.last else { return lines }
            lines += part.map { String(decoding: $0.line, as: UTF8.self) }
            after = last.sequence
        }
    }
}
