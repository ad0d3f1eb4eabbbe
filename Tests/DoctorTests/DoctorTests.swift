import Doctor
import Foundation
import HeatModel
import Records
import Testing

@Suite struct VolumeTests {
    private let gigabyte: UInt64 = 1 << 30

    private func room(
        free: UInt64, of bytes: UInt64, files: UInt64 = 1000, freeFiles: UInt64 = 900, _ device: UInt64 = 1
    )
        -> Volumes.Room
    {
        Volumes.Room(bytes: bytes, freeBytes: free, files: files, freeFiles: freeFiles, device: device)
    }

    private func verdict(_ room: Volumes.Room, needed: UInt64 = 0) -> CheckFinding.Verdict? {
        Volumes.findings([("store", "/s")], needed: needed, needing: "store") { _ in room }.first?.verdict
    }

    @Test func roomIsJudged() {
        #expect(verdict(room(free: 50 * gigabyte, of: 100 * gigabyte)) == .ok)
        #expect(verdict(room(free: 9 * gigabyte, of: 100 * gigabyte)) == .warning)
        #expect(verdict(room(free: 255 << 20, of: 1 << 30)) == .failed)
        #expect(verdict(room(free: 256 << 20, of: 1 << 30)) == .ok)
        #expect(verdict(room(free: 9 * gigabyte, of: 1000 * gigabyte)) == .failed)
        // A store that could not be copied beside itself.
        #expect(verdict(room(free: 50 * gigabyte, of: 100 * gigabyte), needed: 51 * gigabyte) == .warning)
        #expect(verdict(room(free: 50 * gigabyte, of: 100 * gigabyte), needed: 50 * gigabyte) == .ok)
        #expect(verdict(room(free: 50 * gigabyte, of: 100 * gigabyte, freeFiles: 0)) == .failed)
        #expect(verdict(room(free: 50 * gigabyte, of: 100 * gigabyte, freeFiles: 9)) == .warning)
        // File systems that count no inodes, and one that says nothing of its size.
        #expect(verdict(room(free: 50 * gigabyte, of: 100 * gigabyte, files: 0, freeFiles: 0)) == .ok)
        #expect(verdict(room(free: 0, of: 0)) == .failed)
    }

    @Test func whatLiesTogetherIsToldOnce() {
        let found = Volumes.findings(
            [("store", "/a"), ("logs", "/b"), ("backups", "/c"), ("archive", "/gone")], needed: 60 * gigabyte,
            needing: "store"
        ) {
            switch $0 {
            case "/a", "/b": room(free: 50 * gigabyte, of: 100 * gigabyte)
            case "/c": room(free: 50 * gigabyte, of: 100 * gigabyte, 2)
            default: nil
            }
        }
        #expect(found.map(\.subject) == ["volume of archive", "volume of store, logs", "volume of backups"])
        // What the store needs is needed where it lies.
        #expect(found.map(\.verdict) == [.failed, .warning, .ok])
    }

    @Test func theMachineIsAsked() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let here = try #require(Volumes.Room(of: folder))
        #expect(here.bytes > 0 && here.freeBytes <= here.bytes)
        // What is still to be made lies where its folder does.
        #expect(Volumes.Room(of: folder + "/not/there/yet")?.device == here.device)
        #expect(Volumes.Room(of: "/")?.bytes ?? 0 > 0)
        #expect(Volumes.Room(of: "") == nil)
        #expect(Machine.findings().map(\.subject) == ["memory", "open files", "clock"])
    }
}

