import CSVConnector
import Foundation
import HeatModel
import Records
import Testing

/// In which order drops are read, and that a snapshot is never laid over a later one.
@Suite struct DropOrderTests {
    /// From the oldest to the newest; as texts they sort otherwise.
    @Test(arguments: [
        ["yh_9.csv", "yh_10.csv"], ["yh_9.csv", "YH_10.csv", "yh_100.csv"], ["yh_99.csv.gz", "yh_100.csv"],
        ["yh_2025-9-30.csv", "yh_2025-10-1.csv"], ["用户2025年9月30日.csv", "用户2025年10月1日.csv"],
        ["yh_20251231_2.csv", "yh_20260101_1.csv"], ["yh_2025_52.csv", "yh_2026_1.csv"],
        ["yh_20251109.csv", "yh_2025-11-10.csv"], ["yh_202509.csv", "yh_202510.csv", "yh_202601.csv"],
        ["yh_20251109_930.csv", "yh_20251109_1000.csv"], ["yh_202511090930.csv", "yh_20251109100000.csv"],
        ["yh_８.csv", "yh_9.csv", "yh_１０.csv"], ["yh_251130.csv", "yh_251201.csv", "yh_260101.csv"],
        ["export 9.csv", "export 10.csv"], ["a.csv", "b.csv", "c.csv"], ["3_20251101.csv", "3_20251102.csv"],
        ["yh_20251101_20251130.csv", "yh_20251201_20251231.csv"], ["yh_0930.csv", "yh_1001.csv"],
    ])
    func numbersAndDatesAreReadAsSuch(_ names: [String]) throws {
        let box = try DropBox()
        for (index, name) in names.reversed().enumerated() {
            let text = Array("id,m\n1,\(names.count - index)\n".utf8)
            box.put(Array(name.utf8), name.hasSuffix(".gz") ? FileBytes.gzip(text) : text)
        }
        let stream = box.stream {
            $0.semantics = .snapshot
            $0.pattern = "*.csv*"
        }
        let ledger = Ledger(stream)
        #expect(ledger.sync() == nil)
        #expect(ledger.read == names)
        #expect(ledger.records["1"] == ["1", String(names.count)])
        // All still lie there: nothing goes back.
        #expect(ledger.sync() == nil)
        #expect(ledger.read == [])
        #expect(ledger.sync(full: true) == nil)
        #expect(ledger.read == [names.last!])
        let order = CSVConnector(source: "c", streams: [stream]).check().first { $0.subject == "order of residents" }
        #expect(order?.verdict == .ok && order?.detail.hasSuffix(names.joined(separator: ", ")) == true)
    }

    /// One time of day is part of its date's digits, the other a number of its own: nothing tells what that number counts.
    @Test(arguments: [
        ["yh_20251001080000.csv", "yh_20251001_090000.csv"], ["yh_20251001090000.csv", "yh_20251001_080000.csv"],
        ["yh_20251001_1.csv", "yh_202510010900.csv"],
    ])
    func aTimeOfDayIsNoOtherNumber(_ names: [String]) throws {
        let box = try DropBox()
        for name in names { try box.put(name, "id,m\n1,\(name)\n") }
        let ledger = Ledger(box.stream { $0.semantics = .snapshot })
        #expect(ledger.sync()?.code.name == "source.orderUnknown")
        #expect(ledger.records.isEmpty)
        // On other days it does not matter.
        try box.remove(names[1])
        try box.put("yh_20251002_080000.csv", "id,m\n1,later\n")
        #expect(ledger.sync() == nil && ledger.records["1"] == ["1", "later"])
    }

