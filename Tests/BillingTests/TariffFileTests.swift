import Billing
import ConfigurationFiles
import HeatModel
import Testing

/// A rule file is checked whole, each problem where it stands.
@Suite struct TariffFileTests {
    private func problems(_ text: String) throws -> [String] {
        do {
            _ = try book(text)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { error in
                guard case .file(_, let line, let column)? = error.place else { return "? \(error.code)" }
                return "\(line):\(column) \(error.code)" + (error.advice.map { " \($0)" } ?? "")
            }
        }
    }

    private let head = """
        city: A
        common:
          source: s
          season: {start: 11-15, end: 03-15}
          area: building

        """

    @Test func everyProblemAtItsPlace() throws {
        let found = try problems(
            """
            city: A
            common:
              source: s
              seson: {start: 11-15, end: 03-15}
              area: bulding
            versions:
              - id: one
                seasons: 2024..
                price: {amount: 2x4, per: week}
                cap: {percent: 110, settles: never}
                height:
                  - {above: 3, step: 0, count: half, percent: 3}
                rounding: {line: fen halfup}
                lateFee: {dailyRate: 2}
            """)
        #expect(
            found == [
                "4:3 config.unknownKey did you mean \"season\"?",
                "7:5 config.missingKey",
                "8:14 config.badValue",
                "5:9 config.badValue did you mean \"building\"?",
                "9:21 config.badValue",
                "9:31 config.badValue known here: season, month, day",
                "10:34 config.badValue known here: seasonEnd, always",
                "12:26 config.badValue",
                "12:36 config.badValue known here: full, started",
                "14:26 config.badValue",
                "13:22 config.badValue did you mean \"fen halfUp\"?",
            ], "\(found)")
        for line in [4, 5, 8, 9, 10, 12, 13, 14] {
            #expect(found.contains { $0.hasPrefix("\(line):") }, "line \(line) in \(found)")
        }
    }

    @Test func overlapsAndGaps() throws {
        #expect(
            try problems(
                head + """
                    versions:
                      - {id: a, seasons: ..2023-2024, price: {amount: 20}}
                      - {id: b, seasons: 2023-2024.., price: {amount: 21}}
                    """) == ["8:13 config.tariffOverlap"])
        #expect(
            try problems(
                head + """
                    versions:
                      - {id: a, seasons: ..2022-2023, price: {amount: 20}}
                      - {id: b, seasons: 2024-2025.., price: {amount: 21}}
                    """) == ["8:13 config.tariffGap"])
        // Other classes and companies do not stand in each other's way.
        #expect(
            try problems(
                head + """
                    versions:
                      - {id: a, seasons: .., price: {amount: 20}}
                      - {id: b, seasons: 2024-2025.., class: unit, price: {amount: 21}}
                      - {id: c, seasons: .., company: X, price: {amount: 21}}
                    """) == [])
        #expect(
            try problems(
                head + """
                    versions:
                      - {id: a, seasons: .., price: {amount: 20}}
                      - {id: a, seasons: .., class: unit, price: {amount: 21}}
                    """) == ["8:6 config.duplicateKey"])
    }

    @Test(arguments: [
        (#"[{room: "[16, 18)", percent: 50}, {room: "( , 16)", percent: 100}]"#, 0),
        (#"[{room: "[16, 18)", percent: 50}, {room: "( , 16]", percent: 100}]"#, 1),
        (#"[{room: "(16, 18)", percent: 50}, {room: "( , 16)", percent: 100}]"#, 1),
        (#"[{room: "[16, 18]", percent: 50}, {room: "( , 16)", percent: 100}]"#, 1),
        (#"[{room: "[16, 18)", percent: 50}, {room: "[10, 16)", percent: 100}]"#, 1),
        (#"[{room: "[16, 18)", percent: 50}, {room: "( , 15)", percent: 100}]"#, 1),
        (#"[{short: "(0, 2)", percent: 40}, {short: "[2, )", percent: 60}]"#, 0),
        (#"[{short: "[0, 2)", percent: 40}, {short: "[2, )", percent: 60}]"#, 1),
        (#"[{room: "16-18", percent: 50}]"#, 1),
        (#"[{room: "( , 18)", percent: 101}]"#, 1),
        ("[]", 1),
    ])
    func refundBands(_ bands: String, _ count: Int) throws {
        let found = try problems(
            head + """
                versions:
                  - id: a
                    seasons: ..
                    price: {amount: 20}
                    refund: {threshold: 18, area: charged, evidence: [visit], bands: \(bands)}
                """)
        #expect(found.count == count, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("10:") })
    }

    @Test func whatNeedsSomethingElse() throws {
        for (rule, code) in [
            ("price: {amount: 5, per: month}", "config.missingKey"),
            ("price: {amount: 5, months: 4}", "config.badValue"),
            ("lateFee: {dailyRate: 0.002}", "config.missingKey"),
            ("twoPart: {base: 7.5, heat: {}}", "config.missingKey"),
            ("twoPart: {base: 7.5, heat: {kwh: 0.1}}", "config.badValue"),
            ("twoPart: {base: 7.5, heat: {kWh: 0.1}, factors: {MWh: {unit: GJ, times: 3.6}}}", "config.badValue"),
            ("suspension: {ratio: 1.5}", "config.badValue"),
            ("suspension: {ratio: 0, daysBeforeSeason: 99999999999}", "config.badValue"),
            ("suspension: {ratio: 0, minimumTerm: 99999999999}", "config.badValue"),
            ("height: [{above: 3, percent: 9000000000000000000}]", "config.badValue"),
            ("suspension: {ratio: 0.5, deadline: 09-31}", "config.badValue"),
            ("suspension: {ratio: 0.5, deadline: 09-30, daysBeforeSeason: 30}", "config.badValue"),
            (
                "earlyPayment: [{from: 06-01, to: 07-31, percent: 3}, {from: 07-15, to: 08-31, percent: 2}]",
                "config.badValue"
            ),
            ("area: inner\n    shared: inside", "config.badValue"),
            ("concessions: [{when: lowIncome, price: 20, percent: 10}]", "config.missingKey"),
            ("effective: {from: 2024-10-01}", "config.missingKey"),
        ] {
            let own = rule.hasPrefix("price") ? rule : "price: {amount: 20}\n    \(rule)"
            let found = try problems(head + "versions:\n  - id: a\n    seasons: ..\n    \(own)\n")
            #expect(found.count == 1 && found[0].contains(code), "\(rule): \(found)")
        }
    }

    @Test func everyShippedRuleHasItsPlace() throws {
        let book = try shipped.get()
        #expect(book.cityNames == ["北京市", "哈尔滨市", "济南市", "沈阳市", "天津市"])
        for city in book.cityNames {
            for tariff in book.tariffs(of: city) {
                #expect(!tariff.source.isEmpty)
                for key in ["price", "area", "season", "seasons"] {
                    guard case .file(_, let line, let column) = tariff.rule(key).place else {
                        Issue.record("no file"); continue
                    }
                    #expect(line > 0 && column > 0)
                }
            }
        }
    }
}
