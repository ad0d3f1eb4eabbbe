import Foundation
import HearthTesting
import HeatModel
import Records
import Store
import Synchronization

/// A store that keeps every promise but one, or refuses to answer one requirement of the contract.
final class BrokenStore: Store {
    private let store: any Store
    private let fault: StoreCheck?
    private let refused: String?
    private let placed = Mutex<Set<RecordID>>([])
    /// The requirements that were asked, as `#function` has them.
    let asked = Mutex<Set<String>>([])

    init(_ store: any Store, breaks fault: StoreCheck? = nil, refuses refused: String? = nil) {
        self.store = store
        self.fault = fault
        self.refused = refused
    }

    struct Refusal: Error {}
    private struct TakenBack: Error {}

    func ask(_ requirement: String = #function) throws {
        asked.withLock { _ = $0.insert(requirement) }
        if requirement == refused { throw Refusal() }
    }

    private let isHeld = Mutex(false)

    func holdingReads<Result>(_ body: () throws -> Result) throws -> Result {
        try ask()
        isHeld.withLock { $0 = fault == .heldReads }
        defer { isHeld.withLock { $0 = false } }
        return try store.holdingReads(body)
    }

    func releaseReads() throws {
        try ask()
        try store.releaseReads()
    }

    func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        try ask()
        if isHeld.withLock(\.self) {
            // Nobody sees what is written meanwhile.
            var result: Result?
            do {
                try store.write { writer in
                    result = try body(BrokenWriter(writer, self, fault))
                    throw TakenBack()
                }
            } catch is TakenBack {}
            return result!
        }
        if fault != .throwingTakesBack { return try store.write { try body(BrokenWriter($0, self, fault)) } }
        // Commits what a closure that throws has done.
        return try store.write { writer in Swift.Result { try body(BrokenWriter(writer, self, fault)) } }.get()
    }

    func writeTogether<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        try ask()
        if fault != .writesTogether { return try store.writeTogether { try body(BrokenWriter($0, self, fault)) } }
        // One that throws is kept with the others of its transaction.
        return try store.writeTogether { writer in Swift.Result { try body(BrokenWriter(writer, self, fault)) } }.get()
    }

    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try ask()
        return try store.read { try body(BrokenReader($0, self, fault)) }
    }

    func size() throws -> Int64 {
        try ask()
        return try store.size()
    }

    func view(number: [UInt8]) async throws -> StoredView? {
        try ask()
        return try await store.view(number: fault == .keyedReads ? Array(number.reversed()) : number)
    }

    func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader {
        try ask()
        return BrokenSnapshotReader(try store.makeSnapshotReader(cacheMegabytes: cacheMegabytes), self, fault)
    }

    /// One that is refused limits nothing.
    func makeRateLimiter(_ limit: RateLimit) -> any RateLimiting {
        let isAnswered = (try? ask()) != nil
        var limit = limit
        if fault == .ratesLimited { limit.burst += 1 }
        return BrokenLimiter(self, isAnswered ? store.makeRateLimiter(limit) : nil)
    }

    /// A setting as it is now, whatever the reader's snapshot says.
    fileprivate func settingOfNow(_ name: String) -> String? {
        let box = Box()
        let store = store
        let done = DispatchSemaphore(value: 0)
        Thread {
            let found = (try? store.read { try $0.setting(name) }) ?? nil
            box.value.withLock { $0 = found }
            done.signal()
        }.start()
        done.wait()
        return box.value.withLock { $0 }
    }

    /// Whether the record had stated no place before.
    func place(_ record: RecordID) -> Bool { placed.withLock { $0.insert(record).inserted } }

    private final class Box: Sendable { let value = Mutex<String?>(nil) }
}

/// Passes everything on, but for what `fault` asks to be broken.
class BrokenReader: StoreReader {
    let reader: any StoreReader
    let store: BrokenStore
    let fault: StoreCheck?

    init(_ reader: any StoreReader, _ store: BrokenStore, _ fault: StoreCheck?) {
        self.reader = reader
        self.store = store
        self.fault = fault
    }

