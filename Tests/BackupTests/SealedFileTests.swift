import Crypto
import Foundation
import HearthTesting
import HeatModel
import Testing

@testable import Backup

/// Files of a backup: what is written comes back; what is not what was written never does.
@Suite struct SealedFileTests {
    private final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sealed-\(UUID().uuidString)").path
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let key = BackupKey((0..<40).map { UInt8($0) })
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func bytes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private func read(_ path: String, _ name: String = "a/b", _ key: BackupKey? = key) throws -> [UInt8] {
        var found: [UInt8] = []
        try SealedFile.read(path, as: name, key: key) { found += $0 }
        return found
    }

    /// Around the ends of segments, the first of which is shorter.
    static let sizes = [0, 1, 17, 1_048_519, 1_048_520, 1_048_521, 2_097_079, 2_097_080, 2_097_081, 3_000_000]

    @Test(arguments: sizes) func comesBack(_ size: Int) throws {
        var random = SeededGenerator(seed: UInt64(size))
        let content = bytes(size, &random)
        for key in [Self.key, nil] {
            let path = "\(folder.path)/\(key == nil ? "plain" : "sealed")"
            let written = try SealedFile.write(content, to: path, as: "a/b", key: key)
            #expect(written.bytes == Int64(size))
            #expect(written.sha256 == SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined())
            #expect(try read(path, "a/b", key) == content)
            // A part of a file, and a file that is shorter than is wanted.
            let half = try SealedFile.write(path, to: path + ".half", as: "h", key: key, limit: Int64(size / 2))
            #expect(half.bytes == Int64(size / 2))
            #expect(throws: HearthError.self) {
                try SealedFile.write(path, to: path + ".more", as: "h", key: key, limit: Int64(size + 1 << 20))
            }
        }
        let other = try SealedFile.write(content, to: folder.path + "/again", as: "a/b", key: Self.key)
        #expect(other.bytes == Int64(size))
        // Nothing is to be seen of two equal files being equal.
        let (one, two) = ("sealed", "again")
        #expect(
            FileManager.default.contents(atPath: "\(folder.path)/\(one)")
                != FileManager.default.contents(atPath: "\(folder.path)/\(two)"))
    }

    @Test func whatIsNotWhatWasWrittenIsFound() throws {
        var random = SeededGenerator(seed: 7)
        let path = folder.path + "/sealed"
        _ = try SealedFile.write(bytes(2_500_000, &random), to: path, as: "a/b", key: Self.key)
        let sealed = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        func expectDamage(_ changed: [UInt8], _ what: String) throws {
            try Data(changed).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: HearthError.self, "\(what)") { try read(path) }
            #expect(error?.code == .backupDamaged, "\(what)")
        }
        for _ in 0..<40 {
            var changed = sealed
            let place = Int.random(in: 0..<changed.count, using: &random)
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try expectDamage(changed, "a bit at \(place)")
        }
        let segment = 1 << 20
        // Cut at the end of a segment, in one, in the head; lengthened; segments swapped, one twice, one left out.
        for count in [2 * segment, segment, 2 * segment - 1, sealed.count - 1, 41, 40, 39, 0] {
            try expectDamage(Array(sealed.prefix(count)), "cut at \(count)")
        }
        try expectDamage(sealed + [0], "a byte more")
        let (first, second, third) = (sealed[..<segment], sealed[segment..<2 * segment], sealed[(2 * segment)...])
        try expectDamage(Array(first + third + second), "swapped")
        try expectDamage(Array(first + second + second + third), "twice")
        try expectDamage(Array(first + third), "left out")
        try Data(sealed).write(to: URL(fileURLWithPath: path))
        #expect(try read(path).count == 2_500_000)
        #expect(throws: HearthError.self) { try read(path, "a/c") }
        #expect(throws: HearthError.self) { try read(path, "a/b", BackupKey(Array(repeating: 1, count: 32))) }
        #expect(throws: HearthError.self) { try read(folder.path + "/nothing") }
    }

    /// Tink reads what Hearth seals, and Hearth what Tink seals.
    @Test func tinkReadsItAndIsRead() throws {
        var random = SeededGenerator(seed: 11)
        let secret = bytes(32, &random)
        try Data(secret).write(to: URL(fileURLWithPath: folder.path + "/key"))
        let key = try BackupKey.load(folder.path + "/key")
        let tools = #filePath.components(separatedBy: "/Tests/")[0] + "/Tests"
        let python = try run("/bin/sh", [tools + "/tools/python-env.sh", "tink"]).trimmingCharacters(
            in: .whitespacesAndNewlines)
        let program = tools + "/BackupTests/Programs/tink_stream.py"
        for size in [0, 5, 1_048_520, 2_097_081] {
            let content = bytes(size, &random)
            let (plain, ours, theirs) = (folder.path + "/plain", folder.path + "/ours", folder.path + "/theirs")
            try Data(content).write(to: URL(fileURLWithPath: plain))
            try? FileManager.default.removeItem(atPath: ours)
            _ = try SealedFile.write(content, to: ours, as: "数据/名", key: key)
            _ = try run(python, [program, "open", folder.path + "/key", "数据/名", ours, folder.path + "/opened"])
            #expect(FileManager.default.contents(atPath: folder.path + "/opened") == Data(content), "\(size)")
            _ = try run(python, [program, "seal", folder.path + "/key", "数据/名", plain, theirs])
            #expect(try read(theirs, "数据/名", key) == content, "\(size)")
        }
    }

    @Test func aKeyIsLongEnough() throws {
        try Data(count: 31).write(to: URL(fileURLWithPath: folder.path + "/short"))
        for path in ["short", "none"] {
            let error = #expect(throws: HearthError.self) { try BackupKey.load("\(folder.path)/\(path)") }
            #expect(error?.code == .backupBadKey)
        }
    }

    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
        return String(decoding: output, as: UTF8.self)
    }
}
