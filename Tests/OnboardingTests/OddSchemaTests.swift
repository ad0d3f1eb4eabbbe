import Foundation
import HearthTesting
import HeatModel
import Records
import Setup
import Testing
import Yams

@testable import Mapping
@testable import Onboarding

/// Tables as nobody would make them, and places where nothing lies.
@Suite(.serialized) struct OddSchemaTests {
    private static let tables = """
        import sqlite3, sys
        db = sqlite3.connect(sys.argv[1])
        def make(name, columns, rows):
            quote = lambda text: '"' + text.replace('"', '""') + '"'
            db.execute("CREATE TABLE %s (%s)" % (quote(name), ", ".join(quote(c) for c in columns)))
            db.executemany("INSERT INTO %s VALUES (%s)" % (quote(name), ",".join("?" * len(columns))), rows)
        make("empty", ["户号", "应收金额", "采暖期"], [])
        make("nothing", ["户号", "应收金额", "采暖期"], [(None, "", "-")] * 30)
        make("wide", ["户号", "户主姓名", "建筑面积", "联系电话"] + ["c%03d" % i for i in range(296)],
             [["%08d" % (20010000 + r), "张伟", "%d.50" % (60 + r), "1380013%04d" % r] + [str(r * i % 7) for i in range(296)] for r in range(60)])
        make("keyless", ["户号", "采暖期", "缴费时间", "缴费金额"], [("%08d" % (20010000 + r % 5), "2025-2026", "2025-11-0%d 10:00:00" % (r % 5 + 1), "100.50") for r in range(40)])
        make("scripts", ["户号 No.", "Имя: владельца", "户主\\nname", "面积\\t(㎡) # net", "a\\"b'c", "{x}: [y]", "电话\\u0085TEL", "\\u202e倒", "no", "🏠", "е", "ⅠⅡ", "- key", "\\x7f\\x9f"],
             [["%08d" % (20010000 + r)] + ["v: #%d" % r] * 13 for r in range(40)])
        db.commit()
        """

    private func withTables(_ body: (String) async throws -> Void) async throws {
        try await Support.withFolder { folder in
            _ = try await Support.output(
                ["-c", Self.tables, folder + "/odd.sqlite"], executable: "/usr/bin/python3")
            try await body(folder)
        }
    }

    @Test func tablesOfAllSortsEndInMappingsOrAReason() async throws {
        try await withTables { folder in
            let names = ["empty", "keyless", "nothing", "scripts", "wide"]
            let text =
                "  odd:\n    sql: {driver: sqlite, path: \(folder)/odd.sqlite}\n    streams: {"
                + names.map { "\($0): {table: \($0)}" }.joined(separator: ", ") + "}\n"
            let set = try TemporaryConfiguration.with(text) { configuration in
                let taken = SourceSampler(configuration).run()
                #expect(taken.failures.isEmpty, "\(taken.failures)")
                return Suggester(taken.samples).suggest()
            }
            func suggestion(_ name: String) -> Suggestion? { set.suggestions.first { $0.stream.stream == name } }
            func why(_ name: String) -> String? { set.unread.first { $0.stream.stream == name }?.why }
            #expect(why("empty") == "no rows came: nothing can be told")
            // Names alone say something of a column without a value, and nothing for sure.
            #expect(suggestion("nothing")?.fields.allSatisfy { $0.confidence != .sure } ?? true)
            let wide = try #require(suggestion("wide"))
            #expect(wide.entity == .premises && wide.unmapped.count == 296, "\(wide.unmapped.count)")
            let keyless = try #require(suggestion("keyless"))
            #expect(keyless.entity == .payment && keyless.text.contains("NOT unique in the sample"), "\(keyless.text)")
            // Each is a mapping as it stands, whatever its columns are called.
            for each in set.suggestions {
                let path = "\(folder)/\(each.stream).yaml"
                try each.text.write(toFile: path, atomically: true, encoding: .utf8)
                #expect(throws: Never.self, "\(each.text)") { try MappingFile.load(path: path) }
                #expect(!each.text.contains("would go to quarantine"), "\(each.text)")
            }
            #expect(set.suggestions.count + set.unread.count == names.count)
        }
    }

    /// A column's name comes back from the YAML that it is written into.
    @Test func anyNameSurvivesYAML() throws {
        for name in [
            "", "no", "a: b # c", "\"", "\\", "\u{85}", "\u{202E}倒", "\u{7F}\u{9F}\u{FEFF}", "🏠", "- x", "Ⅱ", "1e5",
            "\t", "null",
        ] {
            let node = try Yams.compose(yaml: "{column: \(YAMLText.plain(name))}  # \(YAMLText.oneLine(name))")
            let scalar = try #require(node?["column"]?.scalar, "\(name.debugDescription)")
            let read = scalar.string
            #expect(read == name, "\(name.debugDescription) became \(read.debugDescription)")
        }
    }

    // MARK: The commands

    private func expectTold(
        _ arguments: [String], _ code: String, in folder: String, status: Int32, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let ending = try await Program.run(arguments, environment: environment, directory: folder)
        #expect(
            !ending.isSignalled && ending.status == status && ending.errors.contains(code), "\(ending.errors)",
            sourceLocation: sourceLocation)
        // What to do next is said, too.
        #expect(ending.errors.contains(" — "), "\(ending.errors)", sourceLocation: sourceLocation)
    }

    @Test func placesWithNothingSayWhatToDo() async throws {
        try await Support.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/hollow", withIntermediateDirectories: true)
            try "just words\n".write(toFile: folder + "/note.txt", atomically: true, encoding: .utf8)
            try FileManager.default.createDirectory(atPath: folder + "/words", withIntermediateDirectories: true)
            try "just words\n".write(toFile: folder + "/words/note.txt", atomically: true, encoding: .utf8)
            try Data([0, 1, 2, 255]).write(to: URL(fileURLWithPath: folder + "/words/blob.bin"))
            try Data("SQLite format 3\0broken".utf8).write(to: URL(fileURLWithPath: folder + "/broken.sqlite"))
            for (place, code, status) in [
                ("hollow", "source.nothingFound", Int32(2)), ("words", "source.nothingFound", 2),
                ("broken.sqlite", "source.nothingFound", 2), ("note.txt", "usage.unknownAddress", 3),
                ("nowhere", "usage.unknownAddress", 3), ("postgres://", "usage.unknownAddress", 3),
                ("ftp://127.0.0.1/drops", "usage.unknownAddress", 3),
                ("http://127.0.0.1:1/ws?wsdl", "source.unreachable", 2),
                ("postgres://reader:s3cret@127.0.0.1:1/billing", "source.unreachable", 2),
            ] {
                try await expectTold(["init", "new", "--from", place], code, in: folder, status: status)
                #expect(!FileManager.default.fileExists(atPath: folder + "/new"), "\(place)")
            }
        }
    }

    /// One place that answers and one that does not: what was found is written, what was not is told.
    @Test func oneDeadPlaceOfTwoIsTold() async throws {
        try await withTables { folder in
            let made = try await Program.run(
                ["init", "new", "--from", "odd.sqlite", "--from", "http://user:s3cret@127.0.0.1:1/ws?wsdl"],
                environment: [:], directory: folder)
            #expect(made.status == 2 && made.output.contains("source.unreachable"), "\(made.output)\(made.errors)")
            #expect(!(made.output + made.errors).contains("s3cret"))
            let checked = try await Program.run(["check"], environment: [:], directory: folder + "/new")
            #expect(!checked.isSignalled && checked.status < 3, "\(checked.output)\(checked.errors)")
        }
    }
}