    func streams() throws -> [StoredStream] {
        try store.ask()
        return try reader.streams()
    }
    func account(number: UnsafeRawBufferPointer) throws -> AccountID? {
        try store.ask()
        return try reader.account(number: number)
    }
    func accountNumbers(_ accounts: [AccountID]) throws -> [String?] {
        try store.ask()
        let numbers = try reader.accountNumbers(accounts)
        return fault == .accountsByNumber ? numbers.map { $0.map { String($0.drop { $0 == "0" }) } } : numbers
    }
    func accounts(numbers: [UnsafeRawBufferPointer]) throws -> [AccountID?] {
        try store.ask()
        let found = try reader.accounts(numbers: numbers)
        return fault == .accountsLookedUp ? found.filter { $0 != nil } : found
    }
    func accountCount() throws -> Int64 {
        try store.ask()
        return try reader.accountCount()
    }
    func accounts(system: String, externalID: UnsafeRawBufferPointer, limit: Int) throws -> [AccountID] {
        try store.ask()
        let limit = fault == .foreignIDsNameAll ? 1 : limit
        return try reader.accounts(
            system: fault == .crosswalkPerSystem ? "any" : system, externalID: externalID, limit: limit)
    }
    func accounts(at place: PlaceKey, limit: Int) throws -> [AccountID] {
        try store.ask()
        return fault == .placesMatch && place.unit.isEmpty ? [] : try reader.accounts(at: place, limit: limit)
    }
    func communities() throws -> [String] {
        try store.ask()
        let names = try reader.communities()
        return fault == .communitiesSorted ? names.reversed() : names
    }
    func viewStamp(number: UnsafeRawBufferPointer) throws -> ViewStamp? {
        try store.ask()
        return try fault == .viewsStamped
            ? reader.view(number: number).map { ViewStamp(packing: $0.account.number, packed: []) }
            : reader.viewStamp(number: number)
    }
    func view(number: UnsafeRawBufferPointer) throws -> StoredView? {
        try store.ask()
        return try reader.view(number: number)
    }

    func lookUp(stream: StreamID, keys: [UnsafeRawBufferPointer]) throws -> [CurrentRecord?] {
        try store.ask()
        var found = try reader.lookUp(stream: stream, keys: keys)
        if fault == .currentIsExact { for index in found.indices { found[index]?.hash = ContentHash(1, 1) } }
        if fault == .keysLookedUp, found.count > 1 { found.reverse() }
        return found
    }
    func record(_ id: RecordID) throws -> StoredRecord? {
        try store.ask()
        return try reader.record(id)
    }
    func record(stream: StreamID, key: UnsafeRawBufferPointer) throws -> StoredRecord? {
        try store.ask()
        var record = try reader.record(stream: stream, key: key)
        if fault == .provenanceComplete { record?.provenance.originDigest = nil }
        return record
    }
    func records(of account: AccountID) throws -> [StoredRecord] {
        try store.ask()
        return try reader.records(of: account)
    }
    func records(in stream: StreamID, after: RecordID?, limit: Int) throws -> [StoredRecord] {
        try store.ask()
        return try reader.records(in: stream, after: after, limit: limit)
    }
    func history(stream: StreamID, key: UnsafeRawBufferPointer) throws -> [StoredRecord] {
        try store.ask()
        let history = try reader.history(stream: stream, key: key)
        return fault == .historyNewestFirst ? history.reversed() : history
    }
    func forEachRecord(of accounts: [AccountID], _ body: (Int, RecordSlice) -> Void) throws {
        try store.ask()
        guard fault == .accountsAreWalked else { return try reader.forEachRecord(of: accounts, body) }
        for (place, account) in accounts.enumerated() {
            for record in try reader.records(of: account) {
                record.key.withUnsafeBytes { key in
                    record.body.withUnsafeBytes { body(place, RecordSlice(stream: StreamID(0), key: key, body: $0)) }
                }
            }
        }
    }
    func forEachRecord(in stream: StreamID, _ body: (RecordID, UnsafeRawBufferPointer) throws -> Void) throws {
        try store.ask()
        var records: [(RecordID, [UInt8])] = []
        try reader.forEachRecord(in: stream) { records.append(($0, Array($1))) }
        if fault == .streamsAreWalked { records.sort { $0.0 < $1.0 } }
        if fault == .readersSeeLastCommit { records = records.dropLast() }
        for (id, key) in records { try key.withUnsafeBytes { try body(id, $0) } }
    }

    func touchedAccounts(after: AccountID?, limit: Int) throws -> [TouchedAccount] {
        try store.ask()
        return try reader.touchedAccounts(after: after, limit: limit)
    }
    func touchedCount() throws -> Int64 {
        try store.ask()
        return try reader.touchedCount()
    }

