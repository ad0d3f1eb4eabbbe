import Foundation
import HeatModel
import Records
import Testing

@testable import CSVConnector

/// No file of a folder is passed over without a word.
@Suite struct FolderTests {
    // MARK: names by their bytes

    @Test(arguments: ["用户_9.csv", "小学_9.csv", "供热公司用户信息2025-11-09.csv"])
    func namesInGBK(_ name: String) throws {
        let box = try DropBox()
        let bytes = FileBytes.encoded(name, "GB18030")
        box.put(bytes, FileBytes.encoded("户号,姓名\n1,张伟\n", "GB18030"))
        box.put(bytes + Array(".done".utf8), [])
        for readiness in [CSVStream.Readiness.renamed, .doneMarker(suffix: ".done")] {
            let stream = box.stream {
                $0.pattern = String(name.prefix(2)) + "*.csv"
                $0.readiness = readiness
            }
            let ledger = Ledger(stream)
            #expect(ledger.sync() == nil)
            #expect(ledger.read == [name] && ledger.records["1"] == ["1", "张伟"])
            // Known by its stamp the next time.
            #expect(ledger.sync() == nil && ledger.summary.bytes == 0)
            let findings = CSVConnector(source: "c", streams: [stream]).check()
            #expect(findings.contains { $0.subject == "file \(name)" && $0.detail.contains("GB18030") })
        }
        let rows = "rows=1"
        box.put(bytes + Array(".manifest".utf8), Array(rows.utf8))
        let counted = Ledger(box.stream { $0.readiness = .manifest })
        #expect(counted.sync() == nil && counted.read == [name])
        box.put(bytes + Array(".manifest".utf8), Array("rows=2".utf8))
        let error = Ledger(box.stream { $0.readiness = .manifest }).sync()
        #expect(error?.code.name == "source.manifestMismatch" && error?.message.contains(name) == true)
    }

    /// The sign is written by another program, in another encoding.
    @Test func signsInTheOtherEncoding() throws {
        let box = try DropBox()
        box.put(FileBytes.encoded("用户_1.csv", "GB18030"), Array("n,m\n1,2\n".utf8))
        box.put(Array("用户_1.csv.done".utf8), [])
        let ledger = Ledger(box.stream { $0.readiness = .doneMarker(suffix: ".done") })
        #expect(ledger.sync() == nil && ledger.read == ["用户_1.csv"])
    }

    @Test func namesInNoEncoding() throws {
        let box = try DropBox()
        box.put([0x79, 0x68, 0xFF, 0x31] + Array(".csv".utf8), Array("n,m\n1,2\n".utf8))
        let ledger = Ledger(box.stream())
        #expect(ledger.sync() == nil && ledger.read == ["yh\\xFF1.csv"])
    }

    @Test func oneCharacterIsOneCharacter() throws {
        let box = try DropBox()
        try box.put("一区.csv", "n,m\n1,2\n")
        try box.put("十二区.csv", "n,m\n3,4\n")
        #expect(Pulled(box.stream { $0.pattern = "?区.csv" }).rows == [["1", "2"]])
        #expect(Pulled(box.stream { $0.pattern = "[一-丁]区.csv" }).rows == [["1", "2"]])
        #expect(Pulled(box.stream { $0.pattern = "[!一]*区.csv" }).rows == [["3", "4"]])
    }

    // MARK: case

