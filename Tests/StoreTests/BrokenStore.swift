import Foundation
import HearthTesting
import HeatModel
import Records
import Store
import Synchronization

/// A store that keeps every promise but one.
final class BrokenStore: Store {
    private let store: any Store
    private let fault: StoreCheck
    private let placed = Mutex<Set<RecordID>>([])

    init(_ store: any Store, breaks fault: StoreCheck) {
        self.store = store
        self.fault = fault
    }

    func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        if fault != .throwingTakesBack { return try store.write { try body(BrokenWriter($0, self, fault)) } }
        // Commits what a closure that throws has done.
        return try store.write { writer in Swift.Result { try body(BrokenWriter(writer, self, fault)) } }.get()
    }

    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try store.read { try body(BrokenReader($0, self, fault)) }
    }

    func size() throws -> Int64 { try store.size() }

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
    let fault: StoreCheck

    init(_ reader: any StoreReader, _ store: BrokenStore, _ fault: StoreCheck) {
        self.reader = reader
        self.store = store
        self.fault = fault
    }

    func forEachView(_ body: (AccountID, UnsafeRawBufferPointer) throws -> Void) throws {
        try reader.forEachView(body)
    }
    func view(_ account: AccountID) throws -> StoredView? { try reader.view(account) }
    func position(stream: StreamID, key: UnsafeRawBufferPointer, at moment: Moment?) throws -> RecordPosition? {
        try reader.position(stream: stream, key: key, at: moment)
    }
    func forEachPlacedRecord(at moment: Moment?, _ body: (AccountID, RecordSlice) throws -> Void) throws {
        try reader.forEachPlacedRecord(at: moment, body)
    }
    func forEachRecord(
        heldAt moment: Moment?, _ body: (RecordSlice, _ account: AccountID?, _ isVoided: Bool) throws -> Void
    ) throws { try reader.forEachRecord(heldAt: moment, body) }
    func forEachLeftOutRecord(at moment: Moment?, _ body: (RecordSlice) throws -> Void) throws {
        try reader.forEachLeftOutRecord(at: moment, body)
    }
    func quarantine(at moment: Moment, after: QuarantineID?, limit: Int) throws -> [QuarantinedRecord] {
        try reader.quarantine(at: moment, after: after, limit: limit)
    }
    func sharedPlaces() throws -> [(numbers: [String], community: String)] { try reader.sharedPlaces() }
    func originName(_ origin: OriginID) throws -> String? { try reader.originName(origin) }
    func newestRun(at moment: Moment?) throws -> RunID? { try reader.newestRun(at: moment) }
    func newestRun(of stream: StreamID, at moment: Moment?) throws -> Run? {
        try reader.newestRun(of: stream, at: moment)
    }
    func repeatedRows(stream: StreamID, at moment: Moment?) throws -> Int64 {
        try reader.repeatedRows(stream: stream, at: moment)
    }
    func repeatedMoney(stream: StreamID, at moment: Moment?) throws -> [RunTotal] {
        try reader.repeatedMoney(stream: stream, at: moment)
    }

    func streams() throws -> [StoredStream] { try reader.streams() }
    func account(number: UnsafeRawBufferPointer) throws -> AccountID? { try reader.account(number: number) }
    func accountNumber(_ account: AccountID) throws -> String? {
        let number = try reader.accountNumber(account)
        return fault == .accountsByNumber ? number.map { String($0.drop { $0 == "0" }) } : number
    }
    func accountCount() throws -> Int64 { try reader.accountCount() }
    func accounts(system: String, externalID: UnsafeRawBufferPointer, limit: Int) throws -> [AccountID] {
        let limit = fault == .foreignIDsNameAll ? 1 : limit
        return try reader.accounts(
            system: fault == .crosswalkPerSystem ? "any" : system, externalID: externalID, limit: limit)
    }
    func accounts(at place: PlaceKey, limit: Int) throws -> [AccountID] {
        fault == .placesMatch && place.unit.isEmpty ? [] : try reader.accounts(at: place, limit: limit)
    }
    func communities() throws -> [String] {
        let names = try reader.communities()
        return fault == .communitiesSorted ? names.reversed() : names
    }
    func view(number: UnsafeRawBufferPointer) throws -> StoredView? { try reader.view(number: number) }

    func current(stream: StreamID, key: UnsafeRawBufferPointer) throws -> CurrentRecord? {
        var current = try reader.current(stream: stream, key: key)
        if fault == .currentIsExact, let hash = current?.hash { current?.hash = ContentHash(hash.high, hash.high) }
        return current
    }
    func record(_ id: RecordID) throws -> StoredRecord? { try reader.record(id) }
    func record(stream: StreamID, key: UnsafeRawBufferPointer) throws -> StoredRecord? {
        var record = try reader.record(stream: stream, key: key)
        if fault == .provenanceComplete { record?.provenance.originDigest = nil }
        return record
    }
    func records(of account: AccountID) throws -> [StoredRecord] { try reader.records(of: account) }
    func records(in stream: StreamID, after: RecordID?, limit: Int) throws -> [StoredRecord] {
        try reader.records(in: stream, after: after, limit: limit)
    }
    func history(stream: StreamID, key: UnsafeRawBufferPointer) throws -> [StoredRecord] {
        let history = try reader.history(stream: stream, key: key)
        return fault == .historyNewestFirst ? history.reversed() : history
    }
    func forEachRecord(of account: AccountID, _ body: (RecordSlice) -> Void) throws {
        guard fault == .accountsAreWalked else { return try reader.forEachRecord(of: account, body) }
        for record in try reader.records(of: account) {
            record.key.withUnsafeBytes { key in
                record.body.withUnsafeBytes { body(RecordSlice(stream: StreamID(0), key: key, body: $0)) }
            }
        }
    }
    func forEachRecord(in stream: StreamID, _ body: (RecordID, UnsafeRawBufferPointer) throws -> Void) throws {
        var records: [(RecordID, [UInt8])] = []
        try reader.forEachRecord(in: stream) { records.append(($0, Array($1))) }
        if fault == .streamsAreWalked { records.sort { $0.0 < $1.0 } }
        if fault == .readersSeeLastCommit { records = records.dropLast() }
        for (id, key) in records { try key.withUnsafeBytes { try body(id, $0) } }
    }

    func touchedAccounts(after: AccountID?, limit: Int) throws -> [TouchedAccount] {
        try reader.touchedAccounts(after: after, limit: limit)
    }
    func touchedCount() throws -> Int64 { try reader.touchedCount() }

    func runs(stream: StreamID?, limit: Int) throws -> [Run] { try reader.runs(stream: stream, limit: limit) }
    func run(_ id: RunID) throws -> Run? {
        var run = try reader.run(id)
        if fault == .leaseOfTheDead, run?.state == .interrupted { run?.state = .running }
        return run
    }
    func state(stream: StreamID) throws -> SyncState { try reader.state(stream: stream) }
    func isKnownOrigin(stream: StreamID, digest: String, since: RunID?) throws -> Bool {
        try reader.isKnownOrigin(stream: stream, digest: digest, since: fault == .originsKnown ? nil : since)
    }
    func lastSnapshot(stream: StreamID) throws -> SnapshotMark? {
        guard var last = try reader.lastSnapshot(stream: stream) else { return nil }
        if fault == .lastSnapshotKnown { last.isWhole = true }
        return last
    }
    func unfinishedOrigin(stream: StreamID, digest: String) throws -> Int64? {
        try reader.unfinishedOrigin(stream: stream, digest: digest)
    }

    func quarantine(stream: StreamID?, state: QuarantineState?, code: String?, after: QuarantineID?, limit: Int) throws
        -> [QuarantinedRecord]
    {
        try reader.quarantine(
            stream: stream, state: state, code: fault == .quarantineListed ? nil : code, after: after, limit: limit)
    }
    func quarantined(_ id: QuarantineID) throws -> QuarantinedRecord? { try reader.quarantined(id) }
    func quarantineCounts() throws -> [(stream: String, code: String, count: Int64)] { try reader.quarantineCounts() }
    func openQuarantineIDs(stream: StreamID) throws -> [QuarantineID] {
        let ids = try reader.openQuarantineIDs(stream: stream)
        return fault == .quarantineInOrderOfSight ? ids.sorted() : ids
    }
    func openQuarantineCode(stream: StreamID, raw: UnsafeRawBufferPointer) throws -> String? {
        try reader.openQuarantineCode(stream: stream, raw: raw)
    }
    func openQuarantineKeys(stream: StreamID, limit: Int) throws -> Set<[UInt8]>? {
        try reader.openQuarantineKeys(stream: stream, limit: limit)
    }
    func setting(_ name: String) throws -> String? {
        fault == .readsAreSnapshots ? store.settingOfNow(name) : try reader.setting(name)
    }
}

