import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// A source that fails leaves the store as it was at the last committed batch; the others go on; the next run carries on.
@Suite(.waitsForServers) struct SourceFaultTests {
    private static func runs(_ ending: Program.Ending) throws -> [String: [String: Any]] {
        let runs = (try ending.json() as? [String: Any])?["runs"] as? [[String: Any]] ?? []
        return Dictionary(uniqueKeysWithValues: runs.map { ($0["stream"] as? String ?? "", $0) })
    }

    private static func code(_ run: [String: Any]?) -> String? { (run?["error"] as? [String: Any])?["code"] as? String }

    private static func expectBalanced(
        _ runs: [String: [String: Any]], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (stream, run) in runs {
            let counts = run["counts"] as? [String: Int] ?? [:]
            let parts = ["new", "changed", "unchanged", "duplicate", "quarantined"].reduce(0) { $0 + (counts[$1] ?? 0) }
            #expect(counts["read"] == parts, "\(stream)", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: ["cut", "fault 200", "fault 500", "page"])
    func dispatchFailsInTheMiddle(_ kind: String) async throws {
        try await Site.with(EstateOptions(accounts: 400, seed: 51)) { site in
            // Many small pages.
            let path = site.folder + "/Config/hearth.yaml"
            let configuration = try String(contentsOfFile: path, encoding: .utf8)
            try Data(configuration.replacing("size: 1000", with: "size: 8").utf8).write(to: URL(fileURLWithPath: path))
            let calm = ["HEARTH_STORE": site.folder + "/calm.db"]
            #expect(try await site.hearth("sync", with: calm).status == 1)

            let trouble: Relay.Trouble =
                switch kind {
                case "cut": .cut
                case "fault 200": .fault(200)
                case "fault 500": .fault(500)
                default: .page
                }
            let relay = try Relay(
                before: site.environment["HEARTH_DISPATCH_URL"] ?? "", trouble: trouble, afterBytes: 30_000)
            defer { relay.close() }
            let broken = try await site.hearth(
                "sync", "--json", "--batch-rows", "5", with: ["HEARTH_DISPATCH_URL": relay.address])
            #expect(broken.status == 2)
            let runs = try Self.runs(broken)
            Self.expectBalanced(runs)
            let failed = try #require(runs["dispatch.workOrders"])
            #expect(failed["state"] as? String == "failed")
            #expect(Self.code(failed)?.hasPrefix("source.") == true, "\(failed)")
            // What came before the trouble is there, and billing and customers are complete.
            let records = "SELECT count(*) FROM record r JOIN stream s ON s.id = r.stream_id WHERE s.name"
            let held = try site.store().number("\(records) = 'dispatch.workOrders'")
            let whole = try site.store(site.folder + "/calm.db").number("\(records) = 'dispatch.workOrders'")
            #expect(held > 0 && held < whole, "\(held) of \(whole)")
            #expect(
                runs.filter { !$0.key.hasPrefix("dispatch.") }.allSatisfy { $0.value["state"] as? String == "success" })
            let status = try await site.hearth("status")
            #expect(status.status == 0 && status.output.contains("failed"))

            // The service is well again.
            #expect(try await site.hearth("sync").status == 1)
            let (here, there) = (
                try site.store().dump(withPlaces: false),
                try site.store(site.folder + "/calm.db").dump(withPlaces: false)
            )
            #expect(difference(here, there) == nil)
        }
    }

    @Test func aSourceThatIsDownDoesNotStopTheOthers() async throws {
        try await Site.with(EstateOptions(accounts: 300, seed: 52)) { site in
            let calm = ["HEARTH_STORE": site.folder + "/calm.db"]
            #expect(try await site.hearth("sync", with: calm).status == 1)
            let down = try await site.hearth(
                "sync", "--json",
                with: [
                    "HEARTH_DISPATCH_URL": "http://127.0.0.1:1/ws", "HEARTH_CUSTOMER_DROPS": site.folder + "/nowhere",
                ])
            #expect(down.status == 2)
            let runs = try Self.runs(down)
            #expect(Self.code(runs["dispatch.workOrders"]) == "source.unreachable")
            #expect(Self.code(runs["customer.residents"]) == "source.unreachable")
            #expect(runs["billing.charges"]?["state"] as? String == "success")
            // Without the customers no charge knows its account: all of them wait, and go through once the accounts are there.
            #expect(try await site.hearth("sync").status == 1)
            let (here, there) = (
                try site.store().dump(withPlaces: false),
                try site.store(site.folder + "/calm.db").dump(withPlaces: false)
            )
            let lasting = { (lines: [String]) in lines.filter { !$0.hasPrefix("quarantine") || $0.contains("| open |") }
            }
            #expect(difference(lasting(here), lasting(there)) == nil)
        }
    }

    @Test func aBillingTableIsMissingOrLocked() async throws {
        try await Site.with(EstateOptions(accounts: 300, seed: 53)) { site in
            let calm = ["HEARTH_STORE": site.folder + "/calm.db"]
            #expect(try await site.hearth("sync", with: calm).status == 1)
            let billing = try Database(path: site.billingPath, readOnly: false)
            try billing.rows("ALTER TABLE sf_fy RENAME TO sf_fy_gone")
            let missing = try await site.hearth("sync", "--json")
            #expect(missing.status == 2)
            let runs = try Self.runs(missing)
            #expect(runs["billing.charges"]?["state"] as? String == "failed")
            #expect(Self.code(runs["billing.charges"])?.isEmpty == false)
            #expect(
                runs.filter { $0.key != "billing.charges" }.allSatisfy { $0.value["state"] as? String == "success" })
            let check = try await site.hearth("check", "billing")
            #expect(check.status == 2 && check.output.contains("sf_fy"))

            try billing.rows("ALTER TABLE sf_fy_gone RENAME TO sf_fy")
            try billing.rows("BEGIN EXCLUSIVE")
            let before = try site.store().dump()
            let locked = try await site.hearth("sync", "billing.charges", "--json")
            #expect(locked.status == 2)
            #expect(Self.code(try Self.runs(locked)["billing.charges"])?.hasPrefix("source.") == true)
            let after = try site.store().dump()
            #expect(difference(after, before) == nil)
            try billing.rows("ROLLBACK")

            #expect(try await site.hearth("sync").status == 1)
            let (here, there) = (try site.store().dump(), try site.store(site.folder + "/calm.db").dump())
            #expect(difference(here, there) == nil)
        }
    }

