import Audit
import Foundation
import HearthTesting
import Testing

/// What is done to a log behind its back is found, and named.
@Suite struct TamperingTests {
    let folder: TemporaryFolder
    let head: ChainHead
    let files: [String]

    init() throws {
        folder = try TemporaryFolder()
        head = try folder.fill(lines: 40, segmentBytes: 2000)
        files = try folder.files()
    }

    /// Lines of the file at an index, newlines included.
    private func lines(_ file: Int) throws -> [[UInt8]] {
        try folder.read(files[file]).split(separator: 0x0A).map { Array($0) + [0x0A] }
    }

    private func problem(after change: (inout [[UInt8]]) -> Void, in file: Int = 1) throws -> ChainProblem? {
        var lines = try lines(file)
        change(&lines)
        try folder.write(lines.flatMap { $0 }, to: files[file])
        return try folder.verify(anchors: [head]).problem
    }

    @Test func untouched() throws {
        let found = try folder.verify(anchors: [head])
        #expect(found.problem == nil && found.head == head && found.segments == files.count)
    }

    @Test(arguments: 0..<4)
    func anyByteFlippedAnywhere(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let file = files.randomElement(using: &random)!
            let bytes = try folder.read(file)
            var flipped = bytes
            let place = Int.random(in: 0..<bytes.count, using: &random)
            flipped[place] ^= UInt8.random(in: 1...255, using: &random)
            try folder.write(flipped, to: file)
            let found = try folder.verify()
            let line = bytes[..<place].count { $0 == 0x0A } + 1
            #expect(
                found.problem?.kind == .altered, "byte \(place) of \(file): \(String(describing: found.problem))")
            #expect(
                found.problem?.place == "\((file as NSString).lastPathComponent):\(line)",
                "byte \(place): \(String(describing: found.problem))")
            try folder.write(bytes, to: file)
        }
        // Each newline, that of the very last line included.
        for file in files {
            let bytes = try folder.read(file)
            for place in bytes.indices where bytes[place] == 0x0A {
                var flipped = bytes
                flipped[place] ^= 4
                try folder.write(flipped, to: file)
                #expect(try folder.verify().problem?.kind == .altered)
            }
            try folder.write(bytes, to: file)
        }
    }

    @Test func aLineTakenOut() throws {
        let gone = try lines(0).count + 3
        let problem = try problem { $0.remove(at: 2) }
        #expect(problem?.kind == .removed && problem?.sequence == Int64(gone), "\(String(describing: problem))")
    }

    @Test func severalLinesTakenOut() throws {
        let problem = try problem { $0.removeSubrange(2..<5) }
        #expect(problem?.kind == .removed)
    }

    @Test func aLineStatedTwice() throws {
        let problem = try problem { $0.insert($0[3], at: 4) }
        #expect(problem?.kind == .inserted)
    }

    @Test func aForgedLinePutIn() throws {
        // Well made: it follows from the line before it, but what follows does not follow from it.
        let problem = try problem { lines in
            let before = lines[2].withUnsafeBytes {
                ChainLine.head(of: UnsafeRawBufferPointer(rebasing: $0.dropLast()))
            }
            guard let before, let forged = try? ChainLine.make(event: event(7), after: before).line else { return }
            lines.insert(forged + [0x0A], at: 3)
        }
        #expect(problem != nil)
        #expect(problem?.kind == .inserted, "\(String(describing: problem))")
    }

    @Test func aForgedLineInPlaceOfAnother() throws {
        let problem = try problem { lines in
            let before = lines[2].withUnsafeBytes {
                ChainLine.head(of: UnsafeRawBufferPointer(rebasing: $0.dropLast()))
            }
            guard let before, let forged = try? ChainLine.make(event: event(7), after: before).line else { return }
            lines[3] = forged + [0x0A]
        }
        #expect(problem != nil)
    }

    @Test func linesExchanged() throws {
        let problem = try problem { $0.swapAt(2, 3) }
        #expect(problem != nil)
    }

    @Test func aFileTakenOut() throws {
        try FileManager.default.removeItem(atPath: files[1])
        let problem = try folder.verify(anchors: [head]).problem
        #expect(problem?.kind == .removed)
    }

    @Test func theFirstFileTakenOut() throws {
        try FileManager.default.removeItem(atPath: files[0])
        #expect(try folder.verify().problem?.kind == .removed)
    }

    /// The end cut off at a line's end: told by the noted head alone.
    @Test func theEndCutOff() throws {
        let last = files.count - 1
        var lines = try lines(last)
        lines.removeLast()
        try folder.write(lines.flatMap { $0 }, to: files[last])
        #expect(try folder.verify().problem == nil)
        let problem = try folder.verify(anchors: [head]).problem
        #expect(problem?.kind == .truncated && problem?.sequence == head.sequence)
        try FileManager.default.removeItem(atPath: files[last])
        #expect(try folder.verify(anchors: [head]).problem?.kind == .truncated)
    }

    @Test func theWholeLogGone() throws {
        for file in files { try FileManager.default.removeItem(atPath: file) }
        #expect(try folder.verify(anchors: [head]).problem?.kind == .truncated)
    }

    /// All made anew with one line changed: told by a noted head alone.
    @Test func madeAnew() throws {
        for file in files { try FileManager.default.removeItem(atPath: file) }
        let log = try AuditLog(folder: folder.path, name: "access", segmentBytes: 2000)
        for number in 0..<40 { try log.post(event(number == 11 ? 999 : number)) }
        log.close()
        #expect(try folder.verify().problem == nil)
        #expect(try folder.verify(anchors: [head]).problem?.kind == .rewritten)
    }
}