final class BrokenWriter: BrokenReader, StoreWriter {
    let writer: any StoreWriter

    init(_ writer: any StoreWriter, _ store: BrokenStore, _ fault: StoreCheck) {
        self.writer = writer
        super.init(writer, store, fault)
    }

    func stream(named name: String, entity: EntityKind) throws -> StreamID {
        try writer.stream(named: name, entity: entity)
    }

    func takeLease(stream: StreamID, owner: LeaseOwner, isAlive: (LeaseOwner) -> Bool) throws {
        try writer.takeLease(stream: stream, owner: owner) { fault != .leaseRefused && isAlive($0) }
    }
    func dropLease(stream: StreamID, owner: LeaseOwner) throws { try writer.dropLease(stream: stream, owner: owner) }
    func beginRun(stream: StreamID, mode: String, mappingVersion: String, at instant: Instant) throws -> RunID {
        try writer.beginRun(stream: stream, mode: mode, mappingVersion: mappingVersion, at: instant)
    }
    func noteCounts(run: RunID, _ counts: RunCounts, cursorAfter: String?) throws {
        var counts = counts
        if fault == .runsKept { counts.vanished = 0 }
        try writer.noteCounts(run: run, counts, cursorAfter: cursorAfter)
    }
    func notePull(run: RunID, _ end: PullEnd) throws {
        var end = end
        if fault == .pullEndsKept { end.completeness?.detail = "" }
        try writer.notePull(run: run, end)
    }
    func nested<Result>(_ body: () throws -> Result) throws -> Result {
        if fault != .nestedTakesBack { return try writer.nested(body) }
        // Keeps what a closure that throws has done.
        return try writer.nested { Swift.Result { try body() } }.get()
    }
    func endRun(_ run: RunID, state: RunState, at instant: Instant, error: HearthError?, totals: [RunTotal]) throws {
        try writer.endRun(run, state: state, at: instant, error: error, totals: totals)
    }
    func setCursor(stream: StreamID, run: RunID, cursor: String?) throws {
        if fault != .cursorKept { try writer.setCursor(stream: stream, run: run, cursor: cursor) }
    }
    func beginOrigin(_ origin: IncomingOrigin) throws -> OriginID { try writer.beginOrigin(origin) }
    func noteProgress(of origin: OriginID, ordinal: Int64) throws {
        if fault != .originsUnfinished { try writer.noteProgress(of: origin, ordinal: ordinal) }
    }
    func endOrigin(_ origin: OriginID, digest: String?, byteCount: Int64?) throws {
        try writer.endOrigin(origin, digest: digest, byteCount: byteCount)
    }
    func addTotals(stream: StreamID, records: Int64, sums: [(measure: String, count: Int64, sum: Int64)]) throws {
        try writer.addTotals(
            stream: stream, records: records, sums: fault == .totalsAddUp ? sums.filter { $0.sum > 0 } : sums)
    }

