import Foundation
import HearthTesting
import LegacyEstate
import Synchronization
import TestTraits
import Testing

/// What the program says of its syncs to others: OpenLineage events, and its log as JSON.
@Suite(.waitsForServers) struct LineageTests {
    private struct Event: Decodable {
        struct Run: Decodable {
            struct Facets: Decodable {
                struct Message: Decodable { var message: String }
                struct Own: Decodable {
                    var run: Int64
                    var state: String
                }
                var errorMessage: Message?
                var hearth_run: Own?
            }
            var runId: String
            var facets: Facets
        }
        struct Named: Decodable {
            struct Statistics: Decodable { var rowCount: Int64 }
            struct Input: Decodable { var inputStatistics: Statistics }
            struct Output: Decodable { var outputStatistics: Statistics }
            var name: String
            var inputFacets: Input?
            var outputFacets: Output?
        }
        var eventType: String
        var run: Run
        var job: Named
        var inputs: [Named]
        var outputs: [Named]
    }

    private struct Told: Decodable {
        struct Run: Decodable {
            struct Counts: Decodable {
                var read: Int64
                var new: Int64
                var changed: Int64
            }
            var run: Int64
            var stream: String
            var counts: Counts
        }
        var runs: [Run]
    }

    private func configure(_ site: Site, _ lineage: String) throws {
        let file = site.folder + "/Config/hearth.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let kept = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("lineage:") }
        try (kept.joined(separator: "\n") + "\nlineage: \(lineage)\n").write(
            toFile: file, atomically: true, encoding: .utf8)
    }

    private func events(_ text: String) throws -> [Event] {
        try text.split(separator: "\n").map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }

    @Test func eventsSayWhatTheRunsSay() async throws {
        try await Site.with(EstateOptions(accounts: 60, seed: 3, city: .tianjin)) { site in
            try configure(site, "{to: lineage.jsonl, namespace: nuancheng}")
            let ending = try await site.hearth("sync", "--json")
            #expect(ending.status < 2, "\(ending.errors)")
            let told = try JSONDecoder().decode(Told.self, from: Data(ending.output.utf8))
            let path = site.folder + "/Config/lineage.jsonl"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let first = try events(text)
            #expect(first.count == told.runs.count * 2 && told.runs.count > 8)
            for run in told.runs {
                let own = first.filter { $0.job.name == "sync.\(run.stream)" }
                try #require(own.map(\.eventType) == ["START", "COMPLETE"], "\(run.stream)")
                #expect(own[0].run.runId == own[1].run.runId && own[0].run.facets.hearth_run == nil)
                #expect(own[1].run.facets.hearth_run?.run == run.run)
                #expect(own[1].inputs.map(\.name) == [run.stream])
                #expect(own[1].inputs.first?.inputFacets?.inputStatistics.rowCount == run.counts.read)
                #expect(
                    own[1].outputs.first?.outputFacets?.outputStatistics.rowCount == run.counts.new + run.counts.changed)
            }
            #expect(Set(first.map(\.run.runId)).count == told.runs.count)
            // Nothing of any row.
            for index in 0..<60 {
                let account = site.estate.account(index)
                #expect(!text.contains(account.number) && !text.contains(account.idNumber))
            }
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)

            // A system that lets nobody in: its runs fail, and the password is nobody's business.
            let refused = try await site.hearth("sync", "dispatch", with: ["HEARTH_DISPATCH_PASSWORD": "s3cret-and-wrong"])
            #expect(refused.status == 2)
            let all = try String(contentsOfFile: path, encoding: .utf8)
            #expect(all.hasPrefix(text) && !all.contains("s3cret-and-wrong"))
            let later = try events(String(all.dropFirst(text.count)))
            let failed = later.filter { $0.eventType == "FAIL" }
            #expect(failed.count * 2 == later.count && !failed.isEmpty)
            #expect(failed.allSatisfy { $0.run.facets.errorMessage?.message.contains("[source.") ?? false })

