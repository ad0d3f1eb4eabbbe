import Foundation
import Glibc
import HearthTesting
import TestTraits
import Testing

/// Folders into which files are dropped, as they really look.
@Suite(.waitsForServers) struct DropTests {
    private static let people: [String: String] = [
        "unified": "facts:\n  holder.name: {from: [p.f]}\n  area.building: {from: [p.f]}\nlists: {}\n",
        "p.f": """
        entity: account
        from: p.f
        key: [id]
        account: {column: id, as: accountNumber, introduces: true}
        fields:
          holder.name: {column: name, as: text}
          area.building: {column: area, as: decimal(3), unit: m2}

        """,
    ]

    /// - Parameter options: what the stream says beside its pattern and key.
    private func site(_ options: String = "semantics: snapshot", pattern: String = "*.csv") throws -> FieldSite {
        try FieldSite(
            sources: """
                  p:
                    csv: {folder: ../in}
                    streams: {f: {pattern: "\(pattern)", key: [id], \(options)}}

                """, mappings: Self.people)
    }

    private static func sheet(_ area: Int, people: Int = 3) -> String {
        "id,name,area\n" + (1...people).map { "0000000\($0),用户\($0),\(area)\n" }.joined()
    }

    // MARK: Which file is the newer one

    static let names = [
        ["yh_9.csv", "yh_10.csv"], ["用户2025年9月.csv", "用户2025年10月.csv"], ["d 2.csv", "d 11.csv", "d 100.csv"],
        ["2025-11-30.csv", "2025-12-01.csv"],
    ]

    @Test(arguments: names) func snapshotsAreReadInTheOrderOfTheirNumbers(_ names: [String]) async throws {
        let site = try site()
        for (index, name) in names.enumerated().reversed() { try site.drop(name, text: Self.sheet(80 + index)) }
        let sync = try await site.sync().ending
        #expect(sync.status == 0, "\(sync.errors)")
        let newest = "\(80 + names.count - 1).000"
        let area = try await site.facts("00000002")["area_building"]
        #expect(area == newest)
    }

    /// A snapshot that comes late is older than what is held: it does not overwrite it in silence.
    @Test(arguments: names) func anOlderSnapshotThatComesLate(_ names: [String]) async throws {
        let site = try site()
        try site.drop(names.last ?? "", text: Self.sheet(99))
        #expect(try await site.sync().ending.status == 0)
        try site.drop(names[0], text: Self.sheet(80))
        _ = try await site.sync()
        let area = try await site.facts("00000002")["area_building"]
        #expect(area == "99.000")
    }

    // MARK: Names

    /// `户.csv`, `收费.csv` and `a b é.csv` in encodings of other systems.
    static let encodedNames: [[UInt8]] = [
        [0xBB, 0xA7] + Array(".csv".utf8), [0xCA, 0xD5, 0xB7, 0xD1] + Array(".csv".utf8),
        Array("a b ".utf8) + [0xE9] + Array(".csv".utf8),
    ]