    func introduceAccount(number: UnsafeRawBufferPointer, run: RunID) throws -> AccountID {
        try writer.introduceAccount(number: number, run: run)
    }

    func insert(_ record: IncomingRecord) throws -> RecordID? {
        switch fault {
        case .keyTakenOnce:
            guard let current = try writer.current(stream: record.stream, key: record.key) else {
                return try writer.insert(record)
            }
            _ = try writer.supersede(current.id, with: record)
            return current.id
        case .keysArePerStream:
            let isTaken = try writer.streams().contains { try writer.current(stream: $0.id, key: record.key) != nil }
            return isTaken ? nil : try writer.insert(record)
        default: return try writer.insert(record)
        }
    }
    func supersede(_ id: RecordID, with record: IncomingRecord) throws -> [UInt8] {
        let before = try writer.supersede(id, with: record)
        return fault == .supersedeKeepsHistory ? Array(record.body) : before
    }
    func end(_ id: RecordID, run: RunID, reason: EndReason) throws -> (account: AccountID?, body: [UInt8]) {
        let statement = fault == .placesGo ? try writer.statement(of: id) : nil
        let ended = try writer.end(id, run: run, reason: fault == .endKeepsHistory ? .changed : reason)
        if let place = statement?.place { try writer.setPlace(place.value, of: place.account, statedBy: id) }
        return ended
    }
    func touch(_ account: AccountID) throws { try writer.touch(account) }

    func putView(_ account: AccountID, body: UnsafeRawBufferPointer, runs: UnsafeRawBufferPointer?) throws {
        let number = Array((try writer.accountNumber(account) ?? "").utf8)
        let isThere = try number.withUnsafeBytes { try writer.view(number: $0) } != nil
        if fault != .viewsReplaced || !isThere { try writer.putView(account, body: body, runs: runs) }
    }
    func untouch(_ account: TouchedAccount) throws -> Bool {
        fault == .touchedOnce ? true : try writer.untouch(account)
    }
    func touchAllAccounts() throws { try writer.touchAllAccounts() }

    func quarantine(_ record: IncomingQuarantine) throws {
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
        try writer.setQuarantineState(id, state, run: run, note: note)
    }
    func resolveQuarantine(
        stream: StreamID, key: UnsafeRawBufferPointer, run: RunID, through origin: OriginID, ordinal: Int64
    ) throws {
        let last = fault == .quarantineResolvedByKey ? OriginID(.max) : origin
        try writer.resolveQuarantine(stream: stream, key: key, run: run, through: last, ordinal: ordinal)
    }
    func resolveQuarantineUnseen(stream: StreamID, origin: OriginID, run: RunID) throws {
        if fault != .quarantineResolvedUnseen {
            try writer.resolveQuarantineUnseen(stream: stream, origin: origin, run: run)
        }
    }
    func setSetting(_ name: String, _ value: String) throws {
        if fault == .settingsKept, try writer.setting(name) != nil { return }
        try writer.setSetting(name, value)
    }
}
