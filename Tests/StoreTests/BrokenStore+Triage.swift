import HearthTesting
import HeatModel
import Store

/// Outages by place and open orders by building, passed on.
extension BrokenReader {
    func outages(at places: [OutagePlace], openSince since: Instant?) throws -> [(stream: StreamID, key: [UInt8])] {
        try store.ask()
        return try reader.outages(at: places, openSince: fault == .outagesByPlace ? nil : since)
    }
    func openOrders(of account: AccountID) throws -> OpenOrders? {
        try store.ask()
        return try reader.openOrders(of: account)
    }
    func openOrderCount(
        _ level: CohortLevel, like house: PeerBuilding, kinds: [String], created: ClosedRange<Int64>,
        besides account: AccountID?
    ) throws -> OpenOrderCount {
        try store.ask()
        // One's own order is counted as another's.
        return try reader.openOrderCount(
            level, like: house, kinds: kinds, created: created,
            besides: fault == .openOrdersCounted ? nil : account)
    }
    func accountsWithOpenOrders() throws -> Int64 {
        try store.ask()
        return try reader.accountsWithOpenOrders()
    }
}

extension BrokenWriter {
    func noteOutage(
        stream: StreamID, key: UnsafeRawBufferPointer, at place: OutagePlace, endsAt: Instant?
    ) throws {
        try store.ask()
        try writer.noteOutage(stream: stream, key: key, at: place, endsAt: endsAt)
    }
    func putOpenOrders(_ rows: [OpenOrders]) throws {
        try store.ask()
        // An account whose orders are done keeps those that it had.
        try writer.putOpenOrders(fault == .openOrdersReplaced ? rows.filter { !$0.orders.isEmpty } : rows)
    }
}
