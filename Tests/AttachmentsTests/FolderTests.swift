import Foundation
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Attachments

/// The folder, with whoever wants to break it.
@Suite struct FolderTests {
    final class Scene: Sendable {
        let path: String
        let store: SQLiteStore
        let folder: AttachmentFolder

        init(at place: String? = nil, _ change: (inout AttachmentSettings) -> Void = { _ in }) throws {
            path = FileManager.default.temporaryDirectory.appendingPathComponent("attachments-\(UUID())").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            store = try SQLiteStore(path: path + "/hearth.db")
            var settings = AttachmentSettings(folder: place ?? path + "/kept")
            change(&settings)
            folder = AttachmentFolder(settings, store: store)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Every file of the folder, with what is on its way.
        var files: [String] {
            let all = FileManager.default.enumerator(atPath: folder.settings.folder)?.compactMap { $0 as? String } ?? []
            return all.filter { $0.contains(".") && !$0.hasPrefix(".") || $0.hasPrefix("incoming/") }.sorted()
        }

        @discardableResult
        func add(_ kind: AttachmentKind, _ bytes: [UInt8], pieces: Int = 100, length: Int64? = nil) throws
            -> KeptAttachment
        {
            let upload = try folder.begin(kind, length: length)
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                try upload.take(Array(bytes[start..<min(start + pieces, bytes.count)]))
            }
            return try upload.finish()
        }

        /// Puts a file's last change so many hours back.
        func age(_ sha256: String, hours: Int) throws {
            let path = try #require(folder.find(sha256)).path
            let then = Date(timeIntervalSinceNow: -Double(hours) * 3600)
            try FileManager.default.setAttributes([.modificationDate: then], ofItemAtPath: path)
        }
    }

    private func code(_ body: () throws -> Void) -> HearthError.Code? {
        do { try body() } catch { return (error as? HearthError)?.code }
        return nil
    }

