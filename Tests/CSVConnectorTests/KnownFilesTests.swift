import CSVConnector
import Foundation
import HeatModel
import Records
import Testing

@Suite struct KnownFilesTests {
    @Test func untouchedFilesAreNotHashedAgain() throws {
        let box = try DropBox()
        try box.put("a.csv", "id,name\n1,x\n")
        let connector = CSVConnector(source: "customer", streams: [CSVStream(name: "people", folder: box.path)])
        var cursor: Cursor?
        var digests: [String] = []
        _ = try connector.pull(PullRequest(stream: "people")) { batch in
            if let digest = batch.origin.digest { digests.append(digest) }
            cursor = batch.cursor ?? cursor
        }
        let known = Set(digests)
        let again = PullRequest(stream: "people", cursor: cursor, isKnownOrigin: { known.contains($0) })
        var summary = try connector.pull(again) { _ in Issue.record("nothing is new") }
        #expect(summary.bytes == 0)
        #expect(summary.knownOrigins.isEmpty)
        // Touched: hashed, known by its content, and told.
        try box.put("a.csv", "id,name\n1,x\n")
        summary = try connector.pull(again) { _ in Issue.record("nothing is new") }
        #expect(summary.bytes > 0)
        #expect(summary.knownOrigins == ["a.csv"])
        // A store that does not know it reads it whatever the cursor says.
        var rows = 0
        _ = try connector.pull(PullRequest(stream: "people", cursor: cursor)) { rows += $0.rowCount }
        #expect(rows == 1)
    }

    /// What was read before is news where it comes back after something else.
    @Test func aSnapshotThatComesBackIsReadAgain() throws {
        let box = try DropBox()
        let stream = box.stream { $0.semantics = .snapshot }
        let texts = ["n\n1\n", "n\n2\n"]
        let digests = try texts.map { try DropBox.sha256(Array($0.utf8)) }
        for (name, text) in zip(["1.csv", "2.csv", "3.csv", "4.csv"], [0, 1, 0, 0]) { try box.put(name, texts[text]) }
        func pulled(_ known: Int..., last: SnapshotMark?) -> [String] {
            Pulled(stream) {
                $0.isKnownOrigin = { digest in known.contains { digests[$0] == digest } }
                $0.lastSnapshot = { last }
            }.batches.filter(\.endsOrigin).map(\.origin.name)
        }
        func mark(_ name: String, _ content: Int, isWhole: Bool = true) -> SnapshotMark {
            SnapshotMark(name: name, digest: digests[content], isWhole: isWhole)
        }
        // In one pull; the fourth says what the third did.
        #expect(pulled(last: nil) == ["1.csv", "2.csv", "3.csv"])
        #expect(pulled(0, last: mark("1.csv", 0)) == ["2.csv", "3.csv"])
        #expect(pulled(0, 1, last: mark("2.csv", 1)) == ["3.csv"])
        #expect(pulled(0, 1, last: mark("3.csv", 0)) == [])
        // Broken off, it is not what the stream stands at; those before it are not read for that.
        #expect(pulled(0, 1, last: mark("3.csv", 0, isWhole: false)) == ["3.csv"])
        // A file written over in its place.
        for name in ["2.csv", "3.csv", "4.csv"] { try FileManager.default.removeItem(atPath: "\(box.path)/\(name)") }
        #expect(pulled(0, 1, last: mark("1.csv", 1)) == ["1.csv"])
    }

    @Test func aFullPullReadsTheLastSnapshotOnly() throws {
        let box = try DropBox()
        try box.put("a_1.csv", "id\n1\n2\n")
        try box.put("a_2.csv", "id\n2\n")
        let stream = CSVStream(name: "people", folder: box.path, semantics: .snapshot)
        var names: [String] = []
        _ = try CSVConnector(source: "customer", streams: [stream]).pull(PullRequest(stream: "people", mode: .full)) {
            names.append($0.origin.name)
        }
        #expect(names == ["a_2.csv"])
    }
}
