import Foundation
import HearthTesting
import TestTraits
import Testing

/// The places of accounts are a function of their present records, whatever way those took.
@Suite(.waitsForServers) struct PlaceTests {
    private static let header = "no,community,building,unit,room"
    private static let orders = "id,community,address,at"

    /// 00000001 at 甲小区 1-1-101 and 00000002 at 甲小区 1-2-101: of two new orders one is found, one is ambiguous.
    private func expectBothPlaces(_ site: FieldSite, _ comment: String) async throws {
        try site.drop(
            "o2.csv", Self.orders, "W1,甲小区,1-1-101,2026-01-02T08:00:00", "W2,甲小区,1-101,2026-01-02T08:00:00")
        _ = try await site.sync("dispatch")
        let entry = try await site.quarantine().filter { $0.key == "W2" }
        #expect(entry.map(\.code) == ["match.ambiguousPlace"], "\(comment): \(entry)")
        #expect(entry.first?.candidates.sorted() == ["00000001", "00000002"], "\(comment): \(entry)")
        #expect(
            try await site.values("number", of: "work_orders", in: "00000001", as: String.self).contains("W1"),
            "\(comment)")
        #expect(
            try await !site.values("number", of: "work_orders", in: "00000002", as: String.self).contains("W1"),
            "\(comment)")
        let facts = try await site.facts("00000001")
        #expect(facts["community"] != nil && facts["building"] != nil && facts["unit"] != nil, "\(comment): \(facts)")
    }

    /// How the customer system spells an account's number in its first and in its second drop.
    static let spellings = [
        ["０００００００１", "00000001"], ["00000001", "０００００００１"], [" 00000001 ", "00000001"],
        ["00000001", "\u{3000}00000001", "00000001"],
    ]

    @Test(arguments: spellings) func aKeyChangesItsSpelling(_ spellings: [String]) async throws {
        let site = try FieldSite(sources: Mappings.placeSources, mappings: Mappings.places)
        for (index, spelling) in spellings.enumerated() {
            try site.drop(
                "r\(index + 1).csv", Self.header, "\(spelling),甲小区,1号楼,1单元,101", "00000002,甲小区,1号楼,2单元,101")
            if index == 0 {
                try site.drop(
                    "o1.csv", Self.orders, "V1,甲小区,1-1-101,2026-01-01T08:00:00", "V2,甲小区,1-101,2026-01-01T08:00:00")
            }
            _ = try await site.sync()
        }
        try await expectBothPlaces(site, "\(spellings)")
        #expect(try await site.quarantine().filter { $0.key == "V2" }.map(\.code) == ["match.ambiguousPlace"])
        #expect(
            try await site.values("number", of: "work_orders", in: "00000001", as: String.self).sorted() == [
                "V1", "W1",
            ])
    }

    struct Introducer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fields: String
        var first: [String]
        var second: [String]
        var isSnapshot = false
    }

    static let introducers = [
        Introducer(
            testDescription: "a card's area is corrected",
            fields: "area.billing: {column: area, as: decimal(3), unit: m2}",
            first: ["no,area", "00000001,80", "00000002,90"], second: ["no,area", "00000001,81"]),
        Introducer(
            testDescription: "all cards change",
            fields: "area.billing: {column: area, as: decimal(3), unit: m2}",
            first: ["no,area", "00000001,80", "00000002,90"], second: ["no,area", "00000001,81", "00000002,91"]),
        Introducer(
            testDescription: "a card vanishes", fields: "area.billing: {column: area, as: decimal(3), unit: m2}",
            first: ["no,area", "00000001,80", "00000002,90", "00000003,9"], second: ["no,area", "00000002,90"],
            isSnapshot: true),
        Introducer(
            testDescription: "a card that states half a place",
            fields: "community: {column: community, as: community}",
            first: ["no,community", "00000001,甲小区", "00000002,甲小区"], second: ["no,community", "00000001,甲小区东区"]),
    ]

    @Test(arguments: introducers) func aSecondStreamIntroducesAccounts(_ it: Introducer) async throws {
        let source = """
              billing:
                csv: {folder: ../in}
                streams: {cards: {pattern: "b*.csv", semantics: \(it.isSnapshot ? "snapshot" : "delta"), key: [no]}}

            """
        var mappings = Mappings.places
        mappings["billing.cards"] = """
            entity: account
            from: billing.cards
            key: [no]
            account: {column: no, as: accountNumber, introduces: true}
            fields:
              \(it.fields)

            """
        if it.fields.hasPrefix("area") {
            let fact = "facts:\n  area.billing: {from: [billing.cards]}\n"
            mappings["unified"] = Mappings.places["unified"]?.replacing("facts:\n", with: fact)
        }
        let site = try FieldSite(
            sources: Mappings.placeSources + source, settings: "vanish: {share: 100%, atLeast: 100}\n",
            mappings: mappings)
        try site.drop("r1.csv", Self.header, "00000001,甲小区,1号楼,1单元,101", "00000002,甲小区,1号楼,2单元,101")
        try site.drop("b1.csv", text: it.first.joined(separator: "\n") + "\n")
        #expect(try await site.sync("customer").ending.status == 0)
        #expect(try await site.sync("billing").ending.status == 0)
        try site.drop("b2.csv", text: it.second.joined(separator: "\n") + "\n")
        let billing = try await site.sync("billing").ending
        #expect(billing.status == 0, "\(billing.errors)")
        try await expectBothPlaces(site, it.testDescription)
    }
}