    @Test(arguments: encodedNames) func aNameThatIsNotUTF8(_ name: [UInt8]) async throws {
        let site = try site()
        let path = Array((site.folder + "/in/").utf8) + name + [0]
        let descriptor = path.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
            open($0.baseAddress!, O_CREAT | O_WRONLY, 0o644)
        }
        #expect(descriptor >= 0)
        let bytes = Array(Self.sheet(80).utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        let sync = try await site.sync()
        #expect(
            sync.ending.status == 0 && sync.counts["p.f"]?["new"] == 3, "\(sync.ending.output) \(sync.ending.errors)")
    }

    @Test(arguments: ["YH_2.CSV", "yh_2.CSV", "Yh_2.csv"]) func aNameInOtherLettersIsTold(_ name: String) async throws {
        let site = try site(pattern: "yh_*.csv")
        try site.drop("yh_1.csv", text: Self.sheet(80))
        try site.drop(name, text: Self.sheet(90))
        let check = try await site.hearth("check")
        #expect(check.output.contains(name), "\(check.output)")
    }

    // MARK: Content

    @Test(arguments: [1, 3, 9]) func aSnapshotOfNothing(_ people: Int) async throws {
        let site = try site()
        try site.drop("a1.csv", text: Self.sheet(80, people: people))
        #expect(try await site.sync().ending.status == 0)
        try site.drop("a2.csv", "id,name,area")
        let sync = try await site.sync()
        #expect(sync.ending.status == 2, "\(sync.ending.output)")
        for person in 1...people {
            let area = try await site.facts("0000000\(person)")["area_building"]
            #expect(area == "80.000")
        }
        // Whoever knows better may say so.
        #expect(try await site.hearth("sync", "--allow-deletes").status == 0)
        #expect(try await site.facts("00000001")["area_building"] == nil)
    }

    struct Swallowed: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rows: [String]
        /// Accounts that stand in good rows.
        var good: [String]
    }

    static let swallowed = [
        Swallowed(
            testDescription: "partner three lines later",
            rows: [
                "00000001,Li,80", "00000002,\"Wang,80", "00000003,Zhao,80", "00000004,Qian\",80", "00000005,Sun,80",
            ],
            good: ["00000001", "00000005"]),
        Swallowed(
            testDescription: "partner at a line's end",
            rows: ["00000001,Li,80", "00000002,\"王,80", "00000003,赵,80", "00000004,钱,80\"", "00000005,孙,80"],
            good: ["00000001", "00000005"]),
        Swallowed(
            testDescription: "partner in the next line",
            rows: ["00000001,Li,80", "00000002,\"Wang,80", "00000003,Zhao\",80", "00000004,Qian,80"],
            good: ["00000001", "00000004"]),
    ]

    @Test(arguments: swallowed) func aStrayQuoteThatFindsAPartner(_ it: Swallowed) async throws {
        let site = try site("semantics: delta")
        try site.drop("a.csv", text: (["id,name,area"] + it.rows).map { $0 + "\n" }.joined())
        let sync = try await site.sync()
        #expect(sync.ending.status != 0, "\(sync.ending.output)")
        let entries = try await site.quarantine()
        #expect(sync.ending.status == 2 || entries.contains { $0.place.contains("a.csv:3") }, "\(entries)")
        if sync.ending.status == 1 {
            for number in it.good {
                let area = try await site.facts(number)["area_building"]
                #expect(area == "80.000", "\(number)")
            }
        }
    }

    @Test(arguments: ["小学", "中学", "一"]) func aShortFileThatIsValidInTwoEncodings(_ name: String) async throws {
        let site = try site()
        let text = "id,name,area\n00000001,\(name),80\n"
        try site.write("in/a.tmp", bytes: try Encoded.bytes(text, as: "gb18030"))
        try FileManager.default.moveItem(atPath: site.folder + "/in/a.tmp", toPath: site.folder + "/in/a.csv")
        #expect(try await site.sync().ending.status == 0)
        let found = try await site.facts("00000001")["holder_name"]
        #expect(found == name)
    }

    @Test(arguments: ["PK\u{3}\u{4}", "\u{D0}\u{CF}\u{11}\u{E0}", "\u{1F}\u{8B}"])
    func aWorkbookUnderASheetsName(_ magic: String) async throws {
        let site = try site()
        let head = magic.unicodeScalars.map { UInt8($0.value) }
        try site.write("in/a.tmp", bytes: head + (0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) })
        try FileManager.default.moveItem(atPath: site.folder + "/in/a.tmp", toPath: site.folder + "/in/a.csv")
        let sync = try await site.sync()
        let said = sync.ending.output + sync.ending.errors
        #expect(sync.ending.status == 2, "\(said)")
        #expect(!said.contains("declare the encoding") && said.contains("a.csv"), "\(said)")
    }

    // MARK: Drops on a server

    /// A site that mirrors a folder of a server.
    private func site(of folder: String, on server: RemoteServer, hostKey: String) throws -> FieldSite {
        try FieldSite(
            sources: """
                  p:
                    csv:
                      folder: ../spool
                      remote: {url: "sftp://127.0.0.1:\(server.port)\(folder)", user: \(NSUserName()), key: \(try RemoteServer.keys.get())/user, hostKey: "\(try RemoteServer.fingerprint(hostKey))", connectTimeout: 600, silenceTimeout: 600}
                    streams: {f: {pattern: "*.csv", key: [id], semantics: snapshot, ready: .done}}

                """, mappings: Self.people)
    }

    @Test func aDropOnAServer() async throws {
        let outbox = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-out-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: outbox, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: outbox) }
        func put(_ name: String, _ text: String) throws {
            try text.write(toFile: "\(outbox)/\(name)", atomically: true, encoding: .utf8)
        }
        let server = try RemoteServer.openSSH()
        let site = try site(of: outbox, on: server, hostKey: "host")
        try put("用户 9月.csv", Self.sheet(80))
        let early = try await site.sync()
        #expect(early.ending.status == 0 && early.counts["p.f"]?["new"] == 0, "\(early.ending.errors)")
        try put("用户 9月.csv.done", "")
        let first = try await site.sync()
        #expect(first.counts["p.f"]?["new"] == 3, "\(first.ending.output) \(first.ending.errors)")
        #expect(try await site.sync().counts["p.f"]?["new"] == 0)
        // The next one corrects it.
        try put("用户 10月.csv", Self.sheet(90))
        try put("用户 10月.csv.done", "")
        #expect(try await site.sync().counts["p.f"]?["changed"] == 3)
        let area = try await site.facts("00000002")["area_building"]
        #expect(area == "90.000")
        let left = try FileManager.default.contentsOfDirectory(atPath: outbox).count
        #expect(left == 4, "nothing is moved or deleted on the server")

        // Another machine in its place.
        let stranger = try self.site(of: outbox, on: server, hostKey: "other")
        let refused = try await stranger.sync().ending
        #expect(refused.status == 2 && refused.output.contains("source.hostKey"), "\(refused.output)")
        let check = try await stranger.hearth("check")
        let shown = try RemoteServer.fingerprint("host")
        #expect(check.status != 0 && check.output.contains(shown), "\(check.output)")
    }

    // MARK: Workbooks

    /// As an office makes one: a title over all columns, what a colleague hid, a sum that was never computed, a lookup that lost its sheet.
    @Test func aWorkbookOfAnOffice() async throws {
        let site = try site("semantics: snapshot", pattern: "*.xlsx")
        let script = """
            import datetime, openpyxl, sys
            book = openpyxl.Workbook()
            sheet = book.active
            sheet.append(["2025-2026采暖期用户清单"])
            sheet.merge_cells("A1:C1")
            sheet.append(["id", "name", "area"])
            for row in [["00000001", "张伟", 80], ["00000002", "王芳", 24.5], ["00000003", "李娜", "=SUM(C3:C4)"],
                        ["00000004", "赵磊", "#REF!"], ["00000005", "钱进", datetime.date(1900, 1, 1)], [6, "孙", 70]]:
                sheet.append(row)
            sheet["C7"].number_format = "yyyy-mm-dd"
            sheet["C7"].value = 0
            sheet["A8"].number_format = "00000000"
            sheet.row_dimensions[4].hidden = True
            book.create_sheet("说明").append(["请勿修改"])
            book["说明"].sheet_state = "hidden"
            book.save(sys.argv[1])
            """
        let made = try await Program.run(
            ["-c", script, "\(site.folder)/in/a.xlsx"], executable: try RemoteServer.python.get(), environment: [:],
            directory: site.folder)
        #expect(made.status == 0, "\(made.errors)")
        let sync = try await site.sync()
        #expect(sync.ending.status == 1 && sync.counts["p.f"]?["new"] == 3, "\(sync.ending.output)")
        let aside = try await site.quarantine().map { "\($0.place.split(separator: "/").last ?? "") \($0.code)" }
        #expect(
            aside.sorted() == [
                "a.xlsx:5:3 record.formulaWithoutValue", "a.xlsx:6:3 record.cellError", "a.xlsx:7:3 record.cellDate",
            ])
        for (number, area) in [("00000001", "80.000"), ("00000002", "24.500"), ("00000006", "70.000")] {
            let found = try await site.facts(number)["area_building"]
            #expect(found == area, "\(number)")
        }
        let check = try await site.hearth("check").output
        #expect(check.contains("hidden rows, from row 4") && check.contains("说明"), "\(check)")
    }

    // MARK: Days and moments

    static let days =
        [
            ("2025-11-14T16:00:00Z", "2025-11-15"), ("2025-11-14T15:59:59Z", "2025-11-14"),
            ("2025-11-14T23:30:00-05:00", "2025-11-15"), ("2025-11-15T00:30:00+08:00", "2025-11-15"),
            ("2025-11-15T07:00:00", "2025-11-15"), ("0001-01-01T00:00:00", nil), ("0001-01-01", nil),
            ("1900-01-01", nil),
        ] as [(String, String?)]

    @Test(arguments: days) func aDayIsThatOfTheCompanysClock(_ text: String, _ day: String?) async throws {
        let site = try FieldSite(
            sources: """
                  p: {csv: {folder: ../in}, streams: {f: {pattern: "*.csv", key: [id]}}}

                """,
            mappings: [
                "unified": "facts: {}\nlists: {suspensions: {from: [p.f], order: [season]}}\n",
                "p.f": """
                entity: suspension
                from: p.f
                key: [id]
                account: {column: id, as: accountNumber, introduces: true}
                fields:
                  kind: {value: full}
                  season: {value: 2025-2026}
                  state: {value: approved}
                  requestedOn: {column: day, as: date}

                """,
            ])
        try site.drop("a.csv", "id,day", "00000001,\(text)")
        #expect(try await site.sync().ending.status == 0)
        let view = try await site.account("00000001")
        let suspension = (view["suspensions"] as? [[String: Any]])?.first
        #expect(suspension != nil && suspension?["requested_on"] as? String == day, "\(view)")
    }

    /// One account under two spellings of its number, in one file: what they state differs, and somebody is told.
    @Test(arguments: [" 00000001", "０００００００１", "00000001\u{3000}"]) func oneAccountInTwoRows(_ other: String)
        async throws
    {
        let site = try site("semantics: delta")
        try site.drop("a.csv", "id,name,area", "00000001,Li,80", "\(other),Li,95", "00000002,Wang,70")
        let sync = try await site.sync()
        let entries = try await site.quarantine()
        let disputed = (try await site.account("00000001")["disagreements"] as? [Any])?.count ?? 0
        #expect((sync.ending.status == 1 && !entries.isEmpty) || disputed > 0, "\(sync.ending.output)")
    }
}
