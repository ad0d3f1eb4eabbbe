import Foundation
import HearthTesting
import Testing

@testable import Reconciliation

@Suite struct KnownFilesTests {
    /// What was written over a file is seen, also where it is as long and says that it is as old.
    @Test(arguments: [false, true]) func anotherContentIsAnotherDigest(_ isNewFile: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("findings.csv")
        let age = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)]
        // By this clock every file is of the past: its digest is kept.
        let known = KnownFiles(now: { .max })
        try Data("one".utf8).write(to: file)
        try FileManager.default.setAttributes(age, ofItemAtPath: file.path)
        let one = try #require(try known.sha256(of: file.path))
        #expect(try known.sha256(of: file.path) == one)
        // The clock of files is coarse: its next tick.
        try untilLater(than: file.path, in: folder)
        try Data("two".utf8).write(to: file, options: isNewFile ? .atomic : [])
        try FileManager.default.setAttributes(age, ofItemAtPath: file.path)
        let two = try known.sha256(of: file.path)
        let digest = try FileDigest(of: file.path)?.sha256
        #expect(two != nil && two != one && two == digest)
        try FileManager.default.removeItem(at: file)
        #expect(try known.sha256(of: file.path) == nil)
    }

    /// What has just been written may be written over within one tick of the clock: it is read each time.
    @Test func aFileOfNowIsReadAgain() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("findings.csv").path
        // By this clock no file is of the past.
        let known = KnownFiles(now: { 0 })
        for text in ["one", "two"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let digest = try FileDigest(of: path)?.sha256
            #expect(try known.sha256(of: path) == digest)
        }
    }

    private func untilLater(than path: String, in folder: URL) throws {
        func changed(_ path: String) -> [Int] {
            var facts = stat()
            stat(path, &facts)
            return [facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec]
        }
        let probe = folder.appendingPathComponent("probe")
        repeat { try Data().write(to: probe) } while changed(probe.path) == changed(path)
    }
}