    @Test(arguments: ["YH_2.CSV", "yh_2.CSV", "Yh_2.csv"])
    func capitalLettersAreTold(_ name: String) throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        try box.put(name, "id,m\n1,2\n")
        var stream = box.stream {
            $0.pattern = "yh_*.csv"
            $0.semantics = .snapshot
        }
        let ledger = Ledger(stream)
        let error = ledger.sync()
        #expect(error?.code.name == "source.nameCase")
        #expect(error?.message.contains(name) == true && error?.advice?.contains("ignoreCase") == true)
        // What can be read is read.
        #expect(ledger.records["1"] == ["1", "1"])
        #expect(
            CSVConnector(source: "c", streams: [stream]).check().contains {
                $0.verdict == .failed && $0.detail.contains(name)
            })
        stream.ignoresCase = true
        let loose = Ledger(stream)
        #expect(loose.sync() == nil)
        #expect(loose.records["1"] == ["1", "2"])
    }

    @Test func signsInCapitalLetters() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        try box.put("yh_1.csv.DONE", "")
        let strict = Ledger(box.stream { $0.readiness = .doneMarker(suffix: ".done") })
        #expect(strict.sync() == nil && strict.records.isEmpty)
        #expect(strict.summary.completeness?.detail.contains("only yh_1.csv.DONE") == true)
        let loose = Ledger(
            box.stream {
                $0.readiness = .doneMarker(suffix: ".done")
                $0.ignoresCase = true
            })
        #expect(loose.sync() == nil && loose.records.count == 1)
    }

    // MARK: folders without a file to read

    @Test(arguments: ["yonghu_1.csv", "yh_1.xlsx", "yh_1.txt", "yh-1.csv.gz"])
    func nothingMatches(_ name: String) throws {
        let box = try DropBox()
        try box.put(name, "id,m\n1,1\n")
        let ledger = Ledger(box.stream { $0.pattern = "yh_*.csv" })
        let error = ledger.sync()
        #expect(error?.code.name == "source.noMatch" && error?.message.contains(name) == true)
        #expect(error?.advice != nil && error?.place?.description == box.path)
        let findings = CSVConnector(source: "c", streams: [box.stream { $0.pattern = "yh_*.csv" }]).check()
        #expect(findings.contains { $0.verdict == .warning && $0.detail.contains(name) })
    }

    @Test func noFileHasEverCome() throws {
        let box = try DropBox()
        #expect(Ledger(box.stream()).sync()?.code.name == "source.noFiles")
        #expect(Ledger(box.stream { $0.mayBeEmpty = true }).sync() == nil)
        // Another stream's files prove that it is the folder.
        var other = box.stream { $0.pattern = "zd_*.csv" }
        other.name = "bills"
        try box.put("zd_1.csv", "id,m\n1,1\n")
        let ledger = Ledger(box.stream { $0.pattern = "yh_*.csv" }, siblings: [other])
        #expect(ledger.sync() == nil)
        #expect(ledger.summary.completeness?.proof == .knownContent)
    }

    @Test func filesThatWereReadAndTakenAway() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        let ledger = Ledger(box.stream { $0.semantics = .snapshot })
        #expect(ledger.sync() == nil)
        try box.remove("yh_1.csv")
        #expect(ledger.sync() == nil)
        #expect(ledger.summary.completeness?.detail.contains("no file to read") == true)
        // Everything cannot be read from nothing.
        #expect(ledger.sync(full: true)?.code.name == "source.noFiles")
        #expect(ledger.records.count == 1)
        let patient = Ledger(
            box.stream {
                $0.semantics = .snapshot
                $0.mayBeEmpty = true
                $0.readiness = .doneMarker(suffix: ".done")
            })
        #expect(patient.sync(full: true) == nil)
        try box.put("yh_2.csv", "id,m\n1,1\n")
        try box.put("yh_2.csv.done", "")
        #expect(patient.sync() == nil)
        // It waits again, and everything is asked for.
        try box.remove("yh_2.csv.done")
        #expect(patient.sync(full: true)?.code.name == "source.noFiles")
    }

    /// A preview of some rows is not kept from them by what else lies there.
    @Test func aCutPullSaysNothingOfTheFolder() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n2,2\n")
        try box.put("YH_2.CSV", "id,m\n1,1\n")
        let cut = Pulled(box.stream()) { $0.limit = 1 }
        #expect(cut.error == nil && cut.rows == [["1", "1"]] && cut.summary.completeness == nil)
    }

    /// The mount point of a share that is not mounted is an empty folder of another device.
    @Test func anUnmountedShare() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        var known = KnownFiles(nil)
        let listing = try DropFolder(stream: box.stream()).listing()
        known.insert(listing.ready[0].name, listing.ready[0].stamp, digest: "d")
        try box.remove("yh_1.csv")
        var empty = try DropFolder(stream: box.stream()).listing()
        func fault() -> HearthError? {
            FolderFaults(stream: box.stream(), listing: empty, known: known, isFirst: false, isFull: false).first()
        }
        #expect(fault() == nil)
        empty.device += 1
        #expect(fault()?.code.name == "source.unreachable" && fault()?.advice?.contains("mounted") == true)
    }

    @Test func aLinkToNowhere() throws {
        let box = try DropBox()
        try FileManager.default.createSymbolicLink(atPath: box.path + "/a.csv", withDestinationPath: "/nowhere/a.csv")
        #expect(Ledger(box.stream()).sync()?.code.name == "source.unreachable")
    }

    // MARK: files that wait

    @Test func aSignThatNeverComes() throws {
        let box = try DropBox()
        for name in ["yh_1.csv", "yh_2.csv"] { try box.put(name, "id,m\n\(name),1\n") }
        try box.put("yh_1.csv.done", "")
        let stream = box.stream { $0.readiness = .doneMarker(suffix: ".done") }
        let ledger = Ledger(stream)
        #expect(ledger.sync() == nil && ledger.read == ["yh_1.csv"])
        #expect(ledger.summary.completeness?.detail.contains("yh_2.csv waits: yh_2.csv.done is not there") == true)
        let findings = CSVConnector(source: "c", streams: [stream]).check()
        #expect(findings.contains { $0.subject == "file yh_2.csv" && $0.verdict == .warning })
        // Two days later it still waits.
        let later = DropFolder(stream: stream, now: DropTime(seconds: time(nil) + 2 * 86_400))
        let faults = FolderFaults(
            stream: stream, listing: try later.listing(), known: KnownFiles(nil), isFirst: false, isFull: false)
        #expect(faults.first()?.code.name == "source.overdue")
        #expect(faults.first()?.place?.description.hasSuffix("yh_2.csv") == true)
    }

    /// The sender's clock, or what packed the file, is ahead: the time of change says when it was touched.
    @Test(arguments: [3_600, 86_400 * 365 * 50]) func aFileFromTheFuture(_ ahead: Int) throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        box.setModified("yh_1.csv", time(nil) + ahead)
        let stream = box.stream { $0.readiness = .stable(seconds: 30) }
        #expect(try DropFolder(stream: stream).listing().ready.isEmpty)
        let later = DropFolder(stream: stream, now: DropTime(seconds: time(nil) + 31))
        #expect(try later.listing().ready.map(\.name.text) == ["yh_1.csv"])
        let ledger = Ledger(box.stream { $0.readiness = .stable(seconds: 0) })
        #expect(ledger.sync() == nil && ledger.records.count == 1)
        #expect(ledger.summary.completeness?.detail.contains("times in the future: yh_1.csv") == true)
        let findings = CSVConnector(source: "c", streams: [box.stream()]).check()
        #expect(
            findings.contains {
                $0.subject == "file yh_1.csv" && $0.verdict == .warning && $0.detail.contains("future")
            })
    }

    /// A share whose clock is ahead says nothing at all.
    @Test func allTimesInTheFuture() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        let stream = box.stream { $0.readiness = .stable(seconds: 30) }
        let before = DropFolder(stream: stream, now: DropTime(seconds: time(nil) - 86_400))
        let faults = FolderFaults(
            stream: stream, listing: try before.listing(), known: KnownFiles(nil), isFirst: false, isFull: false)
        #expect(faults.first()?.code.name == "source.futureTime" && faults.first()?.advice != nil)
    }

    @Test func checkTellsABrokenManifest() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n")
        try box.put("yh_1.csv.manifest", "rows=many")
        let findings = CSVConnector(source: "c", streams: [box.stream { $0.readiness = .manifest }]).check()
        #expect(findings.contains { $0.subject == "file yh_1.csv" && $0.verdict == .failed && $0.advice != nil })
    }

    // MARK: proofs

    @Test func whatProvesTheEnd() throws {
        let box = try DropBox()
        try box.put("yh_1.csv", "id,m\n1,1\n合计,1\n")
        let counted = CSVStream.Trailer(prefix: "合计", countField: 2)
        func claim(_ change: (inout CSVStream) -> Void, limit: Int? = nil) -> Completeness? {
            Pulled(box.stream(change)) { $0.limit = limit }.summary.completeness
        }
        #expect(claim { $0.trailer = counted }?.proof == .trailer)
        #expect(claim { $0.trailer = .init(prefix: "合计") }?.proof == .wholeFile)
        #expect(claim({ _ in })?.proof == .wholeFile)
        #expect(claim({ $0.trailer = counted }, limit: 1) == nil)
        #expect(claim { $0.trailer = counted }?.detail.contains("yh_1.csv is UTF-8") == true)
        try box.put("yh_2.csv", "id,m\n1,1")
        let both = claim { $0.trailer = .init(prefix: "合计", countField: 2, isRequired: false) }
        #expect(both?.proof == .wholeFile)
        #expect(both?.detail.contains("the last line has no end: yh_2.csv") == true)
    }

    /// What a snapshot of nothing is: one empty batch that ends its origin. Whether it may take everything away is the engine's.
    @Test(arguments: ["id,m\n", "id,m", "\u{FEFF}id,m\r\n\r\n"]) func aSnapshotOfNothing(_ text: String) throws {
        let box = try DropBox()
        try box.put("yh_2.csv", text)
        let pulled = Pulled(box.stream { $0.semantics = .snapshot })
        #expect(pulled.batches.count == 1 && pulled.ended == 1 && pulled.rows.isEmpty && pulled.defects.isEmpty)
        #expect(pulled.batches[0].origin.isSnapshot && pulled.batches[0].columns == ["id", "m"])
        #expect(pulled.summary.completeness?.proof == .wholeFile)
        let ledger = Ledger(box.stream { $0.semantics = .snapshot })
        try box.put("yh_1.csv", "id,m\n1,1\n")
        #expect(ledger.sync()?.code.name == "run.massVanish" && ledger.records.count == 1)
    }
}
