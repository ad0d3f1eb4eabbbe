import Answers
import Foundation
import Requests
import SQLiteStore
import Store
import Testing

/// What people write to leave something personal behind.
@Suite struct WordsTests {
    private static let hostile = [
        "我的电话是138 1234 5678", "身份证 120101199001011234", "1 2 0 1 0 1 1 9 9 0 0 1 0 1 1 2 3 4", "１３８１２３４５６７８",
        "张小明在家", "张 小 明", "一三八一二三四五六七八", "138\u{202E}1234\u{202C}5678", "138\u{200B}12345678",
        "<script>alert('13812345678')</script>", "=cmd|'/C calc'!A0 13812345678", "后六位011234", "3号楼2单元501有人",
        "138\n1234\n5678", "zhang@example.com", "24小时打024-23456789", "我叫王五,电话 139.8765.4321",
        String(repeating: "冷 13812345678 ", count: 200),
    ]
    /// Parts of which none may be found anywhere.
    private static let secrets = [
        "13812345678", "12345678", "120101199001011234", "011234", "张小明", "23456789", "13987654321", "王五",
        "zhang@example.com", "单元501",
    ]

    /// Whatever is said to whichever door, no byte of the store has it, and no answer shows it.
    @Test func nothingPersonalIsKept() throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        // The view of the account holds it all, and is no part of what is looked at: it lies in another store.
        let other = try Counter()
        defer { other.removeFolder() }
        try other.view()
        for (counter, account) in [(counter, nil), (other, Counter.number as String?)] {
            let id = try counter.open(account: account)
            for (number, words) in Self.hostile.enumerated() {
                let who = number % 2 == 0 ? "customer" : "assistant"
                // Only of customers is all of it taken out; what the assistant says is known by the account's view.
                if account != nil || who == "customer" { #expect(counter.say(id, who, words).problem.isEmpty) }
                #expect(counter.say(id, "customer", words).problem.isEmpty)
                _ = counter.ask(
                    .feedback,
                    ["conversation": .integer(id), "score": .integer(1), "words": .text(String(words.prefix(900)))])
                let asked = counter.handOff(id, why: "other", String(words.prefix(900)))
                let handOff = try #require(asked.json["hand_off"] as? Int, "\(asked.json)")
                _ = counter.at(.claimHandOff, handOff)
                if account != nil {
                    _ = counter.at(.replyHandOff, handOff, ["words": .text(words)])
                }
                let closed = counter.at(
                    .closeHandOff, handOff,
                    ["outcome": .text("other"), "closing_words": .text(String(words.prefix(900)))])
                #expect(closed.problem.isEmpty)
            }
            let replies = [
                counter.look(.conversation, ["id": .integer(id), "limit": .integer(500)]),
                counter.look(.handOffs, ["state": .text("all")]), counter.look(.handOff, ["id": .integer(1)]),
                counter.look(.insights, ["month": .text("2026-12")], scopes: [.auditor]),
            ]
            // A refusal has no text, and would show nothing of anybody.
            #expect(replies.map(\.problem) == ["", "", "", ""])
            let shown = replies.map(\.text).joined()
            let folded = shown.replacingOccurrences(of: "\\n", with: "").filter {
                $0.isLetter || $0.isNumber || $0 == "@" || $0 == "."
            }
            for secret in Self.secrets where !(account == nil && secret == "张小明") {
                #expect(!shown.contains(secret), "\(secret)")
                if secret.count > 5 { #expect(!folded.contains(secret), "\(secret) with marks between") }
            }
        }
        // The first store never knew the account, so that none of it may stand in any of its files.
        for name in try FileManager.default.contentsOfDirectory(atPath: counter.folder) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: counter.folder + "/" + name))
            for secret in Self.secrets where secret != "张小明" {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(name)")
                let spaced = Data(secret.map(String.init).joined(separator: " ").utf8)
                #expect(bytes.range(of: spaced) == nil, "\(secret) with blanks between in \(name)")
            }
        }
    }

    /// What the customer was told is what the chain proves, until somebody changes it.
    @Test func whatWasToldIsProved() throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        try counter.view()
        let id = try counter.open()
        counter.say(id, "customer", "还要交多少")
        counter.say(
            id, "assistant", "还应缴1,846.40元,截止2026-12-31",
            ["facts": .objects([["kind": "bill", "id": "billing.charges/1", "fresh_at": "2026-12-10T09:00:00+08:00"]])])
        #expect(try counter.verification == nil)
        let lines = try counter.store.read { try $0.chainLines(after: 0, limit: 100) }.map {
            String(decoding: $0.line, as: UTF8.self)
        }
        #expect(lines.contains { $0.contains("\"told\":") && $0.contains("\"turn\":2") })
        #expect(!lines.contains { $0.contains("1,846") || $0.contains("多少") })
        for change in [
            "UPDATE conversation_turn SET words = replace(words, '1,846.40', '846.40') WHERE number = 2",
            "UPDATE conversation_turn SET facts = '[]' WHERE number = 2",
            "UPDATE conversation_turn SET at_us = at_us + 1 WHERE number = 2",
            "DELETE FROM conversation_turn WHERE number = 2",
        ] {
            let copy = counter.folder + "/copy-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: counter.folder)
            where name.hasPrefix("hearth.db") {
                try FileManager.default.copyItem(atPath: counter.folder + "/" + name, toPath: copy + "/" + name)
            }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "python3", "-c",
                "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()",
                copy + "/hearth.db", change,
            ]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(try Counter(folder: copy).verification?.contains("turn 2 of conversation 1") == true, "\(change)")
        }
    }
}
