import Archive
import CSVConnector
import Foundation
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Sync

/// A drop folder of snapshots: the store stands at what the newest one says.
@Suite struct SnapshotTests {
    /// A house whose residents come as files.
    private struct Drops {
        let house: House
        let workspace: Workspace
        var folder: String { house.folder + "/drops" }

        init(_ change: (inout CSVStream) -> Void = { _ in }) throws {
            house = try House()
            try FileManager.default.createDirectory(atPath: house.folder + "/drops", withIntermediateDirectories: true)
            var stream = CSVStream(name: "residents", folder: house.folder + "/drops", semantics: .snapshot)
            change(&stream)
            let configuration = HearthConfiguration(
                path: house.folder + "/hearth.yaml", storePath: house.database, mappings: house.folder + "/Mappings",
                policy: VanishPolicy(allowsAll: true),
                sources: [
                    .init(
                        name: "customer", connector: CSVConnector(source: "customer", streams: [stream]),
                        zone: "Asia/Shanghai", streams: ["residents"])
                ], archive: ArchiveSettings(folder: house.folder + "/archive", isSynced: false))
            workspace = Workspace(
                configuration: configuration, mappings: try MappingSet.load(directory: house.folder + "/Mappings"),
                store: house.store, clock: { [house] in house.now() })
        }

        func put(_ name: String, _ residents: [Int], end: String = "") throws {
            let rows = [Texts.residentColumns] + residents.map { Texts.resident($0).map { $0 ?? "" } }
            try put(name, text: rows.map { $0.joined(separator: ",") + "\n" }.joined() + end)
        }

        func put(_ name: String, text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }

        func sync() throws -> RunReport { try #require(try workspace.sync().reports.first) }

        func keys() throws -> [String] { try house.keys("customer.residents") }

        /// That a store built from the archive alone is the same.
        func expectRebuilt(sourceLocation: SourceLocation = #_sourceLocation) throws {
            let path = house.folder + "/rebuilt-\(UUID().uuidString).db"
            let rebuild = Rebuild(
                archive: try #require(workspace.archive), configuration: workspace.configuration,
                mappings: workspace.mappings)
            _ = try rebuild.run(into: SQLiteStore(path: path, cacheMegabytes: 1))
            #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.database), sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [true, false]) func anEarlierContentThatComesBackCounts(bySteps: Bool) throws {
        let drops = try Drops()
        let days = [("1.csv", [1, 2, 3]), ("2.csv", [1, 2]), ("3.csv", [1, 2, 3])]
        for (name, residents) in days {
            try drops.put(name, residents)
            if bySteps {
                let report = try drops.sync()
                #expect(report.counts.read == residents.count && report.state == .success)
            }
        }
        if !bySteps { #expect(try drops.sync().counts.read == 8) }
        #expect(try drops.keys() == ["00000001", "00000002", "00000003"])
        // All files still lie there.
        let again = try drops.sync()
        #expect(again.counts.read == 0 && again.knownOrigins.isEmpty && again.pulledBytes == 0)
        try drops.expectRebuilt()
        // A copy of the second under a later name.
        try drops.put("4.csv", [1, 2])
        #expect(try drops.sync().counts.vanished == 1)
        #expect(try drops.sync().counts.read == 0)
    }

    /// The sender writes the same file anew each day.
    @Test func aFileWrittenOverInItsPlace() throws {
        let drops = try Drops()
        for residents in [[1, 2, 3], [1, 2], [1, 2, 3]] {
            try drops.put("residents.csv", residents)
            #expect(try drops.sync().counts.read == residents.count)
            #expect(try drops.keys().count == residents.count)
        }
        #expect(try drops.sync().counts.read == 0)
        try drops.expectRebuilt()
    }

    /// A bad file must not keep the good ones after it from coming in, nor undo them at the next sync.
    @Test(arguments: ["noHeader", "trailerMismatch", "truncated"]) func aBadFileDoesNotBlockLaterOnes(_ fault: String)
        throws
    {
        let drops = try Drops { if fault != "noHeader" { $0.trailer = .init(prefix: "T,", countField: 2) } }
        func end(_ count: Int) -> String { fault == "noHeader" ? "" : "T,\(count)\n" }
        try drops.put("1.csv", [1, 2, 3], end: end(3))
        #expect(try drops.sync().state == .success)
        switch fault {
        case "noHeader": try drops.put("2.csv", text: "")
        case "trailerMismatch": try drops.put("2.csv", [2, 3, 4, 5], end: end(9))
        default: try drops.put("2.csv", [2, 3, 4, 5])
        }
        try drops.put("3.csv", [1, 2], end: end(2))
        var histories: [Int] = []
        for _ in 0..<3 {
            let report = try drops.sync()
            #expect(report.state == .failed && report.error?.code.name == "source.\(fault)")
            #expect(report.error?.place?.description.contains("/2.csv") == true)
            #expect(try drops.keys() == ["00000001", "00000002"])
            histories.append(try drops.house.history("customer.residents", "00000004").count)
        }
        #expect(Set(histories).count == 1)
        try drops.expectRebuilt()
        // Sent again, whole: it is older than the third.
        try drops.put("2.csv", [1, 2, 3, 4], end: end(4))
        #expect(try drops.sync().state == .success)
        #expect(try drops.keys() == ["00000001", "00000002"])
        #expect(try drops.sync().counts.read == 0)
        try drops.expectRebuilt()
    }

    /// The mapping's line is told, and the file whose header has changed.
    @Test func aChangedHeaderNamesItsFile() throws {
        let drops = try Drops()
        try drops.put("1.csv", [1, 2])
        #expect(try drops.sync().state == .success)
        try drops.put("2.csv", text: "no,name,community,building,unit,room,size\n1,x,y,1,1,101,90\n")
        let report = try drops.sync()
        #expect(report.state == .failed && report.error?.code.name == "config.unknownColumn")
        #expect(report.error?.message.contains("\"area\" in 2.csv") == true)
        #expect(report.error?.place?.description.contains("customer.residents.yaml:") == true)
    }
}
