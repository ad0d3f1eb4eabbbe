import Audit
import Evidence
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing

@testable import Backup

/// What reconciliations wrote comes back with the store whose chain vouches for it.
@Suite struct OutputTests {
    /// A company with a reconciliation in its own folder, one in a folder within that, one elsewhere, and one that no chain knows.
    private final class Company: Sendable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("outputs-\(UUID().uuidString)")
            .standardizedFileURL.path
        let store: SQLiteStore
        var own: String { path + "/reconciliation" }
        var elsewhere: String { path + "/audit/2026-01" }

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            store = try SQLiteStore(path: path + "/hearth.db")
            for (place, text) in [(own, "own"), (own + "/january", "january"), (elsewhere, "elsewhere")] {
                try reconcile(text, into: place)
            }
            try reconcile("no chain", into: own + "/past", isNoted: false)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func reconcile(_ text: String, into place: String, isNoted: Bool = true) throws {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: place + "/findings.csv"))
            let digest = Digest.sha256(Array(text.utf8))
            let manifest = Array(#"{"files":[{"name":"findings.csv","sha256":"\#(digest)"}]}"#.utf8)
            try Data(manifest).write(to: URL(fileURLWithPath: place + "/manifest.json"))
            if isNoted { try store.write { _ = try AuditTrail.note(manifest: manifest, name: place, in: $0) } }
        }

        /// - Parameter workspace: a restored one, which is backed up itself.
        func backUp(_ name: String, key: BackupKey? = nil, workspace: String? = nil, told: (String) -> Void = { _ in })
            throws -> BackupManifest
        {
            try withoutActuallyEscaping(told) { told in
                let folder = workspace ?? path
                return try Backup(
                    storePath: folder + "/hearth.db", archive: nil, logs: [], outputs: folder + "/reconciliation",
                    restored: RestoredOutputs(folder + "/reconciliation"), parts: [], key: key, tell: told
                ).write(to: "\(path)/\(name)", now: Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480))
            }
        }

        func restore(_ name: String, as target: String, key: BackupKey? = nil) throws -> AuditVerification.Result {
            try Restore("\(path)/\(name)", key: key).write(into: "\(path)/\(target)")
        }

        /// As `hearth audit verify` in a workspace.
        func verify(_ workspace: String) throws -> AuditVerification.Result {
            var verification = try AuditVerification(
                store: SQLiteStore(path: workspace + "/hearth.db", mustExist: true), archive: nil,
                outputs: RestoredOutputs(workspace + "/reconciliation"))
            return try verification.run()
        }

        func remove(_ places: String...) throws {
            for place in places { try FileManager.default.removeItem(atPath: place) }
        }
    }

    private let company: Company

    init() throws { company = try Company() }

    @Test(arguments: [true, false]) func comesBackAndIsCounted(isEncrypted: Bool) throws {
        let key = isEncrypted ? BackupKey(Array(repeating: 7, count: 32)) : nil
        let manifest = try company.backUp("made", key: key)
        let names = ["", "elsewhere-1/", "january/", "past/"].flatMap { ["\($0)findings.csv", "\($0)manifest.json"] }
        #expect(
            manifest.files.map(\.name)
                == (names + ["restored.json"]).map { "reconciliation/\($0)" }.sorted() + ["store.db"])
        let kept = FileManager.default.contents(atPath: company.path + "/made/reconciliation/findings.csv")
        #expect((kept == Data("own".utf8)) != isEncrypted)
        // What has been written since is not what the backup is held against.
        try company.reconcile("later", into: company.own)
        try company.remove(company.elsewhere)
        let result = try company.restore("made", as: "back", key: key)
        #expect(result.problem == nil && result.manifests == 3 && result.manifestsElsewhere == [], "\(result)")
        let again = try company.verify(company.path + "/back")
        #expect(again.problem == nil && again.manifests == 3, "\(again)")
        let found = FileManager.default.contents(atPath: company.path + "/back/reconciliation/elsewhere-1/findings.csv")
        #expect(found == Data("elsewhere".utf8))
        // A restored workspace is backed up as any other is.
        let second = try company.backUp("second", workspace: company.path + "/back")
        #expect(second.files.map(\.name) == manifest.files.map(\.name))
        try company.remove(company.path + "/back")
        #expect(try company.restore("second", as: "back").manifests == 3)
    }

    /// Put in the old one's place, a restored workspace reconciles on.
    @Test func aReconciliationAfterTheRestoreIsTheOneThatCounts() throws {
        _ = try company.backUp("made")
        _ = try company.restore("made", as: "back")
        let back = company.path + "/back"
        let store = try SQLiteStore(path: back + "/hearth.db", mustExist: true)
        try company.reconcile("later", into: company.elsewhere)
        let manifest = FileManager.default.contents(atPath: company.elsewhere + "/manifest.json") ?? Data()
        try store.write { _ = try AuditTrail.note(manifest: Array(manifest), name: company.elsewhere, in: $0) }
        let result = try company.verify(back)
        #expect(result.problem == nil && result.manifests == 3, "\(result)")
    }

    @Test func whatWasAlteredBeforeIsToldThenAndAfter() throws {
        try Data("other".utf8).write(to: URL(fileURLWithPath: company.elsewhere + "/findings.csv"))
        var told: [String] = []
        _ = try company.backUp("made") { told.append($0) }
        #expect(told.count == 1 && told[0].contains(company.elsewhere), "\(told)")
        let problem = try company.restore("made", as: "back").problem
        #expect(problem?.kind == .altered && problem?.place.hasSuffix("elsewhere-1/findings.csv") == true)
    }

    /// A backup of before reconciliations were a part of it.
    @Test func anOlderBackupComesBackWithoutThem() throws {
        let manifest = try company.backUp("made")
        var older = manifest
        older.files.removeAll { $0.name.hasPrefix("reconciliation/") }
        try JSONEncoder().encode(older).write(to: URL(fileURLWithPath: company.path + "/made/manifest.json"))
        try company.remove(company.path + "/made/reconciliation")
        let result = try company.restore("made", as: "back")
        #expect(result.problem == nil && result.manifests == 0 && result.manifestsElsewhere.count == 3, "\(result)")
    }
}
