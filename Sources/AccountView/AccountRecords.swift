import HeatModel
public import Store

/// The current records of some accounts, copied out of the store.
public struct AccountRecords: Sendable {
    struct Entry: Sendable {
        /// Place of the record's stream among the streams.
        var stream: Int
        /// Ranges of ``bytes``.
        var key: Range<Int>
        var body: Range<Int>
        var run: RunID?
    }

    private(set) var bytes: [UInt8] = []
    /// Account by account, by stream and key as the store has them.
    private(set) var entries: [Entry] = []
    private(set) var accounts: [(number: String, entries: Range<Int>)] = []
    /// Place of a stream by its number in the store; −1 for none.
    private let places: [Int]
    private let streams: [StreamID]
    /// By place, whether the stream is of work orders.
    private let isOfOrders: [Bool]

    public init(streams: [StoredStream]) {
        var places: [Int] = []
        for (place, stream) in streams.enumerated() {
            let number = Int(stream.id.number)
            while places.count <= number { places.append(-1) }
            places[number] = place
        }
        self.places = places
        self.streams = streams.map(\.id)
        isOfOrders = streams.map { $0.entity == .workOrder }
    }

    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        accounts.removeAll(keepingCapacity: true)
    }

    /// Whether the account at this place of ``accounts`` has work orders.
    public func hasWorkOrders(_ index: Int) -> Bool {
        entries[accounts[index].entries].contains { isOfOrders[$0.stream] }
    }

    /// Which runs brought the records of the account at this place of ``accounts``.
    public func pack(runsOf index: Int, into runs: inout RecordRuns) {
        bytes.withUnsafeBytes { bytes in
            for entry in entries[accounts[index].entries] {
                guard let run = entry.run else { continue }
                runs.append(streams[entry.stream], key: UnsafeRawBufferPointer(rebasing: bytes[entry.key]), run)
            }
        }
    }

    /// Takes the records of accounts as they are now.
    public mutating func read(_ accounts: [AccountID], from store: some StoreReader) throws {
        let numbers = try store.accountNumbers(accounts)
        var first = entries.count
        func end(before place: Int) {
            while self.accounts.count < place {
                self.accounts.append((numbers[self.accounts.count - known] ?? "", first..<entries.count))
                first = entries.count
            }
        }
        let known = self.accounts.count
        try store.forEachRecord(of: accounts) { place, record in
            end(before: known + place)
            take(record)
        }
        end(before: known + accounts.count)
    }

    /// Takes the account's records as they are now or, where a moment is named, as they were then.
    public mutating func read(_ account: AccountID, from store: some StoreReader, at moment: Moment? = nil) throws {
        guard let moment else { return try read([account], from: store) }
        let first = entries.count
        try store.forEachRecord(of: account, at: moment) { take($0) }
        accounts.append((try store.accountNumber(account) ?? "", first..<entries.count))
    }

    private mutating func take(_ record: RecordSlice) {
        let number = Int(record.stream.number)
        guard number < places.count, places[number] >= 0 else { return }
        let start = bytes.count
        bytes.append(contentsOf: record.key)
        let middle = bytes.count
        bytes.append(contentsOf: record.body)
        entries.append(Entry(stream: places[number], key: start..<middle, body: middle..<bytes.count, run: record.run))
    }
}
