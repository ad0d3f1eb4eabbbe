import Foundation
import HearthTesting
import HeatModel
import LegacyEstate
import Records
import Setup
import Testing

@testable import Mapping
@testable import Onboarding

/// Suggestions for companies whose columns somebody named, held against what the columns mean.
@Suite(.serialized) struct SuggestionTests {
    /// What a company's columns mean: by stream, the entity and for each column the fields that are right.
    private typealias Truth = [String: (entity: String, columns: [String: Set<String>])]

    private struct Count {
        var right = 0
        var total = 0
        var wrongSure: [String] = []
        var missed: [String] = []

        var text: String {
            "\(right) of \(total) fields right; wrong ones told as sure: \(wrongSure); missed: \(missed)"
        }
    }

    private func count(_ suggestions: [Suggestion], _ truth: Truth) -> Count {
        var count = Count()
        for (stream, meant) in truth.sorted(by: { $0.key < $1.key }) {
            let found = suggestions.first { $0.stream.stream == stream }
            if let found, found.entity.rawValue != meant.entity {
                count.missed.append("\(stream) is taken for \(found.entity.rawValue)")
                if found.entityConfidence == .sure { count.wrongSure.append("\(stream): \(found.entity.rawValue)") }
            }
            for (column, fields) in meant.columns.sorted(by: { $0.key < $1.key }) {
                let said = found?.fields.filter { $0.column == column } ?? []
                for field in said where field.confidence == .sure && !fields.contains(field.field) {
                    count.wrongSure.append("\(stream).\(column): \(field.field)")
                }
                if fields.isEmpty { continue }
                count.total += 1
                let isCursor = fields.contains("updatedAt") && found?.cursor == column
                if isCursor || said.contains(where: { fields.contains($0.field) }) {
                    count.right += 1
                } else {
                    count.missed.append("\(stream).\(column) is \(fields.sorted()), said \(said.map(\.field))")
                }
            }
        }
        return count
    }

    private func suggest(_ sources: String, only source: String? = nil) throws -> SuggestionSet {
        try TemporaryConfiguration.with(sources) { configuration in
            let taken = SourceSampler(configuration).run()
            #expect(taken.failures.isEmpty, "\(taken.failures)")
            let wanted = taken.samples.map(\.name).filter { source == nil || $0.source == source }
            return Suggester(taken.samples).suggest(only: wanted)
        }
    }

    /// The files are mappings as they stand, and the view that goes with them.
    private func expectLoads(_ set: SuggestionSet) async throws {
        try await Support.withFolder { folder in
            for suggestion in set.suggestions {
                try suggestion.text.write(
                    toFile: "\(folder)/\(suggestion.stream).yaml", atomically: true, encoding: .utf8)
            }
            try set.unified.write(toFile: folder + "/unified.yaml", atomically: true, encoding: .utf8)
            let loaded = try MappingSet.load(directory: folder)
            #expect(loaded.files.count == set.suggestions.count)
            #expect(loaded.files.values.count { $0.introducesAccounts } == 1)
        }
    }

    private func expectGood(_ name: String, _ set: SuggestionSet, _ truth: Truth) async throws {
        let count = count(set.suggestions, truth)
        print("\(name): \(count.text)")
        #expect(count.total > 20)
        #expect(count.right * 100 >= count.total * 90, "\(name): \(count.text)")
        #expect(count.wrongSure.isEmpty, "\(name): \(count.text)")
        try await expectLoads(set)
    }

    // MARK: Four companies in four styles

    private struct Meant: Decodable {
        var entity: String
        var columns: [String: String]
    }

    private func withSchemas(_ body: (String, [String: Truth]) async throws -> Void) async throws {
        try await Support.withFolder { folder in
            _ = try await Support.output(
                ["\(Support.here)/Services/schemas.py", folder], executable: "/usr/bin/python3")
            let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/truth.json"))
            let read = try JSONDecoder().decode([String: [String: Meant]].self, from: text)
            let truth = read.mapValues { tables in
                tables.mapValues { table in
                    (table.entity, table.columns.mapValues { $0.isEmpty ? [] : Set([$0]) })
                }
            }
            try await body(folder, truth)
        }
    }

    private func tables(_ truth: Truth) -> String {
        "{" + truth.keys.sorted().map { "\($0): {table: \($0)}" }.joined(separator: ", ") + "}"
    }

    @Test func abbreviationsInCapitals() async throws {
        try await withSchemas { folder, truth in
            let meant = try #require(truth["caps"])
            let set = try suggest(
                "  caps:\n    sql: {driver: sqlite, path: \(folder)/caps.sqlite}\n    streams: \(tables(meant))\n")
            try await expectGood("capitals", set, meant)
        }
    }