    /// How old the data are: by the date in the name, where that orders the files, else by the time of modification; never the future.
    @Test(arguments: [
        ("yh_20251109.csv", CSVStream.Order.automatic, "2025-11-09T00:00:00+08:00"),
        ("yh_2025-9-30.csv.gz", .automatic, "2025-09-30T00:00:00+08:00"),
        ("用户2025年9月30日.csv", .automatic, "2025-09-30T00:00:00+08:00"),
        ("yh_20251109093007.csv", .automatic, "2025-11-09T09:30:07+08:00"),
        ("yh_202511090930.csv", .automatic, "2025-11-09T09:30:00+08:00"),
        ("yh_09-11-2025_1830.csv", .date(format: "dd-MM-yyyy_HHmm"), "2025-11-09T18:30:00+08:00"),
        ("yh_09.11.25.csv", .date(format: "dd.MM.yy"), "2025-11-09T00:00:00+08:00"),
        ("yh_20251109.csv", .modified, "2023-11-15T06:13:20+08:00"),
        ("yh_20251109.csv", .number(at: nil), "2023-11-15T06:13:20+08:00"),
        ("yh_7.csv", .automatic, "2023-11-15T06:13:20+08:00"),
        ("yh_202511.csv", .automatic, "2023-11-15T06:13:20+08:00"),
        ("yh_20251131.csv", .automatic, "2023-11-15T06:13:20+08:00"),
        ("yh_20391109.csv", .automatic, "2023-11-15T06:13:20+08:00"),
    ])
    func theNewestData(_ name: String, _ order: CSVStream.Order, _ moment: String) throws {
        for semantics in [CSVStream.Semantics.delta, .snapshot] {
            let box = try DropBox()
            let text = Array("id,m\n1,1\n".utf8)
            box.put(Array(name.utf8), name.hasSuffix(".gz") ? FileBytes.gzip(text) : text)
            box.setModified(name, 1_700_000_000)
            let ledger = Ledger(
                box.stream {
                    $0.semantics = semantics
                    $0.order = order
                    $0.pattern = "*.csv*"
                })
            #expect(ledger.sync() == nil)
            #expect(ledger.summary.newestData?.description == moment)
            // What was not read again states nothing new.
            #expect(ledger.sync() == nil && ledger.summary.newestData == nil)
        }
    }

    /// A delta that was replaced under its name and comes back says it anew; under another name it is a re-drop.
    @Test func aDeltaThatComesBackUnderItsName() throws {
        let box = try DropBox()
        let ledger = Ledger(box.stream())
        let (a, b) = ("id,m\n1,a\n", "id,m\n1,b\n")
        for (text, value) in [(a, "a"), (b, "b"), (a, "a"), (a, "a"), (b, "b")] {
            try box.put("yh.csv", text)
            #expect(ledger.sync() == nil)
            #expect(ledger.records["1"] == ["1", value])
        }
        try box.put("zz.csv", a)
        #expect(ledger.sync() == nil)
        #expect(ledger.records["1"] == ["1", "b"])
        #expect(ledger.summary.knownOrigins == ["zz.csv"])
        // Touched and not changed, it is known.
        box.setModified("yh.csv", 1_700_000_000)
        #expect(ledger.sync() == nil && ledger.read.isEmpty)
    }

