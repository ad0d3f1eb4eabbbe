import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Backup

/// What keeps a backup from being made, or from being brought back, is told and leaves nothing.
@Suite struct BackupTests {
    private final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("backup-\(UUID().uuidString)").path
        init() throws {
            try FileManager.default.createDirectory(atPath: path + "/Config", withIntermediateDirectories: true)
            try Data("a".utf8).write(to: URL(fileURLWithPath: path + "/Config/hearth.yaml"))
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let at = Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480)
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func backup(_ more: [Backup.Part] = [], logs: [Backup.Part] = []) -> Backup {
        Backup(
            storePath: folder.path + "/hearth.db", archive: nil, logs: logs, outputs: folder.path + "/reconciliation",
            parts: [.init("Config", folder.path + "/Config")] + more, key: nil)
    }

    private func refusal(_ body: () throws -> Void) -> HearthError? {
        do { try body() } catch { return error as? HearthError }
        return nil
    }

    private func makeStore() throws { _ = try SQLiteStore(path: folder.path + "/hearth.db") }

    private var entries: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)) }
    }

    @Test func aStoreThatIsNotThereIsNotBackedUp() throws {
        let error = refusal { _ = try backup().write(to: folder.path + "/made", now: Self.at) }
        #expect(error?.code.name == "store.missing", "\(String(describing: error))")
        #expect(try entries == ["Config"])
    }

    /// A part that cannot be looked at is not one that is not there.
    @Test func whatCannotBeReadIsNotLeftOut() throws {
        try makeStore()
        let name = String(repeating: "n", count: 300)
        for (parts, logs) in [
            ([Backup.Part("part", folder.path + "/" + name)], []),
            ([], [Backup.Part("logs/0", folder.path + "/" + name)]),
        ] {
            let error = refusal { _ = try backup(parts, logs: logs).write(to: folder.path + "/made", now: Self.at) }
            #expect(error?.code.name == "backup.notReadable", "\(String(describing: error))")
        }
        #expect(try !entries.contains { $0.hasPrefix("made") })
        let manifest = try backup([.init("part", folder.path + "/none")]).write(to: folder.path + "/made", now: Self.at)
        #expect(manifest.files.map(\.name) == ["Config/hearth.yaml", "store.db"])
    }

    @Test func whatIsNoFileIsNamed() throws {
        try makeStore()
        #expect(mkfifo(folder.path + "/Config/pipe", 0o600) == 0)
        #expect(symlink("hearth.yaml", folder.path + "/Config/link") == 0)
        let manifest = try backup().write(to: folder.path + "/made", now: Self.at)
        #expect(manifest.leftOut == ["Config/link", "Config/pipe"])
    }

    @Test func aBackupWithinWhatItCopiesIsRefused() throws {
        try makeStore()
        #expect(symlink("Config", folder.path + "/alias") == 0)
        for place in ["Config/made", "Config/deep/made", "alias/made", "Config/../Config/made"] {
            let error = refusal { _ = try backup().write(to: "\(folder.path)/\(place)", now: Self.at) }
            #expect(error?.code.name == "backup.folderInUse", "\(place): \(String(describing: error))")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/Config") == ["hearth.yaml"])
        _ = try backup().write(to: folder.path + "/Config-made", now: Self.at)
    }

    @Test func aFolderWithinTheBackupIsRefused() throws {
        try makeStore()
        let made = folder.path + "/made"
        _ = try backup().write(to: made, now: Self.at)
        #expect(symlink("made", folder.path + "/alias") == 0)
        let before = try FileManager.default.subpathsOfDirectory(atPath: made).sorted()
        for place in ["made/inner", "made/Config/inner", "alias/inner", "made/../made/inner"] {
            let restore = try Restore(made, key: nil)
            let error = refusal { _ = try restore.write(into: "\(folder.path)/\(place)") }
            #expect(error?.code.name == "backup.folderInUse", "\(place): \(String(describing: error))")
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: made).sorted() == before)
        _ = try Restore(made, key: nil).write(into: folder.path + "/back")
        #expect(FileManager.default.fileExists(atPath: folder.path + "/back/hearth.db"))
    }

    @Test func aManifestThatSaysNothingSaysWhy() throws {
        try makeStore()
        let made = folder.path + "/made"
        _ = try backup().write(to: made, now: Self.at)
        try Data("{\"format\": 1}".utf8).write(to: URL(fileURLWithPath: made + "/manifest.json"))
        let error = try #require(refusal { _ = try Restore(made, key: nil) })
        #expect(error.code.name == "backup.damaged" && error.cause is DecodingError, "\(error)")
    }

    /// A store that goes away while its streams are held: that they stay held is told, beside why the copy came to nothing.
    @Test(.enabled(if: PostgresServer.isInstalled)) func streamsThatStayHeldAreTold() throws {
        let server = try PostgresServer()
        let store = try PostgresStore(conninfo: server.dsn)
        try store.write { _ = try $0.stream(named: "billing.charges", entity: .charge) }
        var told: [String] = []
        let error = refusal {
            try StreamsAtRest.hold(store, wait: .seconds(1), isCancelled: { false }, tell: { told.append($0) }) {
                server.stop()
            }
        }
        #expect(error?.code.area == "store", "\(String(describing: error))")
        #expect(told.count == 1 && told[0].contains("stay held"), "\(told)")
    }
}