    @Test func initialsOfChineseWords() async throws {
        try await withSchemas { folder, truth in
            let meant = try #require(truth["initials"])
            let set = try suggest(
                "  rl:\n    sql: {driver: sqlite, path: \(folder)/initials.sqlite}\n    streams: \(tables(meant))\n")
            try await expectGood("initials", set, meant)
            // 实付金额 or 收费金额: the sum of the amounts tells, a name alone does not.
            let received = try #require(
                set.suggestions.first { $0.entity == .charge }?.fields.first { $0.column == "sfje" })
            #expect(
                received.field == "received" && received.confidence == .likely && received.alternatives.contains("due"),
                "\(received)")
            #expect(received.evidence.contains { $0.contains("is the sum of it") }, "\(received)")
        }
    }

    @Test func chineseHeaders() async throws {
        try await withSchemas { folder, truth in
            let meant = try #require(truth["headers"])
            let streams = meant.keys.sorted().map { "\($0): {pattern: \"\($0).csv\"}" }.joined(separator: ", ")
            let set = try suggest("  files:\n    csv: {folder: \(folder)/headers}\n    streams: {\(streams)}\n")
            try await expectGood("headers", set, meant)
        }
    }

    @Test func englishWithCommentsInPostgreSQL() async throws {
        try await withSchemas { folder, truth in
            let meant = try #require(truth["english"])
            let database = try PostgresServer.shared().createDatabase()
            let ending = try await Program.run(
                ["-q", "-v", "ON_ERROR_STOP=1", "-d", database.dsn, "-f", folder + "/english.sql"],
                executable: "/usr/bin/psql", environment: [:], directory: folder)
            #expect(ending.status == 0, "\(ending.errors)")
            let set = try suggest(
                "  en:\n    sql: {driver: postgres, conninfo: \"\(database.dsn)\"}\n    streams: \(tables(meant))\n")
            try await expectGood("english", set, meant)
            let text = try #require(set.suggestions.first { $0.entity == .premises }).text
            #expect(
                text.contains("networkNumber:") && text.contains("{column: f17, as: text}"),
                "by the database's comment: \(text)")
            #expect(text.contains("registers: {system: en, column: customer_id}"))
            let orders = try #require(set.suggestions.first { $0.entity == .workOrder }).text
            #expect(orders.contains("crosswalk: {system: en, column: customer_id}"), "\(orders)")
        }
    }

    // MARK: The demo's company

    /// What the shipped mappings say, that people wrote.
    private func shipped() throws -> Truth {
        let files = try MappingSet.load(directory: Program.repository + "/Mappings").files
        var truth: Truth = [:]
        for (name, file) in files {
            var columns: [String: Set<String>] = [:]
            for rule in file.rules {
                guard let field = rule.field, rule.columns.count == 1 else { continue }
                columns[rule.columns[0].name, default: []].insert(field.name)
            }
            if let number = file.account?.number?.columns.first {
                columns[number.name, default: []].insert("account.number")
            }
            for id in [file.account?.crosswalk?.id, file.account?.registers?.id] {
                if let column = id?.columns.first { columns[column.name, default: []].insert("account.id") }
            }
            for rule in file.account?.address?.rules ?? [] {
                let part = rule.name.split(separator: ".").last.map(String.init) ?? ""
                for column in rule.columns {
                    columns[column.name, default: []].insert(["whole", "column"].contains(part) ? "address" : part)
                }
                if rule.columns.first?.name == "address" { columns["address", default: []].insert("address") }
            }
            truth[name.stream] = (file.entity.rawValue, columns)
        }
        return truth
    }

    @Test func theDemosThreeSystems() async throws {
        try await Support.withFolder { folder in
            let estate = Estate(EstateOptions(accounts: 600, seed: 5, plantDiscrepancies: true))
            try estate.writeBilling(sqlite: folder + "/billing.sqlite")
            try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
            try estate.writeCustomer(dropFolder: folder + "/drops")
            let service = estate.dispatchService()
            for (name, value) in [
                ("HEARTH_STORE", folder + "/hearth.db"), ("HEARTH_BILLING_DRIVER", "sqlite"),
                ("HEARTH_BILLING_PATH", folder + "/billing.sqlite"), ("HEARTH_CUSTOMER_DROPS", folder + "/drops"),
                ("HEARTH_DISPATCH_URL", try await service.start()), ("HEARTH_DISPATCH_USER", Estate.dispatchUser),
                ("HEARTH_DISPATCH_PASSWORD", Estate.dispatchPassword),
            ] { setenv(name, value, 1) }
            let configuration = try HearthConfiguration.load(path: Program.repository + "/Config/hearth.yaml")
            let taken = SourceSampler(configuration).run()
            await service.stop()
            #expect(taken.failures.isEmpty, "\(taken.failures)")
            let set = Suggester(taken.samples).suggest(only: taken.configured)
            try await expectGood("demo", set, shipped())
            // Audit copies and backups of a table are no streams, codes are read through the company's own table.
            let all = Suggester(taken.samples).suggest()
            for copy in ["sf_fy_bak", "sf_fy_sh_t"] {
                #expect(all.unread.contains { $0.stream.stream == copy }, "\(all.unread)")
            }
            let charges = try #require(set.suggestions.first { $0.stream.stream == "charges" })
            #expect(
                charges.text.contains("\"05\": heightSurcharge")
                    && charges.text.contains("sf_dm says what its codes mean"), "\(charges.text)")
            // Nobody's name, number or telephone stands in a suggestion.
            let residents = try #require(taken.samples.first { $0.name.stream == "residents" })
            let texts = set.suggestions.map(\.text).joined() + set.suggestions.flatMap(\.remarks).joined()
            for column in ["姓名", "联系电话", "身份证号", "房号", "备注"] {
                let index = try #require(residents.columns.firstIndex(of: column))
                for value in Set(residents.values(index).compactMap { $0 }) where value.count > 3 {
                    #expect(!texts.contains(value), "\(column)")
                }
            }
        }
    }

    // MARK: Bad input

    @Test func aStreamThatIsNothingOfHearthsIsSaidToBeNone() async throws {
        try await Support.withFolder { folder in
            try "a,b\n1,2\n3,4\n".write(toFile: folder + "/x.csv", atomically: true, encoding: .utf8)
            try "户号,姓名\n".write(toFile: folder + "/y.csv", atomically: true, encoding: .utf8)
            let set = try suggest(
                "  f:\n    csv: {folder: \(folder)}\n    streams: {x: {pattern: x.csv}, y: {pattern: y.csv}}\n")
            #expect(set.suggestions.isEmpty)
            #expect(
                set.unread.map(\.why) == ["it fits no entity", "no rows came: nothing can be told"]
                    || set.unread.count == 2, "\(set.unread)")
        }
    }

    /// 1/2/2025 is a day in January or in February: nothing tells, so nothing is said.
    @Test func whatIsAmbiguousIsLeftToAPerson() async throws {
        try await Support.withFolder { folder in
            var lines = ["户号,缴费日期,缴费金额"]
            for index in 1...40 {
                lines.append("\(20_000_000 + index),\(index % 9 + 1)/\(index % 7 + 1)/2025,\(index * 100)")
            }
            try lines.joined(separator: "\n").write(toFile: folder + "/缴费.csv", atomically: true, encoding: .utf8)
            let set = try suggest("  f:\n    csv: {folder: \(folder)}\n    streams: {缴费: {pattern: \"*.csv\"}}\n")
            let payment = try #require(set.suggestions.first)
            #expect(payment.entity == .payment)
            for field in ["paidAt", "amount"] {
                let said = try #require(payment.fields.first { $0.field == field })
                #expect(said.confidence == .open && said.held != nil, "\(said)")
                #expect(payment.text.contains("  # \(field):"))
            }
            #expect(payment.text.contains("M/d/yyyy or d/M/yyyy") && payment.text.contains("money(yuan) or money(fen)"))
        }
    }

    /// A list of residents may be billing's accounts or the customer system's premises: what only the one states tells them apart.
    @Test(arguments: [("", "", false), (",收费面积", ",80.50", true), (",联系电话,身份证号", ",13800000001,", true)])
    func aListThatSaysNotWhoseItIs(_ header: String, _ values: String, _ isSure: Bool) async throws {
        try await Support.withFolder { folder in
            var lines = ["户号,户主姓名,小区,楼号,单元,房号,建筑面积" + header]
            for index in 1...40 {
                lines.append("\(20_000_000 + index),张三,阳光花园,\(index % 9 + 1),1,\(100 + index),80.50" + values)
            }
            try lines.joined(separator: "\n").write(toFile: folder + "/名册.csv", atomically: true, encoding: .utf8)
            let set = try suggest("  f:\n    csv: {folder: \(folder)}\n    streams: {名册: {pattern: \"*.csv\"}}\n")
            let list = try #require(set.suggestions.first)
            #expect(list.entity == .account || list.entity == .premises)
            #expect((list.entityConfidence == .sure) == isSure, "\(list.entityEvidence)")
            #expect(list.entityEvidence.contains("none tells which") == !isSure)
        }
    }
}
