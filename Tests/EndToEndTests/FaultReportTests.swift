import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// A fault that is reported over HTTP, until its order comes back with the sync: the programs as their users run them.
@Suite(.waitsForServers) struct FaultReportTests {
    private func curl(_ site: ActionSite, _ arguments: [String]) async throws -> (status: Int, json: [String: Any]) {
        let ending = try await Program.run(
            ["-s", "-w", "\n%{http_code}", "--max-time", "300"] + arguments, executable: "/usr/bin/curl",
            environment: [:], directory: site.folder)
        let lines = ending.output.split(separator: "\n")
        let json = try JSONSerialization.jsonObject(with: Data(lines.dropLast().joined().utf8)) as? [String: Any]
        return (Int(lines.last ?? "") ?? 0, json ?? [:])
    }

    @Test func aReportBecomesAnOrderThatTheSyncBringsBack() async throws {
        let site = try ActionSite()
        try site.startDispatch("")
        try site.writeSystems()
        let sync = try await site.hearth("sync")
        #expect(sync.status < 2, "\(sync)")
        let made = try await site.hearth("token", "create", "--json", "--name", "desk", "--scope", "assistant").json()
        let token = try #require((made as? [String: Any])?["token"] as? String)
        let address = try site.startServer()
        let access = ["-H", "Authorization: Bearer \(token)"]
        func report(_ number: String, key: String) async throws -> (status: Int, json: [String: Any]) {
            try await curl(
                site,
                access + [
                    "-H", "Content-Type: application/json", "-H", "Idempotency-Key: \"\(key)\"", "-d",
                    "{\"kind\":\"leak\",\"words\":\"张三家水漫了\",\"phone\":\"13812345678\"}",
                    "\(address)/v1/accounts/\(number)/work-orders",
                ])
        }
        // The first account that has no open order for a leak.
        var number = ""
        var taken: (status: Int, json: [String: Any]) = (0, [:])
        for index in 0..<20 {
            number = ActionSite.estate.account(index).number
            taken = try await report(number, key: "leak-\(number)")
            if taken.status != 200 { break }
        }
        #expect(taken.status == 202 && taken.json["urgent"] as? Bool == true, "\(taken)")
        let path = try #require(taken.json["status_path"] as? String)
        var stands: [String: Any] = [:]
        for _ in 0..<3000 where stands["settled"] as? Bool != true {
            stands = try await curl(site, access + [address + path]).json
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(stands["state"] as? String == "confirmed", "\(stands)")
        let order = try #require(stands["order_number"] as? String)
        let entry = try #require(try DispatchEntry.all(inJournal: site.journal).first { $0.order == order })
        #expect(entry.account == number && entry.isUrgent == true && entry.description == "张三家水漫了")
        #expect(entry.phone == "13812345678" && entry.reference.count == 16)
        #expect(entry.note?.contains("地址:") == true && entry.note?.contains("水漫") == false, "\(entry)")
        let again = try await report(number, key: "leak-\(number)")
        #expect(again.status == 202 && again.json["request"] as? Int == taken.json["request"] as? Int)

        let later = try await site.hearth("sync", "dispatch")
        #expect(later.status < 2, "\(later)")
        let shown = try await curl(site, access + ["\(address)/v1/accounts/\(number)/work-orders"]).json
        let orders = shown["work_orders"] as? [[String: Any]] ?? []
        #expect(orders.contains { $0["number"] as? String == order && $0["urgent"] as? Bool == true }, "\(orders)")
        // A neighbour's call about the same leak.
        let joined = try await report(number, key: "another")
        #expect(joined.status == 200 && joined.json["joined"] as? Bool == true, "\(joined)")
        #expect((joined.json["order"] as? [String: Any])?["number"] as? String == order)
        // The neighbour's telephone may have been added to it by now.
        let created = try DispatchEntry.all(inJournal: site.journal).filter { $0.operation == .create }
        #expect(created.count == 1, "\(created)")
        site.stopServer()
        #expect(try await site.hearth("audit", "verify").status == 0)
        site.stopDispatch()
    }

    @Test func aReportAtTheTerminalIsTheSame() async throws {
        let site = try ActionSite()
        try site.startDispatch("")
        try site.writeSystems()
        _ = try await site.hearth("sync", "customer")
        let number = ActionSite.estate.account(5).number
        func report(_ arguments: String...) async throws -> Program.Ending {
            try await site.hearth(["report-fault"] + arguments)
        }
        let first = try await report(number, "--kind", "valve", "--key", "k1", "--words", "张三", "--json")
        #expect(first.status == 0 && !first.output.contains("张三"), "\(first)")
        let again = try await report(number, "--kind", "valve", "--key", "k1", "--words", "张三", "--json")
        #expect(again.output == first.output)
        let joined = try await report(number, "--kind", "valve", "--key", "k2", "--lang", "en")
        #expect(joined.status == 0 && joined.output.contains("reported already"), "\(joined)")
        for (arguments, code) in [
            ([number, "--kind", "leak", "--key", "k1"], "usage.idempotencyKeyInUse"),
            ([number, "--kind", "music", "--key", "k3"], "usage.invalidParameter"),
            (["09999999", "--kind", "leak", "--key", "k3"], "usage.unknownAccount"),
            (["--address", "没有这个小区9号楼9单元999", "--kind", "leak", "--key", "k3"], "usage.unknownAddress"),
        ] {
            let wrong = try await site.hearth(["report-fault"] + arguments)
            #expect(wrong.status >= 2 && wrong.errors.contains(code), "\(arguments): \(wrong)")
        }
        let asked = try await site.hearth("ask", "work-order-request", "number=\(number)", "id=1")
        #expect(asked.status == 0 && asked.output.contains("\"state\":\"accepted\""), "\(asked)")
        #expect(try await site.hearth("actions", "run", "--drain").status == 0)
        #expect(try DispatchEntry.all(inJournal: site.journal).count == 1)
        site.stopDispatch()
    }
}