    @Test func foldersAreNamed() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        for name in ["2025", "yh_2.csv"] {
            try FileManager.default.createDirectory(atPath: "\(box.path)/\(name)", withIntermediateDirectories: false)
        }
        let detail = Pulled(box.stream()).summary.completeness?.detail ?? ""
        #expect(detail.contains("folders in it are not read: "), "\(detail)")
        #expect(detail.contains("2025") && detail.contains("yh_2.csv"), "\(detail)")
    }

    @Test func moreColumnsThanAreRead() throws {
        let box = try DropBox()
        for (columns, code) in [(4_096, nil), (4_097, "source.badHeader"), (10_000, "source.badHeader")] {
            let names = (1...columns).map { "c\($0)" }.joined(separator: ",")
            let values = Array(repeating: "1", count: columns).joined(separator: ",")
            try box.put("a.csv", "\(names)\n\(values)\n")
            let pulled = Pulled(box.stream())
            #expect(pulled.error?.code.name == code && pulled.rows.count == (code == nil ? 1 : 0))
        }
    }

    @Test func dataOfTheFutureAreNotNewest() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        box.setModified("yh_1.csv", 4_000_000_000)
        #expect(Pulled(box.stream()).summary.newestData == nil)
        try box.put("yh_2.csv", "id,m\n2,1\n")
        box.setModified("yh_2.csv", 1_700_000_000)
        try box.put("yh_3.csv", "id,m\n3,1\n")
        box.setModified("yh_3.csv", 1_600_000_000)
        #expect(Pulled(box.stream()).summary.newestData == Instant("2023-11-15T06:13:20+08:00"))
    }

    /// One after the other, as they come.
    @Test func theTenthComesAfterTheNinth() throws {
        let box = try DropBox()
        let ledger = Ledger(box.stream { $0.semantics = .snapshot })
        for number in 8...12 {
            try box.put("yh_\(number).csv", "id,m\n1,\(number)\n")
            #expect(ledger.sync() == nil)
            #expect(ledger.records["1"] == ["1", String(number)])
        }
        // The ninth comes again, corrected: it is the older one.
        try box.put("yh_9.csv", "id,m\n1,9b\n2,9b\n")
        #expect(ledger.sync() == nil)
        #expect(ledger.records == ["1": ["1", "12"]])
        #expect(ledger.summary.completeness?.proof == .knownContent)
        #expect(ledger.summary.completeness?.detail.contains("yh_9.csv") == true)
        // Also where the later ones were taken away.
        for number in [8, 10, 11, 12] { try box.remove("yh_\(number).csv") }
        #expect(ledger.sync() == nil)
        #expect(ledger.sync(full: true)?.code.name == "source.olderSnapshot")
        #expect(ledger.records == ["1": ["1", "12"]])
    }

    /// Where names do not tell the order, nothing is laid over anything.
    @Test(arguments: [
        ["yh_old.csv", "yh_new.csv"], ["yh_30-09-2025.csv", "yh_01-10-2025.csv"],
        ["yh_30092025.csv", "yh_01102025.csv"], ["yh_09302025.csv", "yh_10012025.csv"],
        ["yh_300925.csv", "yh_011025.csv"], ["yh_20251101_out_20251205.csv", "yh_20251102_out_20251204.csv"],
        ["yh_251130.csv", "yh_20251201.csv"], ["2_20251101.csv", "1_20251102.csv"], ["yh_1231.csv", "yh_0101.csv"],
        ["yh_31.csv", "yh_01.csv"], ["yh_12月.csv", "yh_1月.csv"], ["yh_九月.csv", "yh_十月.csv"],
        ["export.csv", "export (1).csv"], ["yh_09.csv", "yh_9.csv"], ["yh_9.csv", "users_10.csv"],
    ])
    func whatCannotBeTold(_ names: [String]) throws {
        let box = try DropBox()
        let stream = box.stream { $0.semantics = .snapshot }
        for (index, name) in names.enumerated() { try box.put(name, "id,m\n1,\(index)\n") }
        let ledger = Ledger(stream)
        let error = ledger.sync()
        #expect(error?.code.name == "source.orderUnknown")
        #expect(names.allSatisfy { error?.message.contains($0) == true } && error?.place != nil)
        #expect(error?.advice?.contains("order") == true)
        #expect(ledger.records.isEmpty)
        let findings = CSVConnector(source: "c", streams: [stream]).check()
        #expect(findings.contains { $0.subject == "order of residents" && $0.verdict == .failed && $0.advice != nil })
        // The older one first, alone: the newer one is then refused, too.
        try box.remove(names[1])
        let second = Ledger(stream)
        #expect(second.sync() == nil)
        try box.put(names[1], "id,m\n1,1\n")
        #expect(second.sync()?.code.area == "source")
        #expect(second.records["1"] == ["1", "0"])
    }

    /// A number that may have begun anew is told from one that was late.
    @Test func aCounterThatBeginsAnew() throws {
        let box = try DropBox()
        let ledger = Ledger(box.stream { $0.semantics = .snapshot })
        try box.put("yh_999.csv", "id,m\n1,a\n")
        #expect(ledger.sync() == nil)
        try box.put("yh_001.csv", "id,m\n1,b\n")
        let error = ledger.sync()
        #expect(error?.code.name == "source.olderSnapshot")
        #expect(error?.message.contains("yh_999.csv") == true && error?.advice != nil)
        #expect(ledger.records["1"] == ["1", "a"])
        try box.remove("yh_001.csv")
        try box.put("yh_1000.csv", "id,m\n1,b\n")
        #expect(ledger.sync() == nil)
        #expect(ledger.records["1"] == ["1", "b"])
    }

    @Test(arguments: [
        (CSVStream.Order.date(format: "dd-MM-yyyy"), ["yh_30-09-2025.csv", "yh_01-10-2025.csv"]),
        (.date(format: "ddMMyyyy"), ["b_30092025_1.csv", "b_30092025_2.csv", "a_01102025_1.csv"]),
        (.date(format: "MMddyy"), ["123124.csv", "010125.csv"]),
        (.date(format: "d.M.yyyy"), ["9.9.2025.csv", "10.9.2025.csv"]),
        (.date(format: nil), ["9_20251101.csv", "users_2_20251102.csv"]),
        (.number(at: nil), ["users_9.csv", "alle_10.csv"]), (.number(at: 2), ["5_9.csv", "3_10.csv"]),
        (.name, ["yh_10.csv", "yh_9.csv"]),
    ])
    func orderAsConfigured(_ order: CSVStream.Order, _ names: [String]) throws {
        let box = try DropBox()
        for name in names { try box.put(name, "id,m\n1,\(name)\n") }
        let ledger = Ledger(
            box.stream {
                $0.semantics = .snapshot
                $0.order = order
            })
        #expect(ledger.sync() == nil)
        #expect(ledger.read == names)
        #expect(ledger.sync() == nil && ledger.read == [])
    }

    @Test func orderByModification() throws {
        let box = try DropBox()
        let ledger = Ledger(
            box.stream {
                $0.semantics = .snapshot
                $0.order = .modified
            })
        for (index, name) in ["export (2).csv", "export.csv", "export (1).csv"].enumerated() {
            try box.put(name, "id,m\n1,\(name)\n")
            box.setModified(name, 1_700_000_000 + index)
        }
        #expect(ledger.sync() == nil)
        #expect(ledger.read == ["export (2).csv", "export.csv", "export (1).csv"])
        try box.put("late.csv", "id,m\n1,late\n")
        box.setModified("late.csv", 1_600_000_000)
        #expect(ledger.sync() == nil)
        #expect(ledger.records["1"] == ["1", "export (1).csv"])
        try box.put("same.csv", "id,m\n1,same\n")
        box.setModified("same.csv", 1_700_000_002)
        #expect(ledger.sync()?.code.name == "source.orderUnknown")
        // What the stream stands at has left: its time is still known.
        for name in ["same.csv", "export (1).csv"] { try box.remove(name) }
        #expect(ledger.sync() == nil)
        #expect(ledger.records["1"] == ["1", "export (1).csv"])
    }

    /// Deltas are read in that order too; where names do not tell it, that is said.
    @Test func deltas() throws {
        let box = try DropBox()
        for number in [10, 9] { try box.put("yh_\(number).csv", "id,m\n1,\(number)\n") }
        let ledger = Ledger(box.stream())
        #expect(ledger.sync() == nil)
        #expect(ledger.read == ["yh_9.csv", "yh_10.csv"] && ledger.records["1"] == ["1", "10"])
        try box.put("bank_sz.csv", "id,m\n2,x\n")
        try box.put("bank_hp.csv", "id,m\n3,x\n")
        #expect(ledger.sync() == nil)
        #expect(ledger.records.count == 3)
        #expect(ledger.summary.completeness?.detail.contains("bank_hp.csv and bank_sz.csv") == true)
        let findings = CSVConnector(source: "c", streams: [box.stream()]).check()
        #expect(findings.contains { $0.subject == "order of residents" && $0.verdict == .warning })
    }

    /// Packed or not, it is the same drop written over.
    @Test func aDropThatIsPackedTheNextTime() throws {
        let box = try DropBox()
        let ledger = Ledger(
            box.stream {
                $0.semantics = .snapshot
                $0.pattern = "*.csv*"
            })
        try box.put("yh_9.csv.gz", FileBytes.gzip(Array("id,m\n1,a\n".utf8)))
        #expect(ledger.sync() == nil)
        try box.put("yh_9.csv", "id,m\n1,b\n")
        #expect(ledger.sync()?.code.name == "source.orderUnknown")
        try box.remove("yh_9.csv.gz")
        #expect(ledger.sync() == nil && ledger.records["1"] == ["1", "b"])
    }

    /// A delta that comes late is read, and told: its records may be older than what is held.
    @Test func aLateDelta() throws {
        let box = try DropBox()
        let ledger = Ledger(box.stream())
        for number in [9, 11] { try box.put("yh_\(number).csv", "id,m\n\(number),x\n") }
        #expect(ledger.sync() == nil)
        try box.put("yh_10.csv", "id,m\n10,x\n")
        #expect(ledger.sync() == nil && ledger.records.count == 3)
        #expect(ledger.summary.completeness?.detail.contains("yh_10.csv is older than yh_11.csv") == true)
    }

    /// The content that the stream stands at is known under whatever name.
    @Test func theSameContentUnderAnEarlierName() throws {
        let box = try DropBox()
        let ledger = Ledger(box.stream { $0.semantics = .snapshot })
        try box.put("yh_8.csv", "id,m\n1,8\n")
        #expect(ledger.sync() == nil)
        try box.put("yh_9.csv", "id,m\n1,9\n")
        #expect(ledger.sync() == nil)
        try box.put("yh_7.csv", "id,m\n1,9\n")
        #expect(ledger.sync() == nil)
        #expect(ledger.records["1"] == ["1", "9"])
    }
}
