import Foundation
import HearthTesting
import TestTraits
import Testing

/// `check` tells beforehand what a sync would stumble on.
@Suite(.waitsForServers) struct CheckTests {
    struct Typo: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What the mapping of payments says of the account, and of the amount.
        var account = "{column: no, as: accountNumber}"
        var amount = "amount"
        var header = "id,no,amount"
        var users = "no,community,door"
        /// The column that is not there, and what is meant.
        var column: String
        var meant: String
    }

    static let typos = [
        Typo(testDescription: "a mistyped field", amount: "amonut", column: "amonut", meant: "amount"),
        Typo(
            testDescription: "the export was upgraded", header: "id,no,amount_yuan", column: "amount",
            meant: "amount_yuan"),
        Typo(
            testDescription: "the account's column", account: "{column: nr, as: accountNumber}", column: "nr",
            meant: "no"),
        Typo(
            testDescription: "another system's id", users: "no,community,dooor", column: "door", meant: "dooor"),
        Typo(
            testDescription: "an address", account: "{address: {community: comunity, column: id}}",
            header: "id,community,amount", column: "comunity", meant: "community"),
    ]

    @Test(arguments: typos) func aColumnThatIsNotThere(_ typo: Typo) async throws {
        let site = try FieldSite(
            sources: Mappings.doorSources, mappings: Mappings.doors(payments: typo.account, amount: typo.amount))
        try site.drop("u.csv", typo.users, "00000001,甲小区,601-4")
        try site.drop("p.csv", typo.header, "P1,00000001,500.00")
        let check = try await site.hearth("check")
        #expect(check.status == 3, "\(check.output)\(check.errors)")
        let failed = check.output.split(separator: "\n").filter { $0.hasPrefix("failed") }
        #expect(failed.count == 1 && failed[0].contains("column \"\(typo.column)\""), "\(check.output)")
        #expect(failed[0].contains(".yaml:") && failed[0].contains(".csv"), "\(failed)")
        #expect(check.output.contains("\(typo.meant)"), "\(check.output)")
        #expect(!FileManager.default.fileExists(atPath: site.folder + "/hearth.db"))
        // And indeed it does.
        #expect(try await site.hearth("sync").status == 2)
        // Whoever wants to know only whether the sources answer is told no more.
        #expect(try await site.hearth("check", "--no-sample").status == 0)
    }

    struct Sheet: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rows: [String]
        /// `3 of 4`; nil where all go through.
        var refused: String?
        var code = ""
        var empty: String?
    }

    static let sheets = [
        Sheet(testDescription: "all is well", rows: ["P1,00000001,500.00"]),
        Sheet(
            testDescription: "an amount that is none", rows: ["P1,00000001,500.00", "P2,00000001,abc"],
            refused: "1 of 2", code: "record."),
        Sheet(
            testDescription: "no amount in any", rows: (1...30).map { "P\($0),00000001," }, refused: "30 of 30",
            code: "record.required"),
        Sheet(
            testDescription: "the account's number is always empty", rows: (1...12).map { "P\($0),,5.00" },
            empty: "\"no\""),
        Sheet(
            testDescription: "more than a sample holds",
            rows: (1...5000).map { "P\($0),00000001,\($0 % 2 == 0 ? "x" : "1.00")" }, refused: "100 of 200",
            code: "record."),
    ]

    @Test(arguments: sheets) func recordsThatWouldBeSetAside(_ sheet: Sheet) async throws {
        let site = try FieldSite(
            sources: Mappings.doorSources, mappings: Mappings.doors(payments: "{column: no, as: accountNumber}"))
        try site.drop("u.csv", "no,community,door", "00000001,甲小区,601-4")
        try site.drop("p.csv", text: "id,no,amount\n" + sheet.rows.map { $0 + "\n" }.joined())
        let check = try await site.hearth("check", "--json")
        let findings = (try check.json() as? [[String: Any]] ?? []).filter {
            $0["subject"] as? String == "sample of payments"
        }
        let details = findings.compactMap { $0["detail"] as? String }.joined(separator: "; ")
        #expect(check.status == (sheet.refused == nil ? 0 : 1), "\(details) \(check.errors)")
        if let refused = sheet.refused {
            #expect(details.contains(refused) && details.contains(sheet.code), "\(details)")
        }
        if let empty = sheet.empty { #expect(details.contains("\(empty) is empty in all"), "\(details)") }
        if sheet.refused == nil, sheet.empty == nil { #expect(details.contains("all can be read"), "\(details)") }
        // Nothing of a record stands in what is said of many.
        #expect(!(check.output + check.errors).contains("00000001"))
    }

    /// A name of old is read, and `check` says what it is called by now.
    @Test(arguments: [("ratio", true), ("suspendedShare", false)]) func aFormerName(_ name: String, isOld: Bool)
        async throws
    {
        var mappings = Mappings.doors(payments: "{column: no, as: accountNumber}")
        mappings["c.suspensions"] = """
            entity: suspension
            from: c.suspensions
            key: [id]
            account: {column: no, as: accountNumber}
            fields:
              season: {column: season, as: text}
              \(name): {column: share, as: decimal(4)}

            """
        let site = try FieldSite(
            sources: Mappings.doorSources.replacing(
                "payments: {", with: "suspensions: {pattern: \"s*.csv\", key: [id]}, payments: {"), mappings: mappings)
        try site.drop("u.csv", "no,community,door", "00000001,甲小区,601-4")
        try site.drop("s.csv", "id,no,season,share", "S1,00000001,2025-2026,0.5")
        let check = try await site.hearth("check")
        #expect(
            check.output.contains("c.suspensions.yaml:7:3: \"ratio\" is called \"suspendedShare\"") == isOld,
            "\(check.output)")
        #expect(check.output.contains("rename it") == isOld, "\(check.output)")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
    }

    @Test func aSourceWithoutItsSecretIsTold() async throws {
        let site = try FieldSite(
            sources: Mappings.doorSources.replacing("../in}", with: "\"${env:HEARTH_FIELD_DROPS}\"}"),
            mappings: Mappings.doors(payments: "{column: no, as: accountNumber}"))
        let check = try await site.hearth("check")
        #expect(check.status == 2 && check.output.contains("HEARTH_FIELD_DROPS"), "\(check.output)")
        for command in ["sync", "plan"] {
            let ending = try await site.hearth(command)
            #expect(ending.status == 3 && ending.errors.contains("hearth.yaml:"), "\(command): \(ending.errors)")
        }
        #expect(try await site.hearth("status").status == 0)
    }

    @Test func aServiceThatIsDownIsToldOnce() async throws {
        let port = try FieldService { _ in .envelope("") }.port
        let site = try FieldSite(
            sources: Temperatures.sources("http://127.0.0.1:\(port)/", pages: "size: 2"),
            mappings: Temperatures.mappings)
        let check = try await site.hearth("check")
        #expect(check.status == 2)
        #expect(check.output.split(separator: "\n").filter { $0.hasPrefix("failed") }.count == 1, "\(check.output)")
    }
}
