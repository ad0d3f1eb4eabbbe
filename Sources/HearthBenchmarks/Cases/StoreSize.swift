import HeatModel
import SQLiteStore
import Store

/// What a first sync with views leaves on the disk, beside the bills' columns as text: each with what separates it, as COPY writes them.
enum StoreSize {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let store = try SQLiteStore(path: folder.viewsStore)
        try store.checkpoint()
        let started = ContinuousClock.now
        var (rows, bytes): (Int64, Int64) = (0, 0)
        try store.read { store in
            guard let stream = try store.streams().first(where: { $0.name == "billing.charges" }) else { return }
            var last: RecordID?
            repeat {
                let page = try store.records(in: stream.id, after: last, limit: 10_000)
                last = page.last?.id
                rows += Int64(page.count)
                bytes += page.reduce(0) { $0 + Int64($1.raw.count) + 1 }
            } while last != nil
        }
        var measurement = Measurement(rows: rows, bytes: bytes, seconds: (ContinuousClock.now - started).seconds)
        measurement.storedBytes = try store.size()
        return measurement
    }

    /// An account of five bills, 640 bytes of them as text, with its place and its view.
    static func measuredByAccount(_ folder: BenchmarkFolder) throws -> Measurement {
        let store = try SQLiteStore(path: folder.viewsStore)
        try store.checkpoint()
        let started = ContinuousClock.now
        let (stored, accounts) = (try store.size(), folder.rows / 5)
        var measurement = Measurement(
            rows: Int64(accounts), bytes: stored, seconds: (ContinuousClock.now - started).seconds)
        let each = Double(stored) / Double(accounts)
        measurement.share = each / 1_600
        measurement.note = "\(Int(each.rounded())) bytes an account"
        return measurement
    }
}
