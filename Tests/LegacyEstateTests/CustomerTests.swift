import HeatModel
import Testing

@testable import LegacyEstate

@Suite struct CustomerTests {
    private struct Drop: Decodable {
        var undecodable: Int
        var preamble: String
        var header: [String]
        var rows: Int
        var ragged: [String]
        var trailer: [String]
        var names: [String: String]
        var fourByte: Int
        var pipes: Int
        var backslashes: Int
        var newlines: Int
    }

    /// Python's own codec and CSV reader take the drop apart.
    private static let program = """
        import sys, csv, io, json
        raw = open(sys.argv[1], 'rb').read()
        bad = raw.count(b'\\xff')
        text = raw.replace(b'\\xff', b'').decode(sys.argv[2])
        lines = list(csv.reader(io.StringIO(text, newline=''), strict=True))
        body = lines[2:-1]
        four = pipes = slashes = 0
        for ch in set(text):
            b = ch.encode('gb18030')
            four += len(b) == 4
            pipes += len(b) == 2 and b[1] == 0x7c
            slashes += len(b) == 2 and b[1] == 0x5c
        print(json.dumps({'undecodable': bad, 'preamble': lines[0][0], 'header': lines[1], 'rows': len(body),
            'ragged': [r[0] for r in body if len(r) != 23], 'trailer': lines[-1], 'names': {r[0]: r[1] for r in body},
            'fourByte': four, 'pipes': pipes, 'backslashes': slashes, 'newlines': sum('\\n' in f for r in body for f in r)}))
        """

    private func read(_ estate: Estate, _ options: CustomerDropOptions, _ codec: String) throws -> Drop {
        try withTemporaryFolder { folder in
            let names = try estate.writeCustomer(dropFolder: folder, options)
            #expect(names == ["yhxx_20260120.csv", "yhxx_20260120.csv.done"])
            #expect(try file(folder + "/" + names[1]).isEmpty)
            return try pythonJSON(Drop.self, Self.program, [folder + "/" + names[0], codec])
        }
    }

    @Test func theDropDecodesStrictly() throws {
        let estate = Estate(EstateOptions(accounts: 2500, seed: 12))
        let planted = Dictionary(grouping: estate.planted, by: \.kind)
        let drop = try read(estate, .init(), "gb18030")
        #expect(drop.undecodable == planted[.undecodableRow]?.count)
        #expect(drop.ragged == planted[.raggedRow]?.map(\.key))
        #expect(drop.header == CustomerRow.header)
        let resent: [PlantedFault.Kind] = [.raggedRow, .undecodableRow, .badArea, .conflictingRow, .duplicateRow]
        let extra = resent.reduce(0) { $0 + (planted[$1]?.count ?? 0) } - (planted[.billingOnlyAccount]?.count ?? 0)
        #expect(drop.rows == 2500 + extra)
        #expect(drop.trailer == ["合计", String(drop.rows)])
        #expect(drop.fourByte > 0 && drop.pipes > 0 && drop.backslashes > 0 && drop.newlines > 0)
        for fault in planted[.mojibakeName] ?? [] {
            let name = try #require(drop.names[fault.key])
            let truth = try #require(estate.truth(account: fault.accountNumber ?? "")).holderName
            #expect(name == (try Mojibake.latin1(truth)))
            #expect(name != truth)
        }
        for fault in planted[.billingOnlyAccount] ?? [] { #expect(drop.names[fault.accountNumber ?? ""] == nil) }
    }

    @Test func utf8HoldsTheSameRows() throws {
        let estate = Estate(EstateOptions(accounts: 400, seed: 12))
        let drops = (try read(estate, .init(), "gb18030"), try read(estate, .init(encoding: .utf8), "utf-8"))
        #expect(drops.0.names == drops.1.names)
    }

    @Test func identityNumbersHaveRightCheckDigits() {
        let estate = Estate(EstateOptions(accounts: 2000, seed: 30))
        var kinds: Set<Int> = []
        estate.forEachAccount { account in
            let number = account.idNumber.uppercased()
            kinds.insert(number.count)
            #expect(number.isEmpty == account.isUnit)
            if number.count == 18 { #expect(Person.checkDigit(String(number.prefix(17))) == number.suffix(1)) }
            #expect(number.isEmpty || number.hasPrefix("99"))
            #expect(account.phones.allSatisfy { $0.hasPrefix("100") || $0.hasPrefix("022-99") })
        }
        #expect(kinds == [0, 15, 18])
        #expect(Person.checkDigit("11010519491231002") == "X")
    }

    @Test func placesAreUnique() {
        let estate = Estate(EstateOptions(accounts: 3000, seed: 1))
        var places: Set<String> = []
        estate.forEachAccount { places.insert("\($0.communityName)|\($0.building)|\($0.unit)|\($0.room)") }
        #expect(places.count == 3000)
        let names = (0..<1800).map { Community(index: $0, options: estate.options, tariff: estate.tariff).name }
        #expect(Set(names).count == 1800)
    }
}
