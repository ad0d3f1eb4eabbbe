import Foundation
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Actions
@testable import Conversations
@testable import Notices

/// Notices through the channel that customers use: on the page that is open, to followers, and through the one that was used last.
@Suite struct CustomerTests {
    static let channels = "{sms: {http: {}}, box: {}, wechat: {wechat: {}}, page: {chat: {lately: 60, waits: 10}}}"

    private static func rule(_ channels: String, _ more: String = "") -> String {
        "  - {rule: arrears-3, kind: arrears, daysBefore: 3, channels: \(channels)\(more)}\n"
    }

    private func scene(
        _ channels: String, at now: String = "2026-12-28T08:30:00+08:00", _ more: String = "", refresh: ReadAnew? = nil
    ) throws -> Scene {
        try Scene(at: now, rules: Self.rule(channels, more), refresh: refresh, channels: Self.channels)
    }

    private static let nine = "2026-12-28T09:00:00+08:00"
    private static let text = "户号01还应缴1.00元,截止2026-12-31"

    // MARK: The page

    @Test func anOpenPageTellsWhatItFetches() throws {
        let scene = try scene("[page, sms]")
        try scene.view("01", open: 100)
        let (key, conversation) = try scene.customer("chat", of: "01")
        try scene.go(Self.nine)
        #expect(scene.told == [])
        #expect(try scene.standings() == ["arrears-3 2026-2027 deferred offered to the page"])
        #expect(try scene.toldOnPage(conversation) == [], "told before it was fetched")
        #expect(try scene.desk.tell(key, in: conversation, by: scene.speaker) == 1)
        #expect(try scene.toldOnPage(conversation) == [Self.text])
        #expect(try scene.standings() == ["arrears-3 2026-2027 sent "])
        // Once, whoever asks again, and by no other channel.
        for hour in 10..<20 {
            #expect(try scene.desk.tell(key, in: conversation, by: scene.speaker) == 0)
            try scene.go("2026-12-28T\(hour):00:00+08:00")
        }
        #expect(try scene.toldOnPage(conversation).count == 1 && scene.told == [])
        // It is counted like any other, and stands in the chain.
        let day = try #require(CivilDate("2026-12-28"))
        let action = try #require(try scene.notices().first?.action)
        #expect(action.state == .confirmed && action.request.system == "notices/page")
        #expect(try scene.store.read { try $0.tellings(to: "13812345678", on: day) } == 1)
        let chain = try scene.store.read { try AuditLines.all($0) }
        #expect(chain.contains { $0.contains("\"notice\"") && $0.contains("sha256") })
        #expect(!chain.contains { $0.contains("1.00元") })
    }