@Suite struct MachineTests {
    private func folder(_ files: [String: String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("doctor-\(UUID().uuidString)").path
        for (name, text) in files {
            let url = URL(fileURLWithPath: folder + name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return folder
    }

    private func memory(_ files: [String: String]) throws -> CheckFinding {
        let root = try folder(files)
        defer { try? FileManager.default.removeItem(atPath: root) }
        return Machine.memory(root: root)
    }

    @Test func memoryIsThatOfTheTighterBound() throws {
        let machine = ["/proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable:    4194304 kB\nSwapTotal: 0 kB\n"]
        #expect(try memory(machine).detail == "4096 MB of the machine left")
        func group(_ most: String, _ used: String) throws -> CheckFinding {
            try memory(
                machine.merging(["/sys/fs/cgroup/memory.max": most, "/sys/fs/cgroup/memory.current": used]) { $1 })
        }
        #expect(try group("1073741824\n", "536870912\n").detail == "512 MB of the control group left")
        #expect(try group("1073741824\n", "905969664\n").verdict == .warning)
        #expect(try group("1073741824\n", "2073741824\n").detail == "0 MB of the control group left")
        #expect(try group("max\n", "905969664\n").detail == "4096 MB of the machine left")
        #expect(
            try memory(
                machine.merging([
                    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824",
                    "/sys/fs/cgroup/memory/memory.usage_in_bytes": "536870912",
                ]) { $1 }
            ).detail == "512 MB of the control group left")
        #expect(try memory(["/proc/none": ""]).verdict == .warning)
    }

    @Test func limitsAndClock() {
        #expect(Machine.openFiles(255).verdict == .failed)
        #expect(Machine.openFiles(1023).verdict == .warning)
        #expect(Machine.openFiles(1024).verdict == .ok)
        #expect(Machine.clock(.kept).verdict == .ok)
        #expect(Machine.clock(.notKept).verdict == .warning)
        #expect(Machine.clock(.unknown).verdict == .ok)
    }
}

@Suite struct FileRightTests {
    @Test func modesAreJudged() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("doctor-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileRights.closed("secret", path) == nil)
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        for (mode, verdict) in [
            (0o600, CheckFinding.Verdict.ok), (0o400, .ok), (0o640, .warning), (0o604, .warning), (0o660, .failed),
            (0o622, .failed),
        ] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let finding = try #require(FileRights.closed("secret", path))
            #expect(finding.verdict == verdict, "\(String(mode, radix: 8))")
            #expect(finding.detail.contains("0" + String(mode, radix: 8)) && !finding.detail.contains("x\n"))
        }
    }

    @Test func foldersMustBeWritable() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("doctor-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(FileRights.writable("archive", folder).verdict == .ok)
        #expect(FileRights.writable("archive", folder + "/new/one").verdict == .ok)
        // A file where a folder is wanted.
        try Data().write(to: URL(fileURLWithPath: folder + "/file"))
        #expect(FileRights.writable("archive", folder + "/file").verdict == .failed)
        #expect(FileRights.writable("archive", folder + "/file/in").verdict == .failed)
    }
}

@Suite struct EndTests {
    private let now = Instant("2026-01-20T08:00:00+08:00")!
    private func after(days: Int64, seconds: Int64 = 0) -> Instant {
        Instant(microseconds: now.microseconds + (days * 86_400 + seconds) * 1_000_000, offsetMinutes: 480)
    }

    @Test func certificatesEnd() {
        func verdict(_ from: Int64, _ until: Int64) -> CheckFinding.Verdict {
            let second = now.microseconds / 1_000_000
            return Ends.certificate("c.pem", from: second + from, until: second + until, now: now).verdict
        }
        let day: Int64 = 86_400
        #expect(verdict(-day, 30 * day) == .ok)
        #expect(verdict(-day, 30 * day - 1) == .warning)
        #expect(verdict(-day, 1) == .warning)
        #expect(verdict(-day, 0) == .failed)
        #expect(verdict(1, 90 * day) == .failed)
        #expect(verdict(0, 90 * day) == .ok)
        #expect(
            Ends.certificate("c.pem", of: "billing", from: 0, until: 1, now: now).subject == "certificate of billing")
        #expect(
            Ends.certificate("c.pem", from: 0, until: now.microseconds / 1_000_000 + day, now: now).detail
                == "c.pem holds until 2026-01-21T08:00:00+08:00")
    }

    @Test func tokensEnd() {
        func found(_ ends: [Instant?], hasProvider: Bool = false) -> [CheckFinding.Verdict] {
            Ends.tokens(
                ends.enumerated().map { .init(id: "\($0.offset)", name: "n", endsAt: $0.element) },
                hasProvider: hasProvider,
                now: now
            ).map(\.verdict)
        }
        #expect(found([]) == [.warning])
        #expect(found([], hasProvider: true) == [.ok])
        #expect(found([now, after(days: -3)]) == [.warning])
        #expect(found([nil, after(days: 14)]) == [.ok])
        #expect(found([nil, after(days: 13), after(days: 1), after(days: -1)]) == [.warning, .warning])
    }

    @Test func backupsAreOld() {
        let why = HearthError(
            .init("backup.notOne"), "the folder holds no whole backup", at: .address("/b/half"), advice: "look")
        func found(_ whole: [Instant], _ broken: [String] = []) -> [CheckFinding.Verdict] {
            Ends.backups("/b", whole: whole, broken: broken.map { ($0, why) }, now: now).map(\.verdict)
        }
        #expect(found([]) == [.failed])
        #expect(found([after(days: -9), after(days: -2)]) == [.ok])
        #expect(found([after(days: -9), after(days: -2, seconds: -1)]) == [.warning])
        #expect(found([after(days: -1)], ["half"]) == [.warning, .ok])
        // Why it is none is told.
        let told = Ends.backups("/b", whole: [after(days: -1)], broken: [("half", why)], now: now)[0]
        #expect(told.detail == "/b/half: the folder holds no whole backup [backup.notOne]" && told.advice != nil)
    }

    @Test func aClockThatWentBackIsTold() {
        #expect(Ends.newestRun(nil, now: now) == nil)
        #expect(Ends.newestRun(after(days: 0, seconds: 60), now: now) == nil)
        #expect(Ends.newestRun(after(days: 0, seconds: 61), now: now)?.verdict == .failed)
    }
}
