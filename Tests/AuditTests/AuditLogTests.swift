import Audit
import Foundation
import HeatModel
import Testing

@Suite struct AuditLogTests {
    @Test func formatIsAsDocumented() throws {
        let folder = try TemporaryFolder()
        let head = try folder.fill(lines: 3)
        let files = try folder.files()
        #expect(files.map { ($0 as NSString).lastPathComponent } == ["access-000000000001.jsonl"])
        let lines = String(decoding: try folder.read(files[0]), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0].dropFirst(75) == #""seq":1,"opens":"access","previous":"\#(ChainHead.start.hash)"}"#)
        #expect(lines[1].dropFirst(75) == "\"seq\":2," + String(decoding: event(0), as: UTF8.self).dropFirst())
        #expect(lines[3].dropFirst(9).prefix(64) == head.hash)
        for line in lines { #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any]) }
        #expect(head.sequence == 4)
        #expect(ChainHead(head.description) == head)
    }

    @Test func othersCanCheckIt() throws {
        let folder = try TemporaryFolder()
        let head = try folder.fill(lines: 60, segmentBytes: 4000)
        let files = try folder.files()
        #expect(files.count > 2)
        let python = try run("python3", [script("check_chain.py")] + files)
        #expect(python.status == 0 && python.output == "\(head.sequence) lines, head \(head)\n", "\(python.output)")
        let shell = try run("bash", [script("check_chain.sh")] + files)
        #expect(shell.status == 0 && shell.output == "head \(head.hash)\n", "\(shell.output)")

        var bytes = try folder.read(files[1])
        bytes[bytes.count / 2] ^= 1
        try folder.write(bytes, to: files[1])
        #expect(try run("python3", [script("check_chain.py")] + files).status != 0)
        #expect(try run("bash", [script("check_chain.sh")] + files).status != 0)
    }

    /// Full files stay open until they are on the disk, and no longer; while one thread brings them there others write.
    @Test func fullFilesAreLetGoOnceTheyAreSynced() async throws {
        let folder = try TemporaryFolder()
        let log = try AuditLog(folder: folder.path, name: "access", segmentBytes: 500)
        func openFiles() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
                let file = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
                return file?.hasPrefix(folder.path) ?? false && file?.hasSuffix(".jsonl") ?? false
            }
        }
        for number in 0..<30 { try log.write([event(number)]) }
        #expect(try folder.files().count > 5)
        #expect(try openFiles() == folder.files().count)
        try log.sync()
        #expect(try openFiles() == 1)
        for number in 30..<300 { try log.write([event(number)]) }
        #expect(try openFiles() < 20)

        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { for _ in 0..<50 { try log.sync() } } }
            for thread in 0..<2 {
                group.addTask { for number in 0..<200 { try log.write([event(thread * 1000 + number)]) } }
            }
            try await group.waitForAll()
        }
        try log.sync()
        #expect(try openFiles() == 1)
        let head = log.head
        log.close()
        #expect(try openFiles() == 0)
        #expect(throws: HearthError.self) { try log.sync() }
        let found = try folder.verify(anchors: [head])
        #expect(found.problem == nil && found.lines == 700 + Int64(found.segments))
    }

    @Test func manyThreadsFeedOneChain() async throws {
        let folder = try TemporaryFolder()
        let log = try AuditLog(folder: folder.path, name: "access", segmentBytes: 100_000)
        let seen = try await withThrowingTaskGroup(of: [ChainHead].self) { group in
            for thread in 0..<8 {
                group.addTask {
                    var heads: [ChainHead] = []
                    for number in 0..<250 {
                        try await log.append(event(thread * 250 + number))
                        if number % 50 == 0 { heads.append(log.head) }
                    }
                    return heads
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        log.close()
        #expect(throws: HearthError.self) { try log.post(event(0)) }
        let noted = seen + [log.head]
        let found = try folder.verify(anchors: noted)
        #expect(found.problem == nil)
        #expect(found.lines == 2000 + Int64(found.segments))
        #expect(found.head == log.head && noted.count > 2)
        var accounts: Set<Substring> = []
        for file in try folder.files() {
            for line in String(decoding: try folder.read(file), as: UTF8.self).split(separator: "\n") {
                if let start = line.range(of: "\"account\":\"")?.upperBound {
                    accounts.insert(line[start...].prefix(8))
                }
            }
        }
        #expect(accounts == Set((0..<2000).map { Substring(String(10_000_000 + $0)) }))
    }

    @Test func aLineIsThereOnceItIsSaidToBe() async throws {
        let folder = try TemporaryFolder()
        let log = try AuditLog(folder: folder.path, name: "access", durability: .synced)
        try await log.append(#"{"caller":"one"}"#)
        #expect(String(decoding: try folder.read(try folder.files()[0]), as: UTF8.self).contains("\"caller\":\"one\""))
        // Someone who looks while it is open finds it whole.
        #expect(try folder.verify().problem == nil)
        log.close()
    }

    @Test func aNewWriterGoesOn() throws {
        let folder = try TemporaryFolder()
        try folder.fill(lines: 5, segmentBytes: 600)
        let head = try folder.fill(lines: 5, segmentBytes: 600)
        let found = try folder.verify(anchors: [head])
        #expect(found.problem == nil && found.head == head && found.segments > 2)
    }

    @Test func oneWriterAtATime() throws {
        let folder = try TemporaryFolder()
        let log = try AuditLog(folder: folder.path, name: "access")
        let error = #expect(throws: HearthError.self) { try AuditLog(folder: folder.path, name: "access") }
        #expect(error?.code.name == "audit.locked")
        let other = try AuditLog(folder: folder.path, name: "console")
        other.close()
        log.close()
        try AuditLog(folder: folder.path, name: "access").close()
    }

    @Test(arguments: ["", "{", "[1]", "{\"a\":\n1}", "text"])
    func eventsThatAreNone(_ event: String) async throws {
        let folder = try TemporaryFolder()
        let log = try AuditLog(folder: folder.path, name: "access")
        let error = await #expect(throws: HearthError.self) { try await log.append(event) }
        #expect(error?.code.name == "audit.badEvent")
        try await log.append("{}")
        log.close()
        #expect(try folder.verify().problem == nil)
    }

    @Test func aCrashAtAnyByteIsMended() throws {
        let folder = try TemporaryFolder()
        try folder.fill(lines: 6, segmentBytes: 700)
        let files = try folder.files()
        let last = try folder.read(files.last!)
        let whole = try files.dropLast().map { try folder.read($0) }
        for length in 0..<last.count {
            let copy = try TemporaryFolder()
            for (file, bytes) in zip(files, whole) {
                try copy.write(bytes, to: copy.path + "/" + (file as NSString).lastPathComponent)
            }
            try copy.write(Array(last[..<length]), to: copy.path + "/" + (files.last! as NSString).lastPathComponent)
            let isTorn = length == 0 || last[length - 1] != 0x0A
            let before = try copy.verify()
            #expect((before.problem != nil) == isTorn, "\(length): \(String(describing: before.problem))")
            let kept = before.lines
            try copy.fill(lines: 1)
            let after = try copy.verify()
            #expect(after.problem == nil, "\(length): \(String(describing: after.problem))")
            #expect(after.lines > kept)
        }
    }

    @Test func aDamagedEndIsNotWrittenOn() throws {
        let folder = try TemporaryFolder()
        try folder.fill(lines: 3)
        let file = try folder.files()[0]
        try folder.write(try folder.read(file) + Array("no line of ours\n".utf8), to: file)
        let error = #expect(throws: HearthError.self) { try AuditLog(folder: folder.path, name: "access") }
        #expect(error?.code.name == "audit.damaged")
    }
}
