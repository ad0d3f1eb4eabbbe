import Archive
import CSVConnector
import Foundation
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Setup
@testable import Sync

/// A drop folder of snapshots: the store stands at what the newest one says.
@Suite struct SnapshotTests {
    /// A house whose residents come as files.
    private struct Drops {
        let house: House
        let workspace: Workspace
        var folder: String { house.folder + "/drops" }

        init(
            policy: VanishPolicy = VanishPolicy(allowsAll: true), _ change: (inout CSVStream) -> Void = { _ in }
        ) throws {
            house = try House()
            try FileManager.default.createDirectory(atPath: house.folder + "/drops", withIntermediateDirectories: true)
            var stream = CSVStream(name: "residents", folder: house.folder + "/drops", semantics: .snapshot)
            change(&stream)
            let configuration = HearthConfiguration(
                path: house.folder + "/hearth.yaml", storePath: house.database, mappings: house.folder + "/Mappings",
                policy: policy,
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

        func plan() throws -> RunReport {
            let stream = try #require(try workspace.configuration.streams([], mappings: workspace.mappings).first)
            let engine = SyncEngine(store: house.store, clock: { [house] in house.now() })
            return try engine.takenBack {
                try engine.planned(stream, .init(policy: workspace.configuration.policy), in: $0) { _ in }
            }
        }

        func keys() throws -> [String] { try house.keys("customer.residents") }

        /// That a store built from the archive alone is the same.
        func expectRebuilt(sourceLocation: SourceLocation = #_sourceLocation) throws {
            let path = house.folder + "/rebuilt-\(UUID().uuidString).db"
            let rebuild = try #require(try workspace.rebuild())
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

    /// What the fuse refuses does not block the snapshots after it, and is told.
    @Test(arguments: [[], [1], [7]]) func aRefusedSnapshotDoesNotBlockLaterOnes(_ refused: [Int]) throws {
        for bySteps in [true, false] {
            let drops = try Drops(policy: VanishPolicy(permille: 50, atLeast: 1))
            try drops.put("1.csv", [1, 2, 3, 4])
            #expect(try drops.sync().state == .success)
            try drops.put("2.csv", refused)
            if bySteps {
                for _ in 0..<2 {
                    #expect(try drops.sync().error?.code.name == "run.deleteFuse")
                    #expect(try drops.keys().count == 4)
                }
            }
            try drops.put("3.csv", [1, 2, 3, 5])
            let planned = try drops.plan()
            let report = try drops.sync()
            #expect(report.state == .failed && report.error?.code.name == "run.deleteFuse")
            #expect(report.error?.message.hasPrefix("2.csv: ") == true)
            #expect(planned.error?.code.name == report.error?.code.name && planned.counts == report.counts)
            #expect(try drops.keys() == ["00000001", "00000002", "00000003", "00000005"])
            #expect(try drops.house.history("customer.residents", "00000007").isEmpty)
            // It is older than what the stream stands at by now, and that is told.
            let after = try drops.sync()
            #expect(after.state == .success && after.counts.read == 0)
            #expect(after.pull.completeness?.detail.contains("2.csv") == true)
            try drops.expectRebuilt()
        }
    }

    /// Of two the first is told, and a later one still comes through.
    @Test func severalRefusedSnapshots() throws {
        let drops = try Drops(policy: VanishPolicy(permille: 50, atLeast: 1))
        try drops.put("1.csv", [1, 2, 3, 4])
        #expect(try drops.sync().state == .success)
        for (name, residents) in [("2.csv", []), ("3.csv", [1]), ("4.csv", [1, 2, 3]), ("5.csv", [])] {
            try drops.put(name, residents)
        }
        let report = try drops.sync()
        #expect(report.error?.message.contains("lacks 4 of the 4") == true)
        #expect(try drops.keys() == ["00000001", "00000002", "00000003"])
    }

    /// The row may be that of any record: none is taken for gone.
    @Test(arguments: ["1E7", "1.23457E+16"]) func aKeyThatLostItsDigitsTakesNothingAway(_ key: String) throws {
        let drops = try Drops()
        try drops.put("1.csv", [1, 2, 3])
        #expect(try drops.sync().state == .success)
        try drops.put("2.csv", [1, 2])
        let text = try String(contentsOfFile: "\(drops.folder)/2.csv", encoding: .utf8)
        let rest = text.split(separator: "\n")[1].drop { $0 != "," }
        try drops.put("2.csv", text: text + key + rest + "\n")
        let report = try drops.sync()
        #expect(report.state == .success && report.counts.quarantined == 1 && report.counts.vanished == 0)
        #expect(try drops.keys() == ["00000001", "00000002", "00000003"])
        try drops.put("3.csv", [1, 2])
        #expect(try drops.sync().counts.vanished == 1)
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
