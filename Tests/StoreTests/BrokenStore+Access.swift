import HearthTesting
import HeatModel
import Store

/// Leases, the feed, tokens and limits, broken where they are asked to be.
extension BrokenReader {
    func holds(_ lease: Lease) throws -> Bool {
        try store.ask()
        return try reader.holds(lease) || fault == .leaseFences
    }

    func changes(after position: ChangePosition, limit: Int) throws -> [AccountChange] {
        try store.ask()
        let changes = try reader.changes(after: position, limit: limit)
        if fault == .feedOfViews { return changes.filter { $0.kind != .view } }
        return fault == .feedInOrder ? changes.map { change($0) { $0.run = nil } } : changes
    }
    func changes(of account: AccountID, after position: ChangePosition, limit: Int) throws -> [AccountChange] {
        try store.ask()
        if fault == .feedOfAnAccount { return try reader.changes(after: position, limit: limit) }
        return try reader.changes(of: account, after: position, limit: limit)
    }
    func lastChange() throws -> ChangePosition {
        try store.ask()
        return try reader.lastChange()
    }

    private func change(_ entry: AccountChange, _ body: (inout AccountChange) -> Void) -> AccountChange {
        var entry = entry
        body(&entry)
        return entry
    }

    func accessTokens() throws -> [AccessToken] {
        try store.ask()
        var tokens = try reader.accessTokens()
        if fault == .tokensKept { for index in tokens.indices { tokens[index].revokedAt = nil } }
        return tokens
    }
    func attemptWait(_ key: String, _ limit: AttemptLimit) throws -> Int64? {
        try store.ask()
        return try reader.attemptWait(key, limit)
    }
}

extension BrokenWriter {
    func takeLease(stream: StreamID, owner: LeaseOwner, isAlive: (LeaseOwner) -> Bool) throws -> Lease {
        try store.ask()
        return try writer.takeLease(stream: stream, owner: owner) { fault != .leaseRefused && isAlive($0) }
    }
    func renewLease(_ lease: Lease) throws {
        try store.ask()
        if fault != .leaseExpires { try writer.renewLease(lease) }
    }
    func dropLease(_ lease: Lease) throws {
        try store.ask()
        try writer.dropLease(lease)
    }
    func expireOrphanedRuns(isAlive: (LeaseOwner) -> Bool, at instant: Instant) throws {
        try store.ask()
        if fault != .deadRunsEnd { try writer.expireOrphanedRuns(isAlive: isAlive, at: instant) }
    }
    func touch(_ accounts: [TouchedRecords], entity: EntityKind, run: RunID) throws {
        try store.ask()
        try writer.touch(accounts, entity: entity, run: run)
        if fault == .touchedOnce { try writer.touchAllAccounts(again: false) }
    }
    func trimChanges(keeping kept: Int64) throws {
        try store.ask()
        if fault != .feedTrimmed { try writer.trimChanges(keeping: kept) }
    }
    func add(_ token: AccessToken) throws {
        try store.ask()
        try writer.add(token)
    }
    func revokeAccessToken(_ id: String, at instant: Instant) throws -> Bool {
        try store.ask()
        return try writer.revokeAccessToken(id, at: instant)
    }
    func countAttempt(_ key: String, _ limit: AttemptLimit) throws {
        try store.ask()
        try writer.countAttempt(key, limit)
        if fault == .attemptsCounted { try writer.countAttempt(key, limit) }
    }
}

final class BrokenSnapshotReader: SnapshotReader {
    private let snapshot: any SnapshotReader
    private let store: BrokenStore
    private let fault: StoreCheck?

    init(_ snapshot: any SnapshotReader, _ store: BrokenStore, _ fault: StoreCheck?) {
        self.snapshot = snapshot
        self.store = store
        self.fault = fault
    }

    func begin() throws {
        try store.ask()
        if fault != .snapshotReads { try snapshot.begin() }
    }
    func end() { if (try? store.ask()) != nil { snapshot.end() } }
    var reader: any StoreReader { BrokenReader(snapshot.reader, store, fault) }
    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool {
        try store.ask()
        return try snapshot.withView(number: number, body)
    }
    func forEachView(after: AccountID?, _ body: (AccountID, UnsafeRawBufferPointer) throws -> Bool) throws {
        try store.ask()
        try snapshot.forEachView(after: after, body)
    }
}

struct BrokenLimiter: RateLimiting {
    let store: BrokenStore
    let limiter: (any RateLimiting)?

    init(_ store: BrokenStore, _ limiter: (any RateLimiting)?) {
        self.store = store
        self.limiter = limiter
    }

    func take(_ key: String, now: UInt64) -> Int? {
        (try? store.ask()) == nil ? nil : limiter?.take(key, now: now)
    }
}