    func runs(_ which: RunChoice, limit: Int) throws -> [Run] {
        try store.ask()
        let runs = try reader.runs(which, limit: limit)
        return fault == .runsChosen && which.kind != .all ? runs.filter { $0.mode == "account" } : runs
    }
    func run(_ id: RunID) throws -> Run? {
        try store.ask()
        var run = try reader.run(id)
        if fault == .orphanedLeaseTaken, run?.state == .interrupted { run?.state = .running }
        return run
    }
    func log(of run: RunID) throws -> RunLog? {
        try store.ask()
        return try reader.log(of: run)
    }
    func state(stream: StreamID) throws -> SyncState {
        try store.ask()
        return try reader.state(stream: stream)
    }
    func firstPulls() throws -> [StreamID: FirstPull] {
        try store.ask()
        let pulls = try reader.firstPulls()
        return fault == .firstPullsKnown ? pulls.mapValues { FirstPull(begunAt: $0.begunAt, whole: nil) } : pulls
    }
    func isKnownOrigin(stream: StreamID, digest: String, since: RunID?) throws -> Bool {
        try store.ask()
        return try reader.isKnownOrigin(stream: stream, digest: digest, since: fault == .originsKnown ? nil : since)
    }
    func lastSnapshot(stream: StreamID) throws -> SnapshotMark? {
        try store.ask()
        guard var last = try reader.lastSnapshot(stream: stream) else { return nil }
        if fault == .lastSnapshotKnown { last.isWhole = true }
        return last
    }
    func unfinishedOrigin(stream: StreamID, digest: String) throws -> Int64? {
        try store.ask()
        return try reader.unfinishedOrigin(stream: stream, digest: digest)
    }

    func quarantine(stream: StreamID?, state: QuarantineState?, code: String?, after: QuarantineID?, limit: Int) throws
        -> [QuarantinedRecord]
    {
        try store.ask()
        return try reader.quarantine(
            stream: stream, state: state, code: fault == .quarantineListed ? nil : code, after: after, limit: limit)
    }
    func quarantined(_ id: QuarantineID) throws -> QuarantinedRecord? {
        try store.ask()
        return try reader.quarantined(id)
    }
    func quarantineCounts() throws -> [(stream: String, code: String, count: Int64)] {
        try store.ask()
        return try reader.quarantineCounts()
    }
    func openQuarantineIDs(stream: StreamID) throws -> [QuarantineID] {
        try store.ask()
        let ids = try reader.openQuarantineIDs(stream: stream)
        return fault == .quarantineInOrderOfSight ? ids.sorted() : ids
    }
    func openQuarantineCode(stream: StreamID, raw: UnsafeRawBufferPointer) throws -> String? {
        try store.ask()
        return try reader.openQuarantineCode(stream: stream, raw: raw)
    }
    func openQuarantineKeys(stream: StreamID, limit: Int) throws -> Set<[UInt8]>? {
        try store.ask()
        return try reader.openQuarantineKeys(stream: stream, limit: limit)
    }
    func setting(_ name: String) throws -> String? {
        try store.ask()
        return fault == .readsAreSnapshots ? store.settingOfNow(name) : try reader.setting(name)
    }
}

final class BrokenWriter: BrokenReader, StoreWriter {
    let writer: any StoreWriter

    init(_ writer: any StoreWriter, _ store: BrokenStore, _ fault: StoreCheck?) {
        self.writer = writer
        super.init(writer, store, fault)
    }

    func stream(named name: String, entity: EntityKind) throws -> StreamID {
        try store.ask()
        return try writer.stream(named: name, entity: entity)
    }

    func beginRun(stream: StreamID, mode: String, mappingVersion: String, at instant: Instant) throws -> RunID {
        try store.ask()
        return try writer.beginRun(stream: stream, mode: mode, mappingVersion: mappingVersion, at: instant)
    }
    func noteCounts(run: RunID, _ counts: RunCounts, cursorAfter: String?) throws {
        try store.ask()
        var counts = counts
        if fault == .runsKept { counts.vanished = 0 }
        try writer.noteCounts(run: run, counts, cursorAfter: cursorAfter)
    }
    func noteLog(run: RunID, _ log: RunLog) throws {
        try store.ask()
        if fault == .runLogsKept, try reader.log(of: run) != nil { return }
        try writer.noteLog(run: run, log)
    }
    func notePull(run: RunID, _ end: PullEnd) throws {
        try store.ask()
        var end = end
        if fault == .pullEndsKept { end.completeness?.detail = "" }
        try writer.notePull(run: run, end)
    }
    func nested<Result>(_ body: () throws -> Result) throws -> Result {
        try store.ask()
        if fault != .nestedTakesBack { return try writer.nested(body) }
        // Keeps what a closure that throws has done.
        return try writer.nested { Swift.Result { try body() } }.get()
    }
    func endRun(_ run: RunID, state: RunState, at instant: Instant, error: HearthError?, totals: [RunTotal]) throws {
        try store.ask()
        try writer.endRun(run, state: state, at: instant, error: error, totals: totals)
    }
    func setCursor(stream: StreamID, run: RunID, cursor: String?) throws {
        try store.ask()
        if fault != .cursorKept { try writer.setCursor(stream: stream, run: run, cursor: cursor) }
    }
    func beginOrigin(_ origin: IncomingOrigin) throws -> OriginID {
        try store.ask()
        return try writer.beginOrigin(origin)
    }
    func noteProgress(of origin: OriginID, ordinal: Int64) throws {
        try store.ask()
        if fault != .originsUnfinished { try writer.noteProgress(of: origin, ordinal: ordinal) }
    }
    func endOrigin(_ origin: OriginID, digest: String?, byteCount: Int64?) throws {
        try store.ask()
        try writer.endOrigin(origin, digest: digest, byteCount: byteCount)
    }
    func addTotals(stream: StreamID, records: Int64, sums: [(measure: String, count: Int64, sum: Int64)]) throws {
        try store.ask()
        try writer.addTotals(
            stream: stream, records: records, sums: fault == .totalsAddUp ? sums.filter { $0.sum > 0 } : sums)
    }