    @Test func dropsThatAreIncompleteRepeatedOrCorrected() async throws {
        try await Site.with(EstateOptions(accounts: 300, seed: 54)) { site in
            #expect(try await site.hearth("sync").status == 1)
            let first = site.drops + "/yhxx_20260120.csv"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: first))
            func drop(_ name: String, _ data: Data, isDone: Bool = true) throws {
                try data.write(to: URL(fileURLWithPath: site.drops + "/" + name))
                if isDone { try Data().write(to: URL(fileURLWithPath: site.drops + "/" + name + ".done")) }
            }
            func residents(_ arguments: String...) async throws -> (ending: Program.Ending, run: [String: Any]) {
                let ending = try await Program.run(
                    ["sync", "customer", "--json"] + arguments, environment: site.environment, directory: site.folder)
                return (ending, try #require(try Self.runs(ending)["customer.residents"]))
            }
            let before = try site.store().dump()

            // The same content under another name.
            try drop("yhxx_20260121.csv", bytes)
            var sync = try await residents()
            #expect(sync.ending.status == 0)
            #expect(
                (sync.run["known_origins"] as? [String])?.contains { $0.contains("yhxx_20260121") } == true,
                "\(sync.run)")
            let repeated = try site.store().dump()
            #expect(difference(repeated, before) == nil)

            // A file that is still being written.
            try drop("yhxx_20260122.csv", bytes.prefix(bytes.count / 2), isDone: false)
            sync = try await residents()
            #expect(sync.ending.status == 0 && (sync.run["counts"] as? [String: Int])?["read"] == 0)

            // The same, declared complete: its rows are no news, and what it lacks has not vanished.
            try Data().write(to: URL(fileURLWithPath: site.drops + "/yhxx_20260122.csv.done"))
            sync = try await residents()
            #expect(sync.ending.status == 2)
            #expect(Self.code(sync.run)?.hasPrefix("source.") == true, "\(sync.run)")
            #expect((sync.run["counts"] as? [String: Int])?["vanished"] == 0)
            let records =
                "SELECT s.name || r.key || hex(r.hash) FROM record r JOIN stream s ON s.id = r.stream_id ORDER BY 1"
            #expect(try site.store().number("SELECT count(*) FROM record_history") == 0)