    @Test func theSameBytesAreOneFile() throws {
        let scene = try Scene()
        let first = try scene.add(.jpeg, SamplePhotos.jpeg())
        #expect(try scene.add(.jpeg, SamplePhotos.jpeg(), pieces: 7) == first)
        let found = try #require(scene.folder.find(first.sha256))
        #expect(found.attachment == first && first.bytes < Int64(SamplePhotos.jpeg().count))
        #expect(scene.files == ["\(first.sha256.prefix(2))/\(first.sha256).jpg"])
        let mode = try FileManager.default.attributesOfItem(atPath: found.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        for (kind, bytes) in [(AttachmentKind.png, SamplePhotos.png()), (.mp4, SamplePhotos.mp4())] {
            #expect(try scene.add(kind, bytes).sha256 != first.sha256)
        }
        #expect(scene.files.count == 3)
    }

    @Test func whatIsRefusedLeavesNothing() throws {
        let scene = try Scene { $0.mostBytes = 10_000 }
        func refused(_ kind: AttachmentKind, _ bytes: [UInt8]) -> HearthError.Code? {
            code { try scene.add(kind, bytes) }
        }
        #expect(refused(.png, SamplePhotos.jpeg()) == .attachmentNotAllowed)
        #expect(refused(.jpeg, Array("<html>0123456789".utf8)) == .attachmentNotAllowed)
        #expect(refused(.jpeg, []) == .attachmentNotAllowed)
        #expect(refused(.jpeg, [0xFF, 0xD8, 0xFF, 0xD9]) == .attachmentBroken)
        #expect(refused(.jpeg, Array(SamplePhotos.jpeg().prefix(300))) == .attachmentBroken)
        #expect(refused(.jpeg, SamplePhotos.jpeg(padding: 10_000)) == .attachmentTooLarge)
        #expect(code { _ = try scene.folder.begin(.jpeg, length: 10_001) } == .attachmentTooLarge)
        // One that is let go of, with and without a word.
        let upload = try scene.folder.begin(.jpeg, length: nil)
        try upload.take(Array(SamplePhotos.jpeg().prefix(200)))
        #expect(scene.files.count == 1)
        upload.abandon()
        #expect(code { try upload.take([1]) } == .attachmentCannotWrite)
        #expect(code { _ = try upload.finish() } == .attachmentCannotWrite)
        do {
            let other = try scene.folder.begin(.jpeg, length: nil)
            try other.take(Array(SamplePhotos.jpeg().prefix(200)))
        }
        #expect(scene.files == [])
    }

    /// How full a folder is that cannot be read is not known: it is not taken for empty.
    @Test func aFolderThatCannotBeReadIsNotEmpty() throws {
        let scene = try Scene()
        try Data("no folder".utf8).write(to: URL(fileURLWithPath: scene.path + "/kept"))
        #expect(code { _ = try scene.folder.begin(.jpeg, length: 10) }?.name == "attachment.cannotRead")
        #expect(code { _ = try scene.folder.usedBytes }?.name == "attachment.cannotRead")
        #expect(code { try scene.folder.sweep(now: 0) }?.name == "attachment.cannotRead")
    }

    /// What keeps old files from being let go is told to who finds the folder full.
    @Test func whyAFullFolderStaysFullIsTold() throws {
        let scene = try Scene {
            $0.mostTotal = 2000
            $0.mostBytes = 2000
        }
        let kept = try scene.add(.jpeg, SamplePhotos.jpeg())
        try scene.age(kept.sha256, hours: 10_000)
        let path = try #require(scene.folder.find(kept.sha256)).path
        let incoming = scene.path + "/kept/incoming"
        try FileManager.default.removeItem(atPath: incoming)
        try Data().write(to: URL(fileURLWithPath: incoming))
        #expect(code { _ = try scene.folder.begin(.jpeg, length: 2000) }?.name == "attachment.cannotRead")
        #expect(FileManager.default.fileExists(atPath: path))
    }

    /// Of ten thousand that send the same at once each gets the same answer, and there is one file.
    @Test func manyRaceForOneHash() throws {
        let scene = try Scene()
        let count = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil ? 2000 : 10_000
        let answers = Mutex<[KeptAttachment: Int]>([:])
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 16) { worker in
            for turn in 0..<count / 16 {
                do {
                    let one = try scene.add(.jpeg, SamplePhotos.jpeg(), pieces: 100 + (worker * 31 + turn) % 400)
                    answers.withLock { $0[one, default: 0] += 1 }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(answers.withLock { $0 }.map(\.value) == [count / 16 * 16])
        #expect(scene.files.count == 1)
        #expect(try scene.folder.usedBytes < 10_000)
    }

    /// While some send one file again and again, others remove it: who was answered last has a file, or is refused when it is named.
    @Test func sendersAndSweepers() throws {
        let scene = try Scene { $0.keptUnnamedHours = 0 }
        let last = Mutex<String>("")
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            for turn in 0..<60 {
                if worker == 0 {
                    _ = try? scene.folder.sweep(now: Instant.now.microseconds + Int64(turn % 2) * 10_000_000)
                } else if let one = try? scene.add(.png, SamplePhotos.png()) {
                    last.withLock { $0 = one.sha256 }
                }
            }
        }
        #expect(scene.files.allSatisfy { !$0.hasPrefix("incoming/") })
        let one = try scene.add(.png, SamplePhotos.png())
        #expect(last.withLock { $0 } == one.sha256 && scene.folder.find(one.sha256) != nil)
    }

    @Test func theFolderIsBounded() throws {
        let scene = try Scene {
            $0.mostTotal = 3000
            $0.mostBytes = 2000
        }
        let first = try scene.add(.jpeg, SamplePhotos.jpeg(padding: 1000), length: 1900)
        // What is on its way counts as large as it says that it is, or as it may be.
        let other = try scene.folder.begin(.jpeg, length: 100)
        #expect(code { _ = try scene.folder.begin(.jpeg, length: nil) } == .attachmentFolderFull)
        other.abandon()
        #expect(code { _ = try scene.folder.begin(.jpeg, length: 1900) } == .attachmentFolderFull)
        _ = try scene.folder.begin(.jpeg, length: 500)
        // Once the old one is over there is room.
        try scene.age(first.sha256, hours: 25)
        let later = AttachmentFolder(scene.folder.settings, store: scene.store)
        _ = try later.begin(.jpeg, length: 2000)
        #expect(scene.files == [])
    }

    @Test func whatNoOrderNamesGoes() throws {
        let scene = try Scene { $0.keptDays = 30 }
        let named = try scene.add(.jpeg, SamplePhotos.jpeg(salt: 1))
        let forgotten = try scene.add(.jpeg, SamplePhotos.jpeg(salt: 2))
        let fresh = try scene.add(.jpeg, SamplePhotos.jpeg(salt: 3))
        try scene.store.write { try $0.useAttachment(named.sha256, account: "00000001", action: ActionID(1)) }
        for one in [named, forgotten] { try scene.age(one.sha256, hours: 25) }
        let now = Instant.now.microseconds
        #expect(try scene.folder.sweep(now: now) == 1)
        #expect(scene.folder.find(forgotten.sha256) == nil)
        #expect(scene.folder.find(named.sha256) != nil && scene.folder.find(fresh.sha256) != nil)
        // As long as the last order that names it is no older.
        #expect(try scene.folder.sweep(now: now + 29 * 86_400_000_000) == 1)
        #expect(scene.folder.find(fresh.sha256) == nil && scene.folder.find(named.sha256) != nil)
        #expect(try scene.folder.sweep(now: now + 31 * 86_400_000_000) == 1)
        #expect(try scene.store.read { try $0.attachmentUses(of: named.sha256) } == [])
        #expect(scene.files == [])
    }

    /// What a process that died has left on its way goes after a day.
    @Test func whatWasLeftBehindGoes() throws {
        let scene = try Scene()
        let folder = scene.folder.settings.folder + "/incoming"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: folder + "/left", contents: Data([1])))
        let now = Instant.now.microseconds
        try scene.folder.sweep(now: now)
        #expect(scene.files == ["incoming/left"])
        try scene.folder.sweep(now: now + 90_000_000_000)
        #expect(scene.files == [])
    }

