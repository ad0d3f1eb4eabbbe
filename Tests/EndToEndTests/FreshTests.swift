import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// Rows of one account that are read again for an answer: the programs as their users run them, the systems alive.
@Suite(.waitsForServers) struct FreshTests {
    static let options = EstateOptions(accounts: 120, seed: 23)

    /// What an answer says of each stream.
    private func states(_ json: [String: Any]) -> [String: String] {
        let fresh = json["fresh"] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: fresh.map { ($0["stream"] as? String ?? "", $0["state"] as? String ?? "") })
    }

    private func ask(_ site: Site, _ arguments: [String], with more: [String: String] = [:]) async throws -> [String:
        Any]
    {
        let ending = try await Program.run(
            ["ask"] + arguments, environment: site.environment.merging(more) { $1 }, directory: site.folder)
        #expect(ending.status == 0, "\(ending)")
        return try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any] ?? [:]
    }

    /// When a stream was last read as a whole, as `hearth status` says.
    private func lastSuccess(of stream: String, _ site: Site) async throws -> String {
        let ending = try await site.hearth("status", "--json")
        #expect(ending.status < 2, "\(ending)")
        let json = try #require(try ending.json() as? [String: Any])
        let streams = try #require(json["streams"] as? [[String: Any]])
        let found = streams.first { $0["stream"] as? String == stream }
        return try #require(found?["succeeded_at"] as? String, "\(ending.output)")
    }

    /// An account with a payment, and the one id that billing has for it.
    private func payer(_ site: Site) throws -> (number: String, id: String) {
        let row = try #require(
            try site.store().rows(
                """
                SELECT a.number, min(c.external_id) FROM record r JOIN stream s ON s.id = r.stream_id JOIN account a ON a.id = r.account_id
                JOIN crosswalk c ON c.account_id = a.id AND c.system = 'billing' WHERE s.name = 'billing.payments' AND r.voided = 0
                GROUP BY 1 HAVING count(DISTINCT c.external_id) = 1 ORDER BY 1 LIMIT 1
                """
            ).first)
        return (row[0] ?? "", row[1] ?? "")
    }

    /// Writes to the billing system's own database, as its clerks do.
    private func write(_ sql: String, to site: Site) throws {
        if let postgres = site.postgres {
            _ = try postgres.execute(sql)
            return
        }
        try Database(path: site.billingPath, readOnly: false).rows(sql)
    }

    @Test(arguments: [Site.Billing.sqlite, .postgres, .postgresByODBC])
    func aPaymentOfThisMinuteIsSeenWhenItIsAskedFor(_ kind: Site.Billing) async throws {
        try await Site.with(Self.options, billing: kind) { site in
            #expect(try await site.hearth("sync").status < 2)
            let (number, id) = try payer(site)
            let cursors = try site.store().rows("SELECT name, cursor, records FROM stream ORDER BY name")
            let before = try await ask(site, ["money receipt", "number=\(number)"])
            #expect(before["fresh"] == nil)
            // No cursor passes it: it says that it was changed years ago.
            try write(
                """
                INSERT INTO sf_jf(lsh, yhid, yhkh, cnq, sfrq, sffs, je, dzzt, hc, zf, gxsj)
                SELECT 'FRESH-1', yhid, yhkh, cnq, sfrq, sffs, '12.34', dzzt, 0, 0, '2019-01-01 00:00:00' FROM sf_jf
                WHERE yhid = \(id) AND zf = 0 AND hc = 0 LIMIT 1
                """, to: site)
            func serials(_ json: [String: Any]) -> [String] {
                (json["payments"] as? [[String: Any]] ?? []).compactMap { $0["serial"] as? String }
            }
            let held = try await ask(site, ["money receipt", "number=\(number)"])
            #expect(!serials(held).contains("FRESH-1"))
            let succeeded = try await lastSuccess(of: "billing.payments", site)
            let fresh = try await ask(site, ["money receipt", "number=\(number)", "fresh=30"])
            #expect(serials(fresh).contains("FRESH-1") && serials(fresh).count == serials(held).count + 1, "\(fresh)")
            #expect(states(fresh) == ["billing.payments": "read"])
            let due = try await ask(site, ["money due", "number=\(number)", "fresh=30"])
            #expect(
                states(due) == [
                    "billing.charges": "read", "billing.payments": "read", "billing.suspensions": "read",
                ], "\(due)")
            // It is a run like any other, and says nothing of the rest of the stream.
            let store = try site.store()
            let runs = try store.rows("SELECT state, proof, read, new FROM run WHERE mode = 'account' ORDER BY id")
            #expect(runs.first?[0] == "success" && runs.first?[1] == "snapshot_end" && runs.first?[3] == "1", "\(runs)")
            #expect(try store.number("SELECT count(*) FROM run WHERE mode = 'account' AND vanished > 0") == 0)
            let after = try store.rows("SELECT name, cursor, records FROM stream ORDER BY name")
            #expect(after.map { [$0[0], $0[1]] } == cursors.map { [$0[0], $0[1]] }, "a cursor moved")
            let still = try await lastSuccess(of: "billing.payments", site)
            #expect(still == succeeded, "the reading of one account counts as one of the stream")
            // The same row comes again with the next full reading, and is known.
            #expect(try await site.hearth("sync", "billing.payments", "--full").status < 2)
            let last = try site.store().rows("SELECT new, changed, vanished FROM run ORDER BY id DESC LIMIT 1").first
            #expect(last == ["0", "0", "0"], "\(last ?? [])")
            #expect(try await site.hearth("audit", "verify").status == 0)
            // The archive alone makes the same store, this run among the others.
            let built = site.folder + "/built.db"
            #expect(try await site.hearth("replay", "--into", built).status < 2)
            #expect(difference(try site.store().dump(), try site.store(built).dump()) == nil)
        }
    }

    /// A row that its clerk puts right: it is the other account's from then on, and no longer the first one's.
    @Test func aRowThatMovesIsOneAccountsAlone() async throws {
        try await Site.with(Self.options) { site in
            #expect(try await site.hearth("sync").status < 2)
            let (number, _) = try payer(site)
            let other = try #require(
                try site.store().rows(
                    """
                    SELECT a.number, min(c.external_id) FROM account a JOIN crosswalk c ON c.account_id = a.id AND c.system = 'billing'
                    WHERE a.number <> '\(number)' GROUP BY 1 HAVING count(DISTINCT c.external_id) = 1 ORDER BY 1 LIMIT 1
                    """
                ).first)
            func serials(_ number: String, _ more: String...) async throws -> ([String], [String: String]) {
                let json = try await ask(site, ["money receipt", "number=\(number)"] + more)
                return (
                    (json["payments"] as? [[String: Any]] ?? []).compactMap { $0["serial"] as? String }, states(json)
                )
            }
            let moved = try #require(try await serials(number).0.first)
            try write(
                "UPDATE sf_jf SET yhid = \(other[1] ?? ""), yhkh = '\(other[0] ?? "")' WHERE lsh = '\(moved)'", to: site
            )
            // Whose row it was has fewer of them than are held: nobody says that this is how it stands.
            let before = try await serials(number, "fresh=30")
            #expect(before.1 == ["billing.payments": "held"], "\(before)")
            let taken = try await serials(other[0] ?? "", "fresh=30")
            #expect(taken.0.contains(moved) && taken.1 == ["billing.payments": "read"], "\(taken)")
            #expect(try await !serials(number).0.contains(moved), "two accounts have the row")
            let after = try await serials(number, "fresh=30")
            #expect(!after.0.contains(moved) && after.1 == ["billing.payments": "read"], "\(after)")
            #expect(try await site.hearth("status").status < 2)
            #expect(try site.store().number("SELECT count(*) FROM touched_account") == 0)
        }
    }

    @Test func anOrderOfThisMinuteIsSeenToo() async throws {
        try await Site.with(Self.options) { site in
            #expect(try await site.hearth("sync").status < 2)
            let number = try #require(
                try site.store().column(
                    "SELECT a.number FROM record r JOIN stream s ON s.id = r.stream_id JOIN account a ON a.id = r.account_id WHERE s.name = 'dispatch.workOrders' ORDER BY 1"
                ).first)
            let fresh = try await ask(site, ["work-orders", "number=\(number)", "fresh=30"])
            #expect(
                states(fresh) == ["dispatch.workOrders": "read", "dispatch.workOrderEvents": "read"], "\(fresh)")
            let store = try site.store()
            #expect(
                try store.column("SELECT DISTINCT proof FROM run WHERE mode = 'account' AND state = 'success'") == [
                    "stated_end"
                ])
            #expect(
                try store.number("SELECT sum(new + changed + vanished + quarantined) FROM run WHERE mode = 'account'")
                    == 0)
        }
    }

    @Test func whatCannotBeReadIsHeldAndToldSo() async throws {
        try await Site.with(Self.options) { site in
            #expect(try await site.hearth("sync").status < 2)
            let (number, _) = try payer(site)
            // Takes the connection and never answers.
            let silent = try SilentServer()
            defer { silent.close() }
            let began = ContinuousClock.now
            let orders = try await ask(
                site, ["work-orders", "number=\(number)", "fresh=2"],
                with: ["HEARTH_DISPATCH_URL": "http://127.0.0.1:\(silent.port)/ws/dispatch"])
            #expect(ContinuousClock.now - began < .seconds(60))
            let fresh = orders["fresh"] as? [[String: Any]] ?? []
            #expect(fresh.count == 2 && fresh.allSatisfy { $0["state"] as? String == "held" }, "\(fresh)")
            #expect(fresh.first?["reason"] as? String == "source.timeout", "\(fresh)")
            #expect(fresh.allSatisfy { $0["age_seconds"] is Int && $0["at"] is String }, "\(fresh)")
            // In words too.
            let spoken = try await site.hearth(
                "money", "receipt", number, "--fresh", "2", with: ["HEARTH_BILLING_PATH": site.folder + "/gone.sqlite"])
            #expect(spoken.status == 0 && spoken.output.contains("以下数据较旧:billing.payments"), "\(spoken)")
            for (arguments, code) in [
                (["number=\(number)", "fresh=31"], "usage.invalidParameter"),
                (["number=\(number)", "fresh=2", "as_of=1"], "usage.invalidParameter"),
                (["number=09999999", "fresh=2"], "usage.unknownAccount"),
            ] {
                let wrong = try await Program.run(
                    ["ask", "work-orders"] + arguments, environment: site.environment, directory: site.folder)
                #expect(wrong.status >= 2 && wrong.errors.contains(code), "\(arguments): \(wrong)")
            }
            let runs = try site.store().rows("SELECT state, error_code FROM run WHERE mode = 'account'")
            #expect(!runs.isEmpty && runs.allSatisfy { $0[0] != "success" && $0[0] != "running" }, "\(runs)")
            // The streams are as they were: an ordinary sync goes on.
            #expect(try await site.hearth("sync").status < 2)
        }
    }

    /// Callers of many accounts and of one, while syncs go on: each answer is whole, no sync is refused.
    @Test func askingAndSyncingDoNotStandInEachOthersWay() async throws {
        try await Site.with(Self.options) { site in
            #expect(try await site.hearth("sync").status < 2)
            let numbers = Array(
                try site.store().column("SELECT number FROM account ORDER BY 1").prefix(4))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in numbers {
                    group.addTask {
                        for _ in 0..<3 {
                            let json = try await ask(site, ["money due", "number=\(number)", "fresh=30"])
                            #expect(states(json).count == 3, "\(json)")
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<4 {
                        let sync = try await site.hearth("sync", "billing")
                        #expect(sync.status < 2 && !sync.errors.contains("run.locked"), "\(sync)")
                    }
                }
                try await group.waitForAll()
            }
            let store = try site.store()
            #expect(try store.number("SELECT count(*) FROM run WHERE state NOT IN ('success')") == 0)
            #expect(
                try store.number("SELECT count(*) FROM run WHERE mode = 'account' AND state = 'success'") > 0,
                "nothing was read")
            #expect(
                try store.number("SELECT count(*) FROM run WHERE mode = 'account' AND new + changed + vanished > 0")
                    == 0)
        }
    }
}

/// Listens, takes connections, and says nothing.
private final class SilentServer: Sendable {
    let port: UInt16
    private let listener: Int32

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isUp = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isUp else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
    }

    func close() { Foundation.close(listener) }
}