            // A snapshot that lost most of its rows, yet states so: the fuse holds.
            try FileManager.default.removeItem(atPath: site.drops + "/yhxx_20260122.csv")
            try FileManager.default.removeItem(atPath: site.drops + "/yhxx_20260122.csv.done")
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
            let short =
                Data(lines.prefix(52).joined(separator: [UInt8(ascii: "\n")]))
                + Data([0x0A, 0xBA, 0xCF, 0xBC, 0xC6]) + Data(",50\r\n".utf8)
            let whole = try site.store().column(records)
            try drop("yhxx_20260123.csv", short)
            sync = try await residents()
            #expect(sync.ending.status == 2)
            #expect(Self.code(sync.run) == "run.deleteFuse", "\(sync.run)")
            #expect(try site.store().column(records) == whole)

            // The corrected snapshot.
            try FileManager.default.removeItem(atPath: site.drops + "/yhxx_20260123.csv")
            try FileManager.default.removeItem(atPath: site.drops + "/yhxx_20260123.csv.done")
            let second = site.estate.advanced()
            try site.show(second)
            #expect(try await site.hearth("sync").status != 2)
            let fresh = ["HEARTH_STORE": site.folder + "/fresh.db"]
            for name in try FileManager.default.contentsOfDirectory(atPath: site.drops) {
                try FileManager.default.removeItem(atPath: site.drops + "/" + name)
            }
            try second.writeCustomer(dropFolder: site.drops)
            #expect(try await site.hearth("sync", with: fresh).status == 1)
            let residentsOnly =
                "SELECT r.key || r.body FROM record r JOIN stream s ON s.id = r.stream_id WHERE s.name = 'customer.residents' ORDER BY 1"
            let (here, there) = (
                try site.store().column(residentsOnly), try site.store(site.folder + "/fresh.db").column(residentsOnly)
            )
            #expect(difference(here, there) == nil)
        }
    }

    /// Trail bytes of GBK characters that equal the delimiter, the backslash and digits.
    @Test func trailBytesAreNoDelimiters() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-trail-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let environment = ["BILLING_PASSWORD": "x"]
        _ = try await Program.run(["init"], environment: environment, directory: folder)
        let path = folder + "/Config/hearth.yaml"
        let configuration = try String(contentsOfFile: path, encoding: .utf8)
        try Data(configuration.replacing("encoding: auto", with: "encoding: auto, delimiter: \"|\"").utf8)
            .write(to: URL(fileURLWithPath: path))
        // 用户编号|姓名|联系电话|建筑面积
        var bytes: [UInt8] = [0xD3, 0xC3, 0xBB, 0xA7, 0xB1, 0xE0, 0xBA, 0xC5, 0x7C, 0xD0, 0xD5, 0xC3, 0xFB, 0x7C]
        bytes += [
            0xC1, 0xAA, 0xCF, 0xB5, 0xB5, 0xE7, 0xBB, 0xB0, 0x7C, 0xBD, 0xA8, 0xD6, 0xFE, 0xC3, 0xE6, 0xBB, 0xFD, 0x0D,
            0x0A,
        ]
        let names: [(bytes: [UInt8], text: String)] = [
            ([0x81, 0x7C, 0x95, 0x7C], "亅晐"), ([0x81, 0x5C, 0x83, 0x5C], "乗僜"),
            ([0x81, 0x39, 0xEE, 0x39, 0x81, 0x39, 0xEF, 0x30], "㐀㐁"), ([0x95, 0x32, 0x82, 0x36, 0x8F, 0x7C], "𠀀弢"),
        ]
        for (index, name) in names.enumerated() {
            bytes += Array("0000000\(index + 1)|".utf8) + name.bytes + Array("|13800138000|8\(index).5\r\n".utf8)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/drops/a.csv"))
        try Data().write(to: URL(fileURLWithPath: folder + "/drops/a.csv.done"))
        let sync = try await Program.run(["sync", "customer"], environment: environment, directory: folder)
        #expect(sync.status == 0, "\(sync.errors)")
        for (index, name) in names.enumerated() {
            let account = try await Program.run(
                ["account", "0000000\(index + 1)", "--json", "--unmask", "--reason", "test"],
                environment: environment, directory: folder)
            let facts = (try account.json() as? [String: Any])?["facts"] as? [String: Any]
            #expect(facts?["holder_name"] as? String == name.text)
            #expect(facts?["area_building"] as? String == "8\(index).500")
        }
    }
}
