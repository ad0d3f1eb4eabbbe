import Foundation
package import HeatModel
package import Mapping
import Records
package import Store
import Synchronization

/// Reads the rows of one account again, now, for somebody who waits.
///
/// Each stream is read in a run of its own, under its lease, and the account's view is made anew. One reading goes on for an account
/// at a time: who asks meanwhile gets what it brings. Few go on at once, and who comes beyond waits as long as there is time.
package final class AccountRefresh: Sendable {
    /// The longest that anybody waits.
    package static let longest = Duration.seconds(30)
    /// How many accounts are read at once.
    private static let most = 2
    /// How many callers wait at once, those whose account is being read among them. Who comes beyond gets what is held.
    package static let mostWaiting = 8

    private let engine: SyncEngine
    private let mappings: MappingSet
    private let streams: [SyncStream]
    private let state = Mutex(State())

    private struct State {
        /// Accounts that are being read.
        var underWay: [String: Ongoing] = [:]
        var reading = 0
        var waiting = 0
    }

    /// A reading that others wait for.
    private final class Ongoing: Sendable {
        let entities: Set<EntityKind>
        let ended = Mutex<[AccountReading]?>(nil)
        init(_ entities: Set<EntityKind>) { self.entities = entities }
    }

    package init(_ engine: SyncEngine, streams: [SyncStream], mappings: MappingSet) {
        self.engine = engine
        self.streams = streams
        self.mappings = mappings
    }

    /// Reads an account's rows of the streams that bring these entities. Blocks its thread, no longer than `seconds` and the second
    /// that a connector takes to notice.
    ///
    /// - Returns: what became of each stream, in the order of the configuration. Nothing throws: where a system cannot be asked, what
    ///   is held stays.
    package func read(_ number: String, _ entities: Set<EntityKind>, within seconds: Int) -> [AccountReading] {
        let deadline = ContinuousClock.now + min(.seconds(seconds), Self.longest)
        let isAdmitted = state.withLock { state in
            if state.waiting >= Self.mostWaiting { return false }
            state.waiting += 1
            return true
        }
        guard isAdmitted else { return selected(entities).map { held($0, .runBusy) } }
        defer { state.withLock { $0.waiting -= 1 } }
        while true {
            switch turn(number, entities) {
            case .mine(let ongoing):
                let readings = readNow(number, entities, until: deadline)
                ongoing.ended.withLock { $0 = readings }
                state.withLock { state in
                    state.underWay[number] = nil
                    state.reading -= 1
                }
                return readings
            case .others(let ongoing):
                // Its end is seen through the object, which outlives its place in the table.
                while ContinuousClock.now < deadline {
                    if let readings = ongoing.ended.withLock({ $0 }) {
                        let wanted = Set(selected(entities).map(\.name.description))
                        return readings.filter { wanted.contains($0.stream) }
                    }
                    usleep(5_000)
                }
                return selected(entities).map { held($0, .sourceTimeout) }
            case .full:
                if ContinuousClock.now >= deadline || engine.isCancelled() {
                    return selected(entities).map { held($0, .runBusy) }
                }
                usleep(5_000)
            }
        }
    }

    private enum Turn {
        case mine(Ongoing)
        /// Somebody reads the same rows already.
        case others(Ongoing)
        case full
    }

    private func turn(_ number: String, _ entities: Set<EntityKind>) -> Turn {
        state.withLock { state in
            if let ongoing = state.underWay[number] {
                return ongoing.entities.isSuperset(of: entities) ? .others(ongoing) : .full
            }
            if state.reading >= Self.most { return .full }
            let ongoing = Ongoing(entities)
            state.underWay[number] = ongoing
            state.reading += 1
            return .mine(ongoing)
        }
    }

    private func selected(_ entities: Set<EntityKind>) -> [SyncStream] {
        streams.filter { entities.contains($0.mapping.entity) }
    }

    private func readNow(
        _ number: String, _ entities: Set<EntityKind>, until deadline: ContinuousClock.Instant
    ) -> [AccountReading] {
        var engine = engine
        let stopped = engine.isCancelled
        engine.isCancelled = { stopped() || ContinuousClock.now >= deadline }
        var readings: [AccountReading] = []
        for stream in selected(entities) {
            do {
                let report = try engine.runOfAccount(stream, keys: try keys(of: stream, number))
                readings.append(try reading(report, stream, number, isLate: ContinuousClock.now >= deadline))
            } catch let error as HearthError {
                readings.append(held(stream, error.code))
            } catch {
                readings.append(held(stream, .runFailed))
            }
        }
        do {
            try refreshViews(number)
        } catch {
            // The records are there, and the next sync makes the view: what is shown until then is what was held.
            let code = (error as? HearthError)?.code ?? .runFailed
            return selected(entities).map { held($0, code) }
        }
        return readings
    }

    /// The account's view, and those of others whose rows have come or gone: a row may have moved from one to another. Where a sync is
    /// at work, whose accounts wait too, it makes the others.
    private func refreshViews(_ number: String) throws {
        let views = ViewRefresh(store: engine.store, unified: mappings.unified)
        try views.run(of: number)
        let waiting = try engine.store.read { try $0.touchedAccounts(after: nil, limit: Self.mostViews + 1) }
        if !waiting.isEmpty, waiting.count <= Self.mostViews { _ = try views.run() }
    }

    private static let mostViews = 64

    private func reading(
        _ report: RunReport, _ stream: SyncStream, _ number: String, isLate: Bool
    ) throws -> AccountReading {
        if report.state == .success {
            // What was set aside, or did not come although it is held, leaves the account as nobody knows it.
            if report.counts.quarantined > 0 { return held(stream, .runQuarantined) }
            let name = stream.name.description
            let known = try engine.store.read { store in
                try Array(number.utf8).withUnsafeBytes { try store.account(number: $0) }.map {
                    try store.records(of: $0).count { $0.stream == name }
                } ?? 0
            }
            if report.counts.read < Int64(known) { return held(stream, .runIncomplete) }
        }
        if report.state == .success, let run = try engine.store.read({ try $0.run(report.run) }) {
            return AccountReading(stream: stream.name.description, outcome: .read(run.id, at: run.startedAt))
        }
        if isLate, report.state == .cancelled { return held(stream, .sourceTimeout) }
        return held(stream, report.error?.code ?? .runFailed)
    }

    private func held(_ stream: SyncStream, _ reason: HearthError.Code) -> AccountReading {
        let name = stream.name.description
        // Why it is held matters more than since when: a store that cannot be read tells no time.
        let since = try? engine.store.read { try $0.lastSuccesses()[name] }
        return AccountReading(stream: name, outcome: .held(reason: reason.name, since: since ?? nil))
    }

    /// What tells the account's rows from others in a stream.
    ///
    /// - Throws: `config.notFresh` where nothing says; `run.needsSync` where no record of the account states it yet.
    private func keys(of stream: SyncStream, _ number: String) throws -> [String] {
        guard let key = try stream.connector.accountKey(of: stream.name.stream) else {
            throw AccountKey.missing(stream.name.description)
        }
        guard let from = key.from else { return [number] }
        let name = StreamName(source: stream.name.source, stream: from.stream).description
        let records = try engine.store.read { store in
            try Array(number.utf8).withUnsafeBytes { try store.account(number: $0) }.map { try store.records(of: $0) }
                ?? []
        }
        var found: [String] = []
        for record in records where record.stream == name {
            guard let column = record.columns.firstIndex(of: from.column) else { continue }
            guard let values = RawRecord.decode(record.raw, columns: record.columns.count), column < values.count else {
                throw HearthError(.storeCorrupt, "a record of \(name) cannot be read", at: .address("store"))
            }
            guard let bytes = values[column], !bytes.isEmpty else { continue }
            let value = String(decoding: bytes, as: UTF8.self)
            if !found.contains(value) { found.append(value) }
        }
        if found.isEmpty {
            throw HearthError(
                .runNeedsSync, "no record of \(name) states \(from.column) of the account",
                at: .address(stream.name.description), advice: "check fresh.from, or run \(.sync)")
        }
        return found
    }
}