    func introduceAccounts(numbers: [UnsafeRawBufferPointer], run: RunID) throws -> [AccountID] {
        try store.ask()
        return try writer.introduceAccounts(numbers: numbers, run: run)
    }

    func apply(_ changes: [RecordChange]) throws -> [AppliedChange] {
        try store.ask()
        let outcomes = try changes.map { change -> AppliedChange in
            switch change {
            case .insert(let record): return try insert(record)
            case .supersede(_, let record):
                let outcome = try writer.apply([change])[0]
                return fault == .supersedeKeepsHistory ? .superseded(before: Array(record.body)) : outcome
            case .end(let id, let run, let reason): return try end(id, run, reason)
            }
        }
        return fault == .changesApplied && outcomes.count > 1 ? outcomes.reversed() : outcomes
    }

    private func insert(_ record: IncomingRecord) throws -> AppliedChange {
        switch fault {
        case .keyTakenOnce:
            if let current = try writer.current(stream: record.stream, key: record.key) {
                _ = try writer.apply([.supersede(current.id, with: record)])
                return .inserted(current.id)
            }
        case .keysArePerStream:
            let isTaken = try writer.streams().contains { try writer.current(stream: $0.id, key: record.key) != nil }
            if isTaken { return .keyTaken }
        default: break
        }
        return try writer.apply([.insert(record)])[0]
    }

    private func end(_ id: RecordID, _ run: RunID, _ reason: EndReason) throws -> AppliedChange {
        let statement = fault == .placesGo ? try writer.statement(of: id) : nil
        let ended = try writer.apply([.end(id, run: run, fault == .endKeepsHistory ? .changed : reason)])[0]
        if let place = statement?.place { try writer.setPlace(place.value, of: place.account, statedBy: id) }
        return ended
    }

    func putViews(
        _ views: [IncomingView], replaced: (_ view: Int, _ before: UnsafeRawBufferPointer) throws -> Void
    ) throws -> [Bool] {
        try store.ask()
        var views = views
        if fault == .viewsAnswerTouches { for index in views.indices { views[index].touch = nil } }
        if fault == .viewsReplaced {
            views = try views.filter { view in
                let number = Array((try writer.accountNumber(view.account) ?? "").utf8)
                return try number.withUnsafeBytes { try writer.view(number: $0) } == nil
            }
        }
        return try writer.putViews(views) {
            if fault != .viewsTellWhatTheyReplace || $0 == 0 { try replaced($0, $1) }
        }
    }
    func touchAllAccounts(again: Bool) throws {
        try store.ask()
        try writer.touchAllAccounts(again: again != (fault == .touchedAgain))
    }

    func quarantine(_ record: IncomingQuarantine) throws {
        try store.ask()
        var record = record
        if fault == .quarantineOnce { record.raw += Array("\(record.ordinal)".utf8) }
        if fault == .quarantineComplete { record.candidates = [] }
        try writer.quarantine(record)
        if fault == .quarantineStates {
            for entry in try writer.quarantine(stream: nil, state: .discarded, code: nil, after: nil, limit: 9) {
                try writer.setQuarantineState(entry.id, .open, run: nil, note: nil)
            }
        }
    }
    func setQuarantineState(_ id: QuarantineID, _ state: QuarantineState, run: RunID?, note: String?) throws {
        try store.ask()
        try writer.setQuarantineState(id, state, run: run, note: note)
    }
    func resolveQuarantine(
        stream: StreamID, key: UnsafeRawBufferPointer, run: RunID, through origin: OriginID, ordinal: Int64
    ) throws {
        try store.ask()
        let last = fault == .quarantineResolvedByKey ? OriginID(.max) : origin
        try writer.resolveQuarantine(stream: stream, key: key, run: run, through: last, ordinal: ordinal)
    }
    func resolveQuarantineUnseen(stream: StreamID, origin: OriginID, run: RunID) throws {
        try store.ask()
        if fault != .quarantineResolvedUnseen {
            try writer.resolveQuarantineUnseen(stream: stream, origin: origin, run: run)
        }
    }
    func setSetting(_ name: String, _ value: String) throws {
        try store.ask()
        if fault == .settingsKept, try writer.setting(name) != nil { return }
        try writer.setSetting(name, value)
    }
}
