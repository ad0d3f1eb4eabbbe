import Foundation
import HearthTesting
import TestTraits
import Testing

/// Whoever looks at an account by the command line stands in the access log, with what was shown in clear and why.
@Suite(.waitsForServers) struct AccessTests {
    /// Events of the log, oldest first.
    private func events(_ site: FieldSite) throws -> [[String: Any]] {
        let folder = site.folder + "/hearth-access"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        var events: [[String: Any]] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where file.contains("jsonl") {
            for line in try String(contentsOfFile: folder + "/" + file, encoding: .utf8).split(separator: "\n") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                let event = object?["event"] as? [String: Any] ?? object ?? [:]
                if event["action"] != nil { events.append(event) }
            }
        }
        return events
    }

    @Test func everyLookIsWrittenDown() async throws {
        let site = try FieldSite(
            sources: """
                  p: {csv: {folder: ../in}, streams: {f: {pattern: "*.csv", key: [id]}}}

                """,
            mappings: [
                "unified": "facts: {holder.name: {from: [p.f]}, holder.phones: {from: [p.f]}}\nlists: {}\n",
                "p.f": """
                entity: account
                from: p.f
                key: [id]
                account: {column: id, as: accountNumber, introduces: true}
                fields:
                  holder.name: {column: name, as: text}
                  holder.phones: {column: phone, as: phones}
                  area.building: {column: area, as: decimal(3), unit: m2}

                """,
            ])
        try site.price(Mappings.tariff(area: "building"))
        try site.drop("a.csv", "id,name,phone,area", "00000001,王小明,13812345678,80", "00000002,李四,13987654321,x")
        #expect(try await site.sync().ending.status == 1)
        #expect(try events(site).isEmpty)
        let reason = ["--unmask", "--reason", "ticket 4711"]
        for (command, status): ([String], Int32) in [
            (["account", "00000001"], 0), (["account", "００００００01"] + reason, 0),
            (["account", "00000001", "--unmask"], 0),
            (["trace", "00000001", "holder.name"] + reason, 0), (["trace", "00000001", "area.building"], 0),
            (["history", "00000001"] + reason, 0), (["explain", "00000001"], 0), (["money", "due", "00000001"], 0),
            (["quarantine", "show", "1"], 0), (["quarantine", "show", "1"] + reason, 0), (["account", "00000009"], 3),
            (["account", "00000001", "--unmask", "--reason", " "], 3),
        ] {
            let ending = try await Program.run(command, environment: ["USER": "desk"], directory: site.folder)
            #expect(ending.status == status, "\(command): \(ending.errors)")
            let isClear = command.contains("--unmask") && status == 0 && command[0] != "quarantine"
            #expect(ending.output.contains("王小明") == isClear, "\(command)")
            #expect(ending.errors.contains("without a reason") == (command.last == "--unmask"), "\(command)")
        }
        let told = try events(site).map { event in
            [
                event["action"] as? String ?? "", (event["accounts"] as? [String] ?? []).joined(separator: ","),
                (event["unmasked"] as? [String] ?? []).sorted().joined(separator: ","),
                event["outcome"] as? String ?? "",
                event["reason"] as? String ?? "–",
            ].joined(separator: "|")
        }
        let both = "holder_name,holder_phones"
        #expect(
            told == [
                "cli:account|00000001||ok|–", "cli:account|00000001|\(both)|ok|ticket 4711",
                "cli:account|00000001|\(both)|ok|no reason stated",
                "cli:trace holder.name|00000001|holder_name|ok|ticket 4711",
                "cli:trace area.building|00000001||ok|–", "cli:history|00000001|\(both)|ok|ticket 4711",
                "cli:explain|00000001||ok|–", "cli:money due|00000001||ok|–",
                "cli:quarantine show 1||\(both),raw|ok|ticket 4711", "cli:account|00000009||not_found|–",
            ])
        let who = Set(try events(site).map { "\($0["caller"] ?? "") \($0["peer"] ?? "")" })
        #expect(who.count == 1 && who.first?.hasPrefix("local:") == true && who.first?.hasSuffix(" terminal") == true)
        #expect(try await site.hearth("audit", "verify").status == 0)
    }
}
