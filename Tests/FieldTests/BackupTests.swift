import Foundation
import HearthTesting
import TestTraits
import Testing

/// Backups of a company that is synced and asked meanwhile: what comes back is whole, and what is not whole is said.
@Suite(.waitsForServers) struct BackupTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "hearth-backup-\(UUID().uuidString)"
    )
    .path

    private func hearth(_ arguments: [String]) async throws -> Program.Ending {
        try await Program.run(arguments, environment: ["HEARTH_WORKSPACE": "hearth-demo"], directory: folder)
    }

    private func shell(_ script: String) async throws -> Program.Ending {
        try await Program.run(
            ["-c", script, Program.path], executable: "/bin/bash", environment: ["HEARTH_WORKSPACE": "hearth-demo"],
            directory: folder)
    }

    @Test func whatWasBackedUpComesBackWhole() async throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: folder) }
        let demo = try await hearth(["demo", "--accounts", "200", "--json"])
        try #require(demo.status == 0, "\(demo.errors)")

        for place in ["hearth-demo/reconciliation", "audit/january"] {
            #expect(try await hearth(["reconcile", "--out", place]).status == 1)
        }

        // Syncs and lookups go on while four backups are made, two of them encrypted.
        let meanwhile = try await shell(
            """
            trap 'touch stop' EXIT
            head -c 32 /dev/urandom >key
            (while [ ! -e stop ]; do
                "$0" sync billing --full --json >sync.out 2>sync.err; status=$?
                if [ $status -lt 2 ]; then echo "sync: whole" >>syncs
                elif grep -q "run.locked" sync.out sync.err; then echo "sync: held" >>syncs
                else echo "sync: failed $status" >>syncs; cat sync.out sync.err >>syncs; fi
                sleep 0.3
            done) & syncs=$!
            (while [ ! -e stop ]; do "$0" account 01000003 >/dev/null 2>>lookups || echo "lookup: $?" >>lookups; sleep 0.1; done) & lookups=$!
            for number in 1 2 3 4; do
                [ $((number % 2)) = 0 ] && with="--key-file key" || with=
                "$0" backup "backup-$number" $with || exit 10
                "$0" restore "backup-$number" --check $with || exit 11
                "$0" restore "backup-$number" "restored-$number" $with || exit 12
                HEARTH_STORE="$PWD/restored-$number/hearth.db" "$0" --workspace "restored-$number" account 01000003 >/dev/null || exit 13
            done
            touch stop; wait $syncs $lookups; cat lookups syncs
            """)
        #expect(meanwhile.status == 0, "\(meanwhile.output) \(meanwhile.errors)")
        #expect(!meanwhile.output.contains("lookup:"), "\(meanwhile.output)")
        // While a backup is made a sync is told so, and nothing else goes wrong with it.
        #expect(!meanwhile.output.contains("sync: failed"), "\(meanwhile.output)")
        #expect(meanwhile.output.contains("sync: whole"), "\(meanwhile.output)")
        #expect(meanwhile.output.split(separator: "\n").count { $0.contains("restored and verified") } == 4)

        // The documents of a restored store are those of the store, and of the same rows.
        let last = try await hearth(["backup", "last", "--key-file", "key", "--json"])
        #expect(
            last.status == 0 && last.output.replacing(" ", with: "").contains("\"encrypted\":true"),
            "\(last.output) \(last.errors)")
        #expect(try await hearth(["restore", "last", "back", "--key-file", "key"]).status == 0)
        for question in [
            ["account", "01000003", "--json"], ["explain", "01000003", "--on", "2026-01-20", "--json"],
            ["runs", "--json"],
        ] {
            let here = try await hearth(question)
            // Where the configuration is copied its paths still lead to the first company: the store is named.
            let there = try await Program.run(
                question + ["--workspace", "back"],
                environment: ["HEARTH_STORE": folder + "/back/hearth.db", "HEARTH_ARCHIVE": folder + "/back/archive"],
                directory: folder)
            #expect(here.status == 0 && here.output == there.output, "\(question): \(there.errors)")
        }
        // What reconciliations wrote is in it, and vouched for, whatever becomes of where it was written.
        try files.removeItem(atPath: folder + "/audit")
        let vouched = try await Program.run(
            ["audit", "verify", "--json", "--workspace", "back"],
            environment: ["HEARTH_STORE": folder + "/back/hearth.db", "HEARTH_ARCHIVE": folder + "/back/archive"],
            directory: folder)
        #expect(
            vouched.status == 0 && vouched.output.replacing(" ", with: "").contains("\"manifests\":2"),
            "\(vouched.output) \(vouched.errors)")
        // Passwords are in encrypted backups alone.
        #expect(!files.fileExists(atPath: folder + "/backup-1/environment"))
        #expect(files.fileExists(atPath: folder + "/back/environment.restored"))
        #expect(!files.fileExists(atPath: folder + "/back/environment"))
        #expect(files.fileExists(atPath: folder + "/backup-2/environment"))
        let sealed = files.contents(atPath: folder + "/backup-2/environment") ?? Data()
        #expect(sealed.range(of: Data("PASSWORD".utf8)) == nil)

        try await expectRefusals()
        try await expectDamageIsFound()
        try await expectNothingIsLeft()
    }

    private func expectRefusals() async throws {
        for (arguments, status, words): ([String], Int32, String) in [
            (["backup", "last"], 2, "backup.folderInUse"),
            (["backup", "new", "--key-file", "none"], 2, "backup.badKey"),
            (["restore", "last", "--check"], 2, "backup.badKey"),
            (["restore", "hearth-demo", "--check"], 2, "backup.notOne"),
            (["restore", "backup-1", "back"], 2, "backup.folderInUse"), (["restore", "backup-1"], 3, "--check"),
            (["restore", "last", "--check", "--key-file", "hearth-demo/hearth.db"], 2, "backup."),
        ] {
            let ending = try await hearth(arguments)
            #expect(ending.status == status && ending.errors.contains(words), "\(arguments): \(ending.errors)")
        }
    }

    /// A bit in any file, a file that is gone, a manifest of other files.
    private func expectDamageIsFound() async throws {
        var random = SeededGenerator(seed: 3)
        for backup in ["backup-1", "backup-2"] {
            let with = backup == "backup-2" ? ["--key-file", "key"] : []
            let names =
                FileManager.default.enumerator(atPath: "\(folder)/\(backup)")?.compactMap { $0 as? String } ?? []
            let candidates = names.filter { name in
                let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(backup)/\(name)")
                return attributes?[.type] as? FileAttributeType == .typeRegular && (attributes?[.size] as? Int ?? 0) > 0
            }.sorted()
            for round in 0..<6 {
                let name = round == 0 ? "store.db" : try #require(candidates.randomElement(using: &random))
                let url = URL(fileURLWithPath: "\(folder)/\(backup)/\(name)")
                let whole = try Data(contentsOf: url)
                var changed = whole
                if round == 1 {
                    try FileManager.default.removeItem(at: url)
                } else {
                    let place = Int.random(in: 0..<changed.count, using: &random)
                    changed[place] ^= 0x20
                    try changed.write(to: url)
                }
                let ending = try await hearth(["restore", backup, "damaged"] + with)
                let isTold = ending.errors.contains("backup.damaged") || ending.errors.contains("backup.notOne")
                #expect(
                    ending.status == 2 && isTold,
                    "\(backup)/\(name): \(ending.status) \(ending.output) \(ending.errors)")
                for left in ["damaged", "damaged.part"] {
                    #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(left)"), "\(name)")
                }
                try whole.write(to: url)
            }
        }
        let manifest = URL(fileURLWithPath: "\(folder)/backup-1/manifest.json")
        let own = try Data(contentsOf: manifest)
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/backup-3/manifest.json")).write(to: manifest)
        let ending = try await hearth(["restore", "backup-1", "damaged"])
        #expect(ending.status == 2 && ending.errors.contains("backup.damaged"), "\(ending.output) \(ending.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/damaged"))
        try own.write(to: manifest)
        #expect(try await hearth(["restore", "backup-1", "--check"]).status == 0)
    }

    /// A backup that is killed, at whatever moment, is none; the next one of its name is whole. A full disk is told, and leaves nothing.
    private func expectNothingIsLeft() async throws {
        let killed = try await shell(
            """
            landed=0
            for delay in 0.02 0.05 0.1 0.15 0.2 0.3; do
                "$0" backup killed & backup=$!
                sleep $delay; kill -9 $backup 2>/dev/null; wait $backup 2>/dev/null
                [ $? -eq 137 ] && landed=$((landed + 1))
                if [ -e killed ]; then "$0" restore killed --check || exit 20; rm -r killed; fi
                "$0" sync billing >/dev/null || exit 21
            done
            [ $landed -gt 0 ] || exit 25
            "$0" backup killed && "$0" restore killed --check || exit 22
            ulimit -f 100; "$0" backup full; status=$?; [ -e full ] && exit 23; [ -e full.part ] && exit 24; exit $status
            """)
        // The bound is one of the store's own log, too.
        let isTold = killed.errors.contains("backup.notWritable") || killed.errors.contains("store.failed")
        #expect(killed.status == 2 && isTold, "\(killed.output) \(killed.errors)")
    }
}
