package import AccountView
package import Billing
import Foundation
import HeatModel
import JSONText
package import Mapping
package import Store
import Tables

/// Compares what the systems say of every account, and writes what does not fit.
///
/// ```
/// let outcome = try Reconciliation(mappings: mappings, rules: rules, book: book).run(store, into: "out", .init())
/// ```
package struct Reconciliation: Sendable {
    package struct Options: Sendable {
        /// Only findings of this season, and those that belong to none.
        package var season: String?
        /// When the systems are compared.
        package var asOf = AsOf.present
        /// Whether the CSV files begin with a byte-order mark.
        package var writesByteOrderMark = false
        package var threads = 2
        /// Whether the control totals' middle side is counted from the records themselves, cell by cell, and the tables that are made of
        /// the records are made again.
        package var recounts = false
        /// The rules that the groups of peers in the store were made under; nil leaves their statistics out of the recount.
        package var peers: PeerRules?
        /// Whether this is a reconciliation that the next one follows: its manifest names the one before, and the store keeps it.
        package var isKept = true

        package init() {}
    }

    let mappings: MappingSet
    let rules: RuleSet
    let book: TariffBook
    /// Names of the tariff files with their SHA-256.
    let tariffFiles: [(name: String, digest: String)]

    /// - Parameter book: the tariffs of ``RuleSet/tariffs``.
    /// - Throws: `config.unreadable` where the tariff files cannot be read again for their digests.
    package init(mappings: MappingSet, rules: RuleSet, book: TariffBook) throws {
        self.mappings = mappings
        self.rules = rules
        self.book = book
        tariffFiles = try Self.digests(of: rules.tariffs)
    }

    /// Reconciles the store's present state, or an earlier one, and writes the outputs into a folder, which is made where it is missing.
    ///
    /// - Throws: `reconcile.viewsBehind` where account views wait to be rebuilt, `usage.unknownRun`, `usage.runNotEnded`,
    ///   `output.notWritable`, and errors of the store.
    package func run(_ store: any Store, into folder: String, _ options: Options) throws -> Summary {
        try Self.make(folder)
        let views = AccountViews(store: store, unified: mappings.unified)
        let lines = try store.read { reader in
            let moment = try reader.moment(of: options.asOf)
            return try reconcile(Snapshot(store: reader, moment: moment, views: views), folder, options)
        }
        return try lines.seal(in: options.isKept ? store : nil)
    }

    private static func make(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw HearthError.notWritable(folder, "the folder cannot be made", error)
        }
    }

    private func reconcile(_ snapshot: Snapshot, _ folder: String, _ options: Options) throws -> WrittenReport {
        let (store, moment) = (snapshot.store, snapshot.moment)
        if try moment == nil && store.touchedCount() > 0 {
            throw HearthError(
                .reconcileViewsBehind, "account views wait to be rebuilt", at: .address("store"),
                advice: "run \(.sync) first")
        }
        let streams = try store.streams()
        let newest = try store.newestRun(at: moment)
        var spool = FindingSpool(ruleIDs: rules.rules.map(\.id), folder: folder)
        defer { spool.clear() }
        var quarantine = QuarantineChecks(rules: rules, streams: streams, mappings: mappings)
        try quarantine.run(snapshot)
        let plan = CheckPlan(
            rules: rules, book: book, streams: streams, incomplete: quarantine.incomplete,
            placed: try placed(snapshot, streams), season: options.season)
        for finding in quarantine.findings where plan.isWanted(season: finding.season) { try spool.append(finding) }

        let runs = try streams.map { try store.newestRun(of: $0.id, at: moment) }
        let workers = CheckWorkers(plan: plan, threads: max(1, options.threads), limit: Self.limit(runs))
        var postponed: [AccountID] = []
        try workers.run(snapshot) { result in
            for finding in result.findings { try spool.append(finding) }
            postponed += result.postponed
        }
        let (served, accounts, latest) = workers.outcome
        let today = CivilDate(String(latest.prefix(10)))
        try recheck(postponed, plan, today, snapshot, &spool)

        var totals = try totals(snapshot, streams, served: served, quarantine: quarantine.pulled)
        if options.recounts { totals.recounted = try Recount(snapshot, streams).cells(snapshot) }
        var checks = StoreChecks(plan: plan, mappings: mappings)
        try checks.run(snapshot, totals, runs)
        for finding in checks.findings where plan.isWanted(season: finding.season) { try spool.append(finding) }
        // What the tables held at that moment is not kept.
        if options.recounts, moment == nil, let rule = plan.rule(.controlTotals) {
            let recount = try DerivedTables(mappings: mappings, peers: options.peers).recount(store)
            for finding in DerivedChecks(rule: rule).findings(recount) { try spool.append(finding) }
        }
        var writer = try ReportWriter(
            plan: plan, folder: folder, options: options,
            background: Background(
                runs: runs, newest: newest, accounts: accounts, today: today, mappings: mappings, rules: rules.version,
                tariffs: tariffFiles, season: options.season))
        try writer.write(&spool, totals, snapshot)
        return try writer.finish(isPast: moment != nil)
    }

    /// The day after the newest run: what claims to have happened later is a mistake of someone's hand.
    private static func limit(_ runs: [Run?]) -> String {
        let newest = runs.compactMap { $0?.startedAt }.max()
        return newest.map { "\($0.local.date.adding(days: 2))" } ?? "9999"
    }

    private func placed(_ snapshot: Snapshot, _ streams: [StoredStream]) throws
        -> [AccountID: [CheckPlan.PlacedRecord]]
    {
        guard rules.index(of: .weakLink) != nil else { return [:] }
        var found: [AccountID: [CheckPlan.PlacedRecord]] = [:]
        try snapshot.store.forEachPlacedRecord(at: snapshot.moment) { account, record in
            // An event was linked with its order.
            guard let stream = streams.firstIndex(where: { $0.id == record.stream }),
                streams[stream].entity != .workOrderEvent
            else { return }
            var phone = ""
            var cursor = JSONCursor(bytes: record.body)
            if cursor.beginObject() {
                while let key = cursor.nextKey() {
                    let value = cursor.value()
                    if key.equals("phone") { phone = CheckPlan.digits(value.text) }
                }
            }
            found[account, default: []].append(.init(stream: stream, key: Array(record.key), phone: phone))
        }
        return found
    }

    /// Accounts whose judgement depends on the day, now that it is known.
    private func recheck(
        _ accounts: [AccountID], _ plan: CheckPlan, _ today: CivilDate?, _ snapshot: Snapshot,
        _ spool: inout FindingSpool
    ) throws {
        let checker = AccountChecker(plan: plan, today: today ?? CivilDate(dayNumber: 0))
        var reader = ScannedAccountReader(plan.streams)
        var scanned = ScannedAccount()
        for account in accounts.sorted() {
            guard let view = try snapshot.view(account) else { continue }
            view.withUnsafeBytes { bytes in
                reader.read(bytes, into: &scanned)
                _ = checker.check(scanned, account)
            }
            for finding in checker.findings { try spool.append(finding) }
            checker.findings.removeAll(keepingCapacity: true)
        }
    }

    private func totals(
        _ snapshot: Snapshot, _ streams: [StoredStream], served: [CellName: Tally], quarantine: [CellName: Tally]
    ) throws -> ControlTotals {
        var totals = ControlTotals()
        totals.served = served
        totals.stored = served
        try snapshot.store.forEachLeftOutRecord(at: snapshot.moment) { record in
            guard let stream = streams.firstIndex(where: { $0.id == record.stream }) else { return }
            let (name, tally) = ControlTotals.tally(record.body, stream: stream, of: streams[stream].entity)
            totals.stored[name, default: Tally()] += tally
        }
        totals.pulled = totals.stored
        for (name, tally) in quarantine { totals.pulled[name, default: Tally()] += tally }
        for (place, stream) in streams.enumerated() {
            let tally = try repeated(snapshot, stream)
            if tally != Tally() { totals.pulled[CellName(stream: place), default: Tally()] += tally }
        }
        return totals
    }

    /// Rows that were dropped because an equal one came before, and what money they state; their seasons are not kept.
    private func repeated(_ snapshot: Snapshot, _ stream: StoredStream) throws -> Tally {
        var tally = Tally()
        tally.rows = try snapshot.store.repeatedRows(stream: stream.id, at: snapshot.moment)
        if tally.rows == 0 { return tally }
        for total in try snapshot.store.repeatedMoney(stream: stream.id, at: snapshot.moment) {
            guard let measure = Measure.allCases.first(where: { $0.name == total.measure }) else { continue }
            tally.counts[measure.rawValue] += total.count
            tally.sums[measure.rawValue] += total.sum.amount
        }
        return tally
    }
}
