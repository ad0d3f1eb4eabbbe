import CSVConnector
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
