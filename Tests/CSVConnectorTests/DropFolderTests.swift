import CSVConnector
import Foundation
import HeatModel
import Records
import Synchronization
import Testing

@Suite struct DropFolderTests {
    @Test func readyByRename() throws {
        let box = try DropBox()
        for name in ["b.csv", "a.csv", ".c.csv", "d.csv.tmp", "e.part", "f.txt", "g.CSV"] {
            try box.put(name, "n\n\(name)\n")
        }
        try FileManager.default.createDirectory(atPath: box.path + "/folder.csv", withIntermediateDirectories: true)
        #expect(Pulled(box.stream()).rows == [["a.csv"], ["b.csv"]])
        #expect(Pulled(box.stream { $0.pattern = "[c-z]*" }).rows == [["f.txt"], ["g.CSV"]])
    }

    @Test func readyByMarker() throws {
        let box = try DropBox()
        try box.put("a.csv", "n\na\n")
        try box.put("b.csv", "n\nb\n")
        try box.put("b.csv.done", "")
        #expect(
            Pulled(
                box.stream {
                    $0.pattern = "*"; $0.readiness = .doneMarker(suffix: ".done")
                }
            ).rows == [["b"]])
    }

    @Test func readyWhenStable() throws {
        let box = try DropBox()
        try box.put("a.csv", "n\na\n")
        #expect(Pulled(box.stream { $0.readiness = .stable(seconds: 3_600) }).batches.isEmpty)
        #expect(Pulled(box.stream { $0.readiness = .stable(seconds: 0) }).rows == [["a"]])
    }

    @Test(arguments: [true, false])
    func manifestAgrees(_ isJSON: Bool) throws {
        let box = try DropBox()
        let text = "n,m\na,1.10\nb,2.20\nc\n"
        let digest = try DropBox.sha256(Array(text.utf8))
        try box.put("a.csv", text)
        try box.put("b.csv", text + "d,1\n")
        try box.put(
            "a.csv.manifest",
            isJSON
                ? "{\"rows\": 3, \"sha256\": \"\(digest)\", \"sum\": 3.30, \"sumColumn\": \"m\"}"
                : "rows=3\r\nsha256=\(digest.uppercased())\r\nsum = 3.3\r\nsumColumn=m\r\n")
        let pulled = Pulled(box.stream { $0.readiness = .manifest })
        #expect(pulled.error == nil)
        #expect(pulled.rows == [["a", "1.10"], ["b", "2.20"]])
        #expect(pulled.summary.statedRows == 3 && pulled.summary.rows == 3)
    }

    /// As other programs write them: with a mark, numbers as texts, other marks and letters.
    @Test(arguments: [
        "\u{FEFF}rows=3", "\u{FEFF}{\"rows\": 3}", "{\"rows\": \"3\"}",
        "{\"Rows\": \" 3 \", \"file\": {\"name\": \"a.csv\"}}",
        "rows: 3", "ROWS = \"3\"\n# by export 1.2\n\n", "rows：３", "{\"rows\": 3.0}",
        "rows=3\nsum_column=m\nsum=\"3.30\"",
        "{\"rows\": 3, \"sum-column\": \"m\", \"sum\": \"¥3.30\", \"sha256\": null}",
    ])
    func manifestsAsTheyAreWritten(_ manifest: String) throws {
        let box = try DropBox()
        try box.put("a.csv", "n,m\na,1.10\nb,2.20\nc\n")
        for encoding in ["UTF-8", "UTF-16", "GB18030"] where encoding != "UTF-16" || !manifest.hasPrefix("\u{FEFF}") {
            try box.put("a.csv.manifest", manifest, encoding: encoding)
            let pulled = Pulled(box.stream { $0.readiness = .manifest })
            #expect(
                pulled.error == nil && pulled.summary.statedRows == 3, "\(encoding) \(String(describing: pulled.error))"
            )
            try box.put("a.csv.manifest", manifest.replacing("3", with: "4"), encoding: encoding)
            let wrong = Pulled(box.stream { $0.readiness = .manifest }).error
            #expect(manifest.contains("３") || wrong?.code.name == "source.manifestMismatch")
        }
    }

    /// A column that is summed may have a Chinese name, and the manifest the sender's encoding.
    @Test func aManifestInGBK() throws {
        let box = try DropBox()
        try box.put("a.csv", "户号,金额\n1,1.10\n2,2.20\n", encoding: "GB18030")
        try box.put("a.csv.manifest", "rows=2\nsumColumn=金额\nsum=3.30\n", encoding: "GB18030")
        #expect(Pulled(box.stream { $0.readiness = .manifest }).summary.statedRows == 2)
    }

    @Test(arguments: [
        "rows=4", "sha256=00", "rows=3\nsum=3.31\nsumColumn=m", "{\"rows\": 2}",
    ])
    func manifestDisagrees(_ manifest: String) throws {
        let box = try DropBox()
        try box.put("a.csv", "n,m\na,1.10\nb,2.20\nc\n")
        try box.put("a.csv.manifest", manifest)
        let pulled = Pulled(box.stream { $0.readiness = .manifest })
        #expect(pulled.error?.code.name == "source.manifestMismatch")
        #expect(pulled.error?.place?.description.hasSuffix("a.csv.manifest") == true)
        #expect(pulled.batches.isEmpty)
    }

    @Test(arguments: [
        "", "rows", "rows=many", "{\"rows\": \"x\"", "sum=1", "rows=1\nRows=2", "{\"rows\": \"3 rows\"}", "rows=-1",
        "rows=1.5",
        "{\"rows\": [1]}",
    ])
    func manifestBroken(_ manifest: String) throws {
        let box = try DropBox()
        try box.put("a.csv", "n,m\na,1.10\n")
        try box.put("a.csv.manifest", manifest)
        #expect(Pulled(box.stream { $0.readiness = .manifest }).error?.code.name == "source.manifestBroken")
    }

    @Test func knownByContent() throws {
        let box = try DropBox()
        try box.put("a.csv", "n\n1\n")
        try box.put("b.csv", "n\n2\n")
        try box.put("c.csv", "n\n2\n")
        let digest = try DropBox.sha256(Array("n\n1\n".utf8))
        let again = Pulled(box.stream()) { $0.isKnownOrigin = { $0 == digest } }
        #expect(again.rows == [["2"]])
        #expect(again.summary.knownOrigins == ["a.csv", "c.csv"])
        let full = Pulled(box.stream()) {
            $0.mode = .full
            $0.isKnownOrigin = { _ in true }
        }
        #expect(full.rows == [["1"], ["2"]])
        #expect(full.batches.first?.origin.digest == digest)
        #expect(full.batches.first?.origin.byteCount == 4)
    }

    @Test func semantics() throws {
        let box = try DropBox()
        try box.put("a.csv", "n\n1\n")
        #expect(Pulled(box.stream { $0.semantics = .snapshot }).batches[0].origin.isSnapshot)
        #expect(!Pulled(box.stream()).batches[0].origin.isSnapshot)
    }

    @Test func brokenPlaces() throws {
        let box = try DropBox()
        let missing = Pulled(box.stream { $0.folder += "/gone" })
        #expect(missing.error?.code.name == "source.unreachable")
        #expect(missing.error?.place?.description == box.path + "/gone")
        #expect(missing.error?.advice != nil)
        let findings = CSVConnector(source: "customer", streams: [box.stream { $0.folder += "/gone" }]).check()
        #expect(findings.contains { $0.verdict == .failed && $0.advice != nil })
        #expect(CSVConnector(source: "customer", streams: [box.stream()]).check().contains { $0.verdict == .warning })
    }

    @Test func changeWhileReading() throws {
        let box = try DropBox()
        try box.put("a.csv", "n\n" + String(repeating: "0123456789\n", count: 200_000))
        var delivered = 0
        #expect(
            performing: {
                _ = try CSVConnector(source: "customer", streams: [box.stream()]).pull(PullRequest(stream: "residents"))
                { batch in
                    delivered += 1
                    #expect(!batch.endsOrigin)
                    let handle = FileHandle(forWritingAtPath: box.path + "/a.csv")
                    try handle?.seekToEnd()
                    try handle?.write(contentsOf: Data("x\n".utf8))
                    try handle?.close()
                }
            }, throws: { ($0 as? HearthError)?.code.name == "source.changed" })
        #expect(delivered < 13)
    }

    @Test func gzip() throws {
        let box = try DropBox()
        let text = "户号,名\n" + (0..<50_000).map { "\($0),张伟\($0 % 7)\n" }.joined()
        let gbk = try DropBox.run("/usr/bin/iconv", ["-f", "UTF-8", "-t", "GB18030"], Array(text.utf8))
        let packed = try DropBox.run("/usr/bin/gzip", ["-c"], gbk)
        let half = gbk.count / 2
        let members =
            try DropBox.run("/usr/bin/gzip", ["-c"], Array(gbk[..<half]))
            + DropBox.run("/usr/bin/gzip", ["-c"], Array(gbk[half...])) + [0, 0, 0, 0]
        for bytes in [packed, members] {
            try box.put("a.csv.gz", bytes)
            let pulled = Pulled(box.stream { $0.pattern = "*.gz" })
            #expect(pulled.error == nil)
            #expect(pulled.rows.count == 50_000 && pulled.rows.last == ["49999", "张伟\(49_999 % 7)"])
            #expect(pulled.batches[0].origin.digest == (try DropBox.sha256(bytes)))
        }
    }

    @Test func cutAndDamagedGzip() throws {
        let box = try DropBox()
        var state: UInt64 = 1
        var text = "n,m\n"
        for number in 0..<100_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            text += "\(number),\(state)\n"
        }
        let packed = try DropBox.run("/usr/bin/gzip", ["-c"], Array(text.utf8))
        try box.put("a.csv.gz", Array(packed[..<(packed.count / 2)]))
        let cut = Pulled(box.stream { $0.pattern = "*.gz" }) { $0.batchRows = 1_000 }
        #expect(cut.error?.code.name == "source.truncated")
        #expect(cut.rows.count > 10_000 && cut.rows.count < 90_000 && cut.ended == 0 && cut.codes.isEmpty)
        #expect(cut.rows.enumerated().allSatisfy { $0.element[0] == String($0.offset) })
        var damaged = packed
        damaged[packed.count / 2] ^= 0xFF
        damaged[packed.count / 2 + 1] ^= 0xFF
        try box.put("a.csv.gz", damaged)
        let broken = Pulled(box.stream { $0.pattern = "*.gz" })
        #expect(broken.error?.code.area == "source" && broken.ended == 0)
    }

    @Test func batchesKeepTheirBounds() throws {
        let box = try DropBox()
        try box.put("a.csv", "n,m\n" + (0..<5_000).map { "\($0),\(String(repeating: "x", count: $0 % 90))\n" }.joined())
        for (rows, bytes) in [(7, 4 << 20), (16_384, 300), (100, 2_000), (16_384, 4 << 20)] {
            let pulled = Pulled(box.stream()) {
                $0.batchRows = rows
                $0.batchBytes = bytes
            }
            #expect(pulled.rows.count == 5_000)
            #expect(pulled.rows.enumerated().allSatisfy { $0.element[0] == String($0.offset) })
            #expect(pulled.batches.allSatisfy { $0.rowCount <= rows && $0.bytes.count <= bytes })
        }
    }

    @Test func limitCountsRowsOfAllFiles() throws {
        let box = try DropBox()
        try box.put("a.csv", "n\n1\n2\n")
        try box.put("b.csv", "n\n3\n4\n")
        let pulled = Pulled(box.stream()) { $0.limit = 3 }
        #expect(pulled.rows == [["1"], ["2"], ["3"]])
        #expect(pulled.ended == 1)
    }
}