            let doctor = try await site.hearth("doctor").output
            #expect(doctor.contains("ok       folder of lineage: \(site.folder)/Config can be written"), "\(doctor)")

            // By OpenLineage's own classes.
            let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
            let python = try await Program.run(
                [here + "/../tools/python-env.sh", "lineage"], executable: "/bin/sh",
                environment: ["HOME": NSHomeDirectory()], directory: site.folder)
            let checked = try await Program.run(
                [here + "/Programs/lineage.py", path],
                executable: python.output.trimmingCharacters(in: .whitespacesAndNewlines), environment: [:],
                directory: site.folder)
            #expect(checked.output == "\(first.count + later.count)\n", "\(python.errors) \(checked.errors)")
        }
    }

    private final class Catalogue: Sendable {
        private let taken = Mutex<[LoopbackService.Request]>([])
        var requests: [LoopbackService.Request] { taken.withLock { $0 } }

        func answer(_ request: LoopbackService.Request, status: Int) -> LoopbackService.Answer {
            taken.withLock { $0.append(request) }
            return LoopbackService.Answer(status: status, type: "application/json", Array("{}".utf8))
        }
    }

    @Test func whoIsAwayStopsNoSync() async throws {
        try await Site.with(EstateOptions(accounts: 30, seed: 4, city: .tianjin)) { site in
            let (good, ill) = (Catalogue(), Catalogue())
            let address = LoopbackService.shared.address { good.answer($0, status: 201) }
            let broken = LoopbackService.shared.address { ill.answer($0, status: 503) }
            defer {
                LoopbackService.shared.remove(address)
                LoopbackService.shared.remove(broken)
            }
            try configure(site, "{to: \"\(address)\", key: \"${env:LINEAGE_KEY}\"}")
            let well = try await site.hearth("sync", "billing", with: ["LINEAGE_KEY": "k-4711"])
            #expect(well.status < 2 && !well.errors.contains("lineage"), "\(well.errors)")
            #expect(good.requests.count >= 10 && good.requests.count % 2 == 0)
            #expect(good.requests.allSatisfy { $0.headers["authorization"] == "Bearer k-4711" })
            let kinds = try good.requests.map { try events($0.body)[0].eventType }
            #expect(kinds.filter { $0 == "START" }.count == kinds.filter { $0 == "COMPLETE" }.count)

            // One that fails is asked once a sync; one that is not there is not waited for. The sync is as it would be.
            for place in [broken, "http://127.0.0.1:1/api/v1/lineage", "/nowhere/lineage.jsonl"] {
                try configure(site, "{to: \"\(place)\"}")
                let ending = try await site.hearth("sync", "billing", "customer")
                #expect(ending.status < 2, "\(ending.errors)")
                #expect(ending.errors.contains("lineage.notTold"), "\(place): \(ending.errors)")
            }
            #expect(ill.requests.count == 1)
        }
    }

    @Test func theLogIsAnObjectALine() async throws {
        try await Site.with(EstateOptions(accounts: 30, seed: 5, city: .tianjin)) { site in
            let ending = try await site.hearth("sync", "--log-format", "json", "--json")
            #expect(ending.status < 2)
            let lines = try ending.errors.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            for line in lines {
                #expect(["time", "level", "logger", "message"].allSatisfy { line[$0] is String })
            }
            let ended = lines.filter { $0["message"] as? String == "a run ended" }
            let told = try JSONDecoder().decode(Told.self, from: Data(ending.output.utf8))
            #expect(ended.count > 8 && ended.map { $0["run"] as? Int64 } == told.runs.map(\.run))
            // Without --json nothing but the log is written.
            #expect(try await site.hearth("sync", "billing", "--log-format", "json").output.isEmpty)

            let failed = try await site.hearth(
                "sync", "dispatch", "--log-format", "json", with: ["HEARTH_DISPATCH_PASSWORD": "s3cret-and-wrong"])
            #expect(failed.status == 2 && failed.errors.contains("\"code\":\"source."))
            #expect(!failed.errors.contains("s3cret-and-wrong"))
        }
    }
}
