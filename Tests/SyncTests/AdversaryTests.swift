import HearthTesting
import HeatModel
import Mapping
import Records
import Store
import Synchronization
import Testing

@testable import Sync

/// Whatever a system does: where a run succeeds, every record is there and right; else the run fails, and the next one against the
/// healed system brings all. There is no third outcome.
@Suite struct AdversaryTests {
    /// A table by key; each change has the next number.
    struct Ledger: Sendable {
        var rows: [Int: (version: Int, due: Int)] = [:]
        var version = 0

        mutating func work(_ random: inout SeededGenerator) {
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                version += 1
                let key = Int.random(in: 1...30, using: &random)
                rows[key] = Int.random(in: 0..<6, using: &random) == 0 ? nil : (version, version * 100)
            }
        }

        var texts: [Int: String] { rows.mapValues { "\"due_fen\":\($0.due * 100)," } }
    }

    /// What a system may do to a pull. Each of them may come with any other.
    struct Weather: Sendable {
        var random: SeededGenerator
        var withholds = 0
        var withholdsTail = false
        var repeats = 0
        var isShuffled = false
        var throwsAfter: Int?
        var liesOfTotal = false
        var goesInCircles = false
        var statesTheWholeTwice = false
        var leavesUnended = false
        var isPaged = false

        static func calm(_ random: SeededGenerator) -> Weather { Weather(random: random) }

        init(random: SeededGenerator) { self.random = random }

        init(rough random: inout SeededGenerator) {
            func happens(_ odds: Int) -> Bool { Int.random(in: 0..<odds, using: &random) == 0 }
            isPaged = happens(2)
            withholds = happens(3) ? Int.random(in: 1...5, using: &random) : 0
            withholdsTail = happens(4)
            repeats = happens(3) ? Int.random(in: 1...5, using: &random) : 0
            isShuffled = happens(3)
            throwsAfter = happens(4) ? Int.random(in: 0...30, using: &random) : nil
            liesOfTotal = happens(8)
            goesInCircles = happens(8)
            statesTheWholeTwice = happens(8)
            leavesUnended = happens(10)
            self.random = SeededGenerator(seed: UInt64.random(in: 0...(.max), using: &random))
        }
    }

    /// A connector that says what it has seen, of a system that does what it likes: it claims to be complete where all came that
    /// the ledger holds, and where it goes on to throw, its cursors leave nothing out. Where it comes to an end it believes each
    /// page, and its cursors may lie.
    final class Service: Connector {
        let source = "billing"
        private let state: Mutex<(Ledger, Weather)>

        init(_ ledger: Ledger, _ weather: Weather) { state = Mutex((ledger, weather)) }
        func set(_ ledger: Ledger, _ weather: Weather) { state.withLock { $0 = (ledger, weather) } }

        func check() -> [CheckFinding] { [] }
        func accountKey(of stream: String) -> AccountKey? { nil }
        func discover() throws -> [StreamDescription] { [] }

        func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
            let (ledger, weather) = state.withLock { $0 }
            var random = weather.random
            let since = request.mode == .full ? nil : request.cursor.flatMap { Int($0.text) }
            let all = ledger.rows.filter { $0.value.version > since ?? 0 }
                .map { (key: $0.key, version: $0.value.version, due: $0.value.due) }.sorted { $0.version < $1.version }
            var sent = all
            for _ in 0..<min(weather.withholds, sent.count) {
                sent.remove(at: Int.random(in: sent.indices, using: &random))
            }
            if weather.withholdsTail { sent = Array(sent.prefix(sent.count / 2)) }
            for _ in 0..<weather.repeats {
                guard let again = sent.randomElement(using: &random) else { break }
                sent.insert(again, at: Int.random(in: 0...sent.count, using: &random))
            }
            if weather.isShuffled { sent.shuffle(using: &random) }

            let isSnapshot = since == nil && !weather.isPaged
            var summary = PullSummary()
            var came: Set<Int> = []
            var cursors: [Int] = []
            func cursor(_ last: Int) -> Int? {
                guard weather.throwsAfter != nil else { return last }
                // Up to the first that is missing.
                return all.prefix { came.contains($0.version) }.last?.version
            }
            let pages = stride(from: 0, to: max(sent.count, 1), by: 4).map { sent[$0..<min($0 + 4, sent.count)] }
            for turn in 0..<(weather.statesTheWholeTwice && isSnapshot ? 2 : 1) {
                for (index, page) in pages.enumerated() {
                    if let after = weather.throwsAfter, summary.rows >= Int64(after) {
                        throw HearthError(.init("source.unreachable"), "cut", at: .address(source))
                    }
                    let isLast = index == pages.count - 1
                    var batch = RawBatch(
                        columns: Texts.chargeColumns,
                        origin: Origin(
                            kind: weather.isPaged ? .envelope : .table, name: weather.isPaged ? "page \(index)" : "t",
                            isSnapshot: isSnapshot))
                    for row in page where turn == 0 || row.key % 2 == 0 {
                        let charge = Texts.charge(row.key, due: "\(row.due)")
                        for value in charge {
                            guard let value else {
                                batch.fields.append(.none)
                                continue
                            }
                            batch.fields.append(
                                ByteRange(offset: UInt32(batch.bytes.count), length: Int32(value.utf8.count)))
                            batch.bytes += Array(value.utf8)
                        }
                        summary.rows += 1
                        batch.ordinals.append(summary.rows)
                        came.insert(row.version)
                    }
                    batch.endsOrigin = weather.isPaged || (isLast && !weather.leavesUnended)
                    if let next = page.last.flatMap({ cursor($0.version) }) {
                        cursors.append(next)
                        batch.cursor = Cursor(
                            String(weather.goesInCircles && cursors.count % 3 == 0 ? cursors[0] : next))
                    }
                    try deliver(batch)
                }
            }
            if weather.throwsAfter != nil {
                throw HearthError(.init("source.unreachable"), "cut at the end", at: .address(source))
            }
            if weather.liesOfTotal { summary.statedRows = summary.rows + 1 }
            if came.count == all.count {
                summary.completeness = Completeness(.countedTotal, "\(came.count) of \(all.count) changes")
            }
            return summary
        }
    }

    private func held(_ house: House) throws -> [Int: String] {
        var held: [Int: String] = [:]
        for key in try house.keys("billing.charges") {
            let text = try #require(try house.record("billing.charges", key)).text
            let digits = text[try #require(text.firstRange(of: "\"due_fen\":")).lowerBound...]
            held[try #require(Int(key))] = String(digits.prefix { $0 != "," }) + ","
        }
        return held
    }

    /// Nothing is missing and nothing is old; what was deleted, only a whole reading can tell.
    private func expectAll(_ ledger: Ledger, _ house: House, exactly: Bool, _ what: String) throws {
        let held = try held(house)
        for (key, text) in ledger.texts where held[key] != text {
            Issue.record("\(what): \(key) is \(held[key] ?? "missing") instead of \(text)")
        }
        if exactly { #expect(held == ledger.texts, "\(what)") }
    }

    @Test(arguments: 0..<150) func allOrAnError(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &* 7919 &+ 12)
        let house = try House()
        try house.introduceAccounts(1)
        let mapping = try MappingFile.load(path: "\(house.folder)/Mappings/billing.charges.yaml")
        var ledger = Ledger()
        let service = Service(ledger, .calm(random))
        let stream = SyncStream(name: mapping.stream, connector: service, mapping: mapping, zone: "Asia/Shanghai")
        func run(_ mode: PullRequest.Mode) throws -> RunReport {
            try house.engine().run(
                stream, options: .init(mode: mode, policy: VanishPolicy(allowsAll: true), batchRows: 4))
        }
        for turn in 0..<6 {
            ledger.work(&random)
            service.set(ledger, Weather(rough: &random))
            let mode = Int.random(in: 0..<3, using: &random) == 0 ? PullRequest.Mode.full : .incremental
            let report = try run(mode)
            #expect(report.counts.isBalanced)
            if report.state == .success {
                #expect(report.pull.completeness != nil)
                try expectAll(ledger, house, exactly: false, "seed \(seed), turn \(turn), \(mode)")
            } else if Bool.random(using: &random) {
                service.set(ledger, .calm(random))
                let healed = try run(.incremental)
                #expect(healed.state == .success, "\(String(describing: healed.error))")
                try expectAll(ledger, house, exactly: false, "seed \(seed), turn \(turn), healed")
            }
        }
        service.set(ledger, .calm(random))
        #expect(try run(.incremental).state == .success)
        try expectAll(ledger, house, exactly: false, "seed \(seed), at the end")
        #expect(try run(.full).state == .success)
        try expectAll(ledger, house, exactly: true, "seed \(seed), read whole")
    }
}