    @Test func aPageThatDoesNotFetchLosesItsNotice() throws {
        let scene = try scene("[page, sms]")
        try scene.view("01", open: 100)
        let (key, conversation) = try scene.customer("chat", of: "01")
        try scene.go(Self.nine)
        try scene.go("2026-12-28T09:09:00+08:00")
        #expect(scene.told == [])
        try scene.go("2026-12-28T09:10:00+08:00")
        #expect(scene.told == ["sms " + "01 " + Self.text])
        #expect(try scene.desk.tell(key, in: conversation, by: scene.speaker) == 0)
        #expect(try scene.toldOnPage(conversation) == [])
        // Without another channel it is said why.
        let alone = try self.scene("[page]")
        try alone.view("01", open: 100)
        try alone.customer("chat", of: "01")
        try alone.go(Self.nine)
        try alone.go("2026-12-28T09:10:00+08:00")
        #expect(
            try alone.standings() == ["arrears-3 2026-2027 notSent its page did not fetch it, and no other channel"])
    }

    /// A page that nobody has used for an hour, one of another's, a customer's who has left the account.
    @Test func onlyAPageThatIsUsedIsOffered() throws {
        let scene = try scene("[page, sms]", at: "2026-12-28T07:50:00+08:00")
        try scene.view("01", open: 100)
        try scene.customer("chat", of: "01")
        try scene.customer("kiosk", of: "01")
        try scene.go(Self.nine)
        #expect(scene.told.count == 1, "\(scene.told)")

        let left = try self.scene("[page, sms]")
        try left.view("01", open: 100)
        let (key, conversation) = try left.customer("chat", of: "01")
        let (stranger, other) = try left.customer("chat", of: "02")
        try left.go(Self.nine)
        #expect(try left.desk.tell(stranger, in: other, by: left.speaker) == 0)
        _ = try left.store.write { try $0.unbind(key, from: "01") }
        #expect(try left.desk.tell(key, in: conversation, by: left.speaker) == 0)
        try left.go("2026-12-28T09:10:00+08:00")
        #expect(left.told.count == 1)
    }

    /// What has changed between the offer and the page's question counts.
    @Test func thePageTellsNothingUntrue() throws {
        let paid = try scene("[page, sms]")
        try paid.view("01", open: 100)
        let (key, conversation) = try paid.customer("chat", of: "01")
        try paid.go(Self.nine)
        try paid.view("01", open: 0)
        #expect(try paid.desk.tell(key, in: conversation, by: paid.speaker) == 0)
        #expect(try paid.standings() == ["arrears-3 2026-2027 notSent paid, or nothing is due"])

        let unwanted = try scene("[page, sms]")
        try unwanted.view("01", open: 100)
        let other = try unwanted.customer("chat", of: "01")
        try unwanted.go(Self.nine)
        try unwanted.store.write { store in
            try store.putConsent(
                NoticeConsent(
                    person: "13812345678", about: "all", isWanted: false, changedAt: unwanted.clock.now, by: "test"))
        }
        #expect(try unwanted.desk.tell(other.key, in: other.conversation, by: unwanted.speaker) == 0)
        #expect(try unwanted.standings() == ["arrears-3 2026-2027 notSent not wanted"])

        // The page stays open into the night: it is told in the morning.
        let night = try scene("[page, sms]", at: "2026-12-28T19:54:00+08:00")
        try night.view("01", open: 100)
        let late = try night.customer("chat", of: "01")
        try night.go("2026-12-28T19:55:00+08:00")
        night.time.set(try #require(Instant("2026-12-28T20:01:00+08:00")).microseconds)
        #expect(try night.desk.tell(late.key, in: late.conversation, by: night.speaker) == 0)
        #expect(try night.notices().first?.reason == "quiet hours")
        try night.go("2026-12-29T08:00:00+08:00")
        #expect(night.told.count == 1)
    }

    @Test func nobodySpeaksOverAPerson() throws {
        let scene = try scene("[page, sms]")
        try scene.view("01", open: 100)
        let (key, conversation) = try scene.customer("chat", of: "01")
        try scene.go(Self.nine)
        let handOff = try scene.store.write { store in
            let made = try store.askHandOff(
                conversation, reason: "asked", afterTurn: 0, card: Array("{}".utf8), caller: "t")
            return try store.claimHandOff(made.id, owner: "desk", idleSeconds: 60)
        }
        #expect(try scene.desk.tell(key, in: conversation, by: scene.speaker) == 0)
        let id = try #require(handOff).id
        _ = try scene.store.write { try $0.closeHandOff(id, owner: "desk", outcome: "resolved", note: nil) }
        #expect(try scene.desk.tell(key, in: conversation, by: scene.speaker) == 1)
    }

    /// A page is not kept waiting for a legacy system: it gets what was read anew when it asks again.
    @Test func freshDataIsReadWhileThePageGoesOn() async throws {
        let (gate, asked) = (DispatchSemaphore(value: 0), Counter())
        let scene = try scene("[page, sms]", ", fresh: required") { _, _ in
            asked.add()
            gate.wait()
        }
        try scene.view("01", open: 100)
        let (key, conversation) = try scene.customer("chat", of: "01")
        try scene.go(Self.nine)
        let desk = scene.desk
        for _ in 0..<3 { #expect(try desk.tell(key, in: conversation, by: scene.speaker) == 0) }
        gate.signal()
        try await onThread {
            var told = 0
            while told == 0 { told = try desk.tell(key, in: conversation, by: scene.speaker) }
            #expect(told == 1)
        }
        #expect(asked.count == 1)
        // Where it cannot be read, what needs it is not told.
        let broken = try self.scene("[page, sms]", ", fresh: required") { _, _ in throw Killed() }
        try broken.view("01", open: 100)
        let other = try broken.customer("chat", of: "01")
        try broken.go(Self.nine)
        let waiting = broken.desk
        for _ in 0..<50 {
            #expect(try waiting.tell(other.key, in: other.conversation, by: broken.speaker) == 0)
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    /// Pages that fetch at any time, a gateway that misbehaves, and a process that ends between any two transactions: each is told once.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func eachIsToldOnce(_ seed: UInt64) async throws {
        try await onThread {
            let scene = try Scene(
                at: "2026-12-28T08:59:00+08:00", rules: Self.rule("[used, page, sms]"), wrong: 20,
                channels: Self.channels)
            var random = SeededGenerator(seed: seed)
            var pages: [(key: CustomerKey, conversation: ConversationID)] = []
            let numbers = (10..<70).map { "\($0)" }
            for number in numbers {
                try scene.view(number, phones: ["138000000\(number)"], open: 100)
                pages.append(try scene.customer("chat", of: number))
            }
            let mortal = MortalStore(scene.store, seed: seed, oneIn: 30)
            var desk = scene.desk(over: mortal)
            scene.time.set(try #require(Instant(Self.nine)).microseconds)
            for _ in 0..<600 {
                do {
                    switch random.next() % 4 {
                    case 0: try desk.look()
                    case 1:
                        let worker = ActionWorker(desk.outbox, now: { scene.time.now }, onError: { _ in })
                        _ = try worker.workOnDue()
                    default:
                        let page = pages[Int(random.next() % UInt64(pages.count))]
                        try desk.tell(page.key, in: page.conversation, by: scene.speaker)
                    }
                } catch is Killed {
                    desk = scene.desk(over: mortal)
                }
                scene.time.pass(Int64(random.next() % 5) * 1_000_000)
            }
            // What is left is told by the next channel.
            for minute in 20..<59 { try scene.go("2026-12-28T10:\(minute):00+08:00") }
            let bySMS = scene.sms.state.withLock { $0.delivered.map(\.account) }
            var (onPage, told) = (0, 0)
            for (number, page) in zip(numbers, pages) {
                let count = try scene.toldOnPage(page.conversation).count
                let all = count + bySMS.filter { $0 == number }.count
                let notice = try #require(try scene.notices(number).first)
                #expect(all <= 1, "account \(number) was told \(all) times")
                if notice.state == .sent { #expect(all == 1, "account \(number) is called told") }
                if all == 0 { #expect(notice.state != .sent) }
                onPage += count
                told += all
            }
            #expect(mortal.kills.withLock { $0 } > 0 && onPage > 5 && told > onPage, "\(onPage) of \(told)")
        }
    }

    // MARK: Followers

    @Test func followersAreToldAndWhoHasNoneIsToldOtherwise() throws {
        let scene = try scene("[wechat, sms]")
        try scene.view("01", open: 100)
        try scene.view("02", phones: ["13800000002"], open: 100)
        try scene.customer("wechat", of: "01", address: "sealed-1")
        scene.time.pass(1_000_000)
        try scene.customer("wechat", of: "01", address: "sealed-2")
        // One whose state holds no address.
        try scene.customer("wechat", of: "02")
        try scene.go(Self.nine)
        #expect(scene.told.sorted() == ["sms 02 户号02还应缴1.00元,截止2026-12-31", "wechat 01 " + Self.text])
        let values = try #require(try scene.notices("01").first?.telling?.values)
        #expect(values["followers"] == "sealed-2 sealed-1", "who spoke last first")
        #expect(values["open"] == "1.00")
    }

    /// Whoever leaves the account between the handing over and the sending is told nothing of it.
    @Test func whoHasLeftIsNotTold() throws {
        let scene = try scene("[wechat, sms]")
        try scene.view("01", open: 100)
        let (key, _) = try scene.customer("wechat", of: "01", address: "sealed-1")
        scene.time.set(try #require(Instant(Self.nine)).microseconds)
        try scene.desk.look()
        _ = try scene.store.write { try $0.unbind(key, from: "01") }
        try scene.go("2026-12-28T09:00:01+08:00")
        #expect(scene.told == ["sms 01 " + Self.text])
        let none = try self.scene("[wechat]")
        try none.view("01", open: 100)
        try none.go(Self.nine)
        #expect(try none.standings() == ["arrears-3 2026-2027 notSent no follower, and no other channel"])
    }

    // MARK: What was used last

    @Test func theChannelThatWasUsedLastComesFirst() throws {
        for (channels, first) in [
            (["wechat"], "wechat"), (["chat", "wechat"], "wechat"), (["wechat", "chat"], "page"), (["sms"], "sms"),
            (["wechat", "hotline"], "sms"), (["kiosk"], "box"), (["wechat", "kiosk"], "wechat"), ([], "box"),
        ] {
            let scene = try scene("[used, box]")
            try scene.view("01", open: 100)
            for channel in channels {
                scene.time.pass(60_000_000)
                try scene.customer(channel, of: "01", address: "sealed")
            }
            var shown: [String?] = []
            try scene.desk.preview(on: try #require(CivilDate("2026-12-28"))) {
                shown.append($0.channel)
                return true
            }
            try scene.go(Self.nine)
            let told = scene.told.first.map { String($0.prefix { $0 != " " }) }
            let isOffered = try scene.notices().first?.reason == NoticeDesk.offered
            #expect(told ?? (isOffered ? "page" : "") == first, "\(channels)")
            // Whether the page is still open is known when it is told.
            if first != "page" { #expect(shown == [first], "\(channels)") }
        }
    }

    /// What was tried as the one used last is not tried again where the order names it.
    @Test func noChannelIsTriedTwice() throws {
        let scene = try scene("[used, wechat, page, sms]")
        try scene.view("01", open: 100)
        let (key, conversation) = try scene.customer("wechat", of: "01", address: "sealed")
        scene.wechat.refuses.withLock { $0 = true }
        try scene.go(Self.nine)
        #expect(scene.wechat.state.withLock { $0.calls } == 1)
        #expect(scene.told == ["sms 01 " + Self.text])
        // The page that was offered as the one used last, and ran out.
        let page = try self.scene("[used, page, sms]")
        try page.view("01", open: 100)
        try page.customer("chat", of: "01")
        try page.go(Self.nine)
        try page.go("2026-12-28T09:10:00+08:00")
        #expect(page.told == ["sms 01 " + Self.text])
        try scene.speaks(key, conversation, "sealed")
    }
}
