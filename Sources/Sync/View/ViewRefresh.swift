import AccountView
import Events
import Foundation
package import HeatModel
import JSONText
package import Mapping
package import Store

/// Rebuilds the views of the accounts that runs have touched, and of no others.
///
/// One thread reads and builds, on snapshots; this one writes. A view is written only where its account has not been touched
/// since the snapshot it was built from: no commit of another run can slip in between and be missed.
package struct ViewRefresh: Sendable {
    let store: any Store
    let unified: UnifiedView
    let clock: @Sendable () -> Instant
    /// Accounts in a snapshot, and in a transaction.
    private static let chunk = 512

    /// - Parameter clock: tells what is news.
    package init(store: any Store, unified: UnifiedView, clock: @escaping @Sendable () -> Instant = { .now }) {
        self.store = store
        self.unified = unified
        self.clock = clock
    }

    /// Returns how many views were rebuilt. What a stopped refresh leaves over, the next one finds.
    package func run(
        isCancelled: () -> Bool = { false }, progress: (_ built: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> Int64 {
        let expected = try store.write { store in
            let version = AccountViewBuilder.version(of: unified)
            let present = try store.setting(.unified)
            if present != version {
                // Nobody builds views of a store that does not say how.
                try store.touchAllAccounts(again: present != nil)
                try store.setSetting(.unified, version)
            }
            return try store.touchedCount()
        }
        var built: Int64 = 0
        var before: Int64 = -1
        // Accounts that were touched again meanwhile are found by another pass.
        while built > before, !isCancelled() {
            before = built
            try pass { chunk in
                built += try write(chunk)
                progress(built, expected)
                return !isCancelled()
            }
        }
        return built
    }

    /// Rebuilds the view of one account, where a run has touched it.
    package func run(of number: String) throws {
        let account = try store.read { store in
            try Array(number.utf8).withUnsafeBytes { try store.account(number: $0) }
        }
        guard let account else { return }
        // One that is touched again meanwhile is built again; where that never ends, the sync at work does it.
        for _ in 0..<8 {
            var worker = Worker(unified: unified, after: AccountID(account.number - 1))
            guard let chunk = try worker.next(store, limit: 1), chunk.accounts.first?.account == account else { return }
            if try write(chunk) > 0 { return }
        }
    }

    /// Views built from one snapshot.
    private struct Chunk: Sendable {
        var accounts: [TouchedAccount] = []
        var bytes: [UInt8] = []
        /// Where each account's view ends.
        var ends: [Int] = []
        /// Which runs brought the records of each view, and where each account's end.
        var runs = RecordRuns()
        var runEnds: [Int] = []
        /// What each account says to the statistics of its peers.
        var members: [CohortMemberRow] = []
        /// Which orders of each account are open.
        var openOrders: [OpenOrders] = []
    }

    private func write(_ chunk: Chunk) throws -> Int64 {
        try store.write { store in
            let now = clock()
            var events = ViewEvents(try FirstReadings(in: store, at: now))
            let isStored = try chunk.bytes.withUnsafeBytes { bytes in
                try chunk.runs.bytes.withUnsafeBytes { runs in
                    var (start, firstRun) = (0, 0)
                    let views = chunk.accounts.indices.map { index in
                        let (end, lastRun) = (chunk.ends[index], chunk.runEnds[index])
                        defer { (start, firstRun) = (end, lastRun) }
                        return IncomingView(
                            account: chunk.accounts[index].account, touch: chunk.accounts[index].touch,
                            body: bytes.part(start..<end), runs: runs.part(firstRun..<lastRun))
                    }
                    return try store.putViews(views) { index, before in events.note(views[index], before: before) }
                }
            }
            let members = zip(chunk.members, isStored).filter(\.1).map(\.0)
            try store.putCohortMembers(members)
            try store.putOpenOrders(zip(chunk.openOrders, isStored).filter(\.1).map(\.0))
            try events.tell(in: store, at: now)
            return Int64(members.count)
        }
    }

    /// Goes once through the touched accounts, until `consume` returns false.
    private func pass(_ consume: (Chunk) throws -> Bool) throws {
        let chunks = Channel<Chunk>(capacity: 2)
        let ended = Channel<Void>(capacity: 1)
        Thread.detach(named: "hearth views") {
            do {
                var worker = Worker(unified: unified)
                while let chunk = try worker.next(store, limit: Self.chunk), chunks.send(chunk) {}
                chunks.finish()
            } catch {
                chunks.finish(throwing: error)
            }
            ended.finish()
        }
        defer {
            // Leave no thread behind. Its error has come through the chunks.
            chunks.abandon()
            _ = try? ended.receive()
        }
        while let chunk = try chunks.receive() {
            if try !consume(chunk) { return }
        }
    }

    /// What the building thread works with.
    private struct Worker {
        let unified: UnifiedView
        private var streams: [StoredStream] = []
        private var builder: AccountViewBuilder
        private var records: AccountRecords
        private var last: AccountID?
        /// Bytes of the last chunk's views: what the next ones will need.
        private var lastSize = 0

        /// - Parameter last: the account that those to build come after.
        init(unified: UnifiedView, after last: AccountID? = nil) {
            self.unified = unified
            self.last = last
            builder = AccountViewBuilder(unified, streams: [])
            records = AccountRecords(streams: [])
        }

        /// The views of the next touched accounts; nil where there is none left.
        mutating func next(_ store: any Store, limit: Int) throws -> Chunk? {
            // Only read here: the longer a snapshot is held, the longer the writer's log must grow.
            var chunk = Chunk(accounts: try store.read { try read($0, limit: limit) })
            guard let end = chunk.accounts.last else { return nil }
            last = end.account
            var json = JSONBytes(capacity: lastSize + lastSize / 8)
            var members = CohortMemberReader()
            for (index, touched) in chunk.accounts.enumerated() {
                let start = json.count
                builder.build(index, of: records, into: &json)
                chunk.ends.append(json.count)
                records.pack(runsOf: index, into: &chunk.runs)
                chunk.runEnds.append(chunk.runs.bytes.count)
                json.withUnsafeBytes {
                    let view = $0.part(start..<$0.count)
                    chunk.members.append(members.row(of: touched.account, view: view))
                    chunk.openOrders.append(
                        records.hasWorkOrders(index)
                            ? OpenOrders(of: touched.account, view: view)
                            : OpenOrders(account: touched.account, house: nil, orders: []))
                }
            }
            chunk.bytes = json.bytes
            lastSize = json.count
            return chunk
        }

        private mutating func read(_ store: any StoreReader, limit: Int) throws -> [TouchedAccount] {
            let present = try store.streams()
            if present != streams {
                streams = present
                builder = AccountViewBuilder(unified, streams: streams)
                records = AccountRecords(streams: streams)
            }
            records.removeAll()
            let accounts = try store.touchedAccounts(after: last, limit: limit)
            try records.read(accounts.map(\.account), from: store)
            return accounts
        }
    }
}