    @Test func onlyHashesAreLookedFor() throws {
        let scene = try Scene()
        let one = try scene.add(.jpeg, SamplePhotos.jpeg())
        let wrong = [
            "", "..", "../../hearth.db", one.sha256.uppercased(), one.sha256 + ".jpg", String(one.sha256.dropLast()),
            String(repeating: "/", count: 64), String(repeating: ".", count: 64), one.sha256 + "\0",
            "%2e%2e" + one.sha256.dropFirst(6),
        ]
        for text in wrong { #expect(scene.folder.find(text) == nil, "\(text)") }
        // A link in the folder's place of a file is none.
        let other = String(repeating: "a", count: 64)
        try FileManager.default.createDirectory(
            atPath: scene.folder.settings.folder + "/aa", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: scene.folder.settings.folder + "/aa/\(other).jpg", withDestinationPath: scene.path + "/hearth.db")
        #expect(scene.folder.find(other) == nil)
    }

    @Test func filesOfThisMachine() throws {
        let scene = try Scene()
        let file = scene.path + "/photo.dat"
        try Data(SamplePhotos.jpeg()).write(to: URL(fileURLWithPath: file))
        #expect(try scene.folder.add(path: file) == scene.add(.jpeg, SamplePhotos.jpeg()))
        #expect(code { _ = try scene.folder.add(path: scene.path) } == .attachmentCannotWrite)
        #expect(code { _ = try scene.folder.add(path: scene.path + "/none") } == .attachmentCannotWrite)
        #expect(mkfifo(scene.path + "/pipe", 0o600) == 0)
        #expect(code { _ = try scene.folder.add(path: scene.path + "/pipe") } == .attachmentCannotWrite)
        try Data("text".utf8).write(to: URL(fileURLWithPath: file))
        #expect(code { _ = try scene.folder.add(path: file) } == .attachmentNotAllowed)
    }

    /// A disk of one megabyte, where this user may make one.
    @Test func aFullDiskIsSaidAndLeavesNothing() throws {
        let disk = FileManager.default.temporaryDirectory.appendingPathComponent("disk-\(UUID())").path
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        defer { rmdir(disk) }
        guard mount("tmpfs", disk, "tmpfs", 0, "size=1m") == 0 else {
            // /dev/full takes nothing, for whoever is no superuser.
            let full = open("/dev/full", O_WRONLY)
            defer { close(full) }
            let scene = try Scene()
            #expect(code { try scene.folder.write([1, 2, 3], to: full) } == .attachmentFolderFull)
            return
        }
        defer { umount2(disk, 0) }
        let scene = try Scene(at: disk)
        let small = try scene.add(.jpeg, SamplePhotos.jpeg(padding: 300_000), pieces: 65_536)
        #expect(
            code { try scene.add(.jpeg, SamplePhotos.jpeg(salt: 9, padding: 900_000), pieces: 65_536) }
                == .attachmentFolderFull)
        #expect(scene.folder.find(small.sha256) != nil && scene.files.count == 1)
        // What fits still does.
        #expect(throws: Never.self) {
            try scene.add(.jpeg, SamplePhotos.jpeg(salt: 9, padding: 300_000), pieces: 65_536)
        }
    }
}
