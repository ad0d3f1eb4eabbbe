public import Mapping
public import Store

/// Rebuilds the views of the accounts that runs have touched, and of no others.
public struct ViewRefresh: Sendable {
    let store: any Store
    let unified: UnifiedView
    /// Accounts in a transaction.
    private static let chunk = 4096

    public init(store: any Store, unified: UnifiedView) {
        self.store = store
        self.unified = unified
    }

    /// Returns how many views were rebuilt. What a stopped refresh leaves over, the next one finds.
    public func run(
        isCancelled: () -> Bool = { false }, progress: (_ built: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> Int64 {
        var (streams, expected) = try store.write { store in
            if try store.setting("unified.version") != unified.version {
                try store.touchAllAccounts()
                try store.setSetting("unified.version", unified.version)
            }
            return (try store.streams(), try store.touchedCount())
        }
        var builder = AccountViewBuilder(unified, streams: streams)
        var built: Int64 = 0
        while !isCancelled() {
            // Reading, building and writing in one transaction: no commit of another run can slip in between and be missed.
            let count = try store.write { store in
                let accounts = try store.touchedAccounts(after: nil, limit: Self.chunk)
                let present = try store.streams()
                if present != streams {
                    // Another process has begun a stream meanwhile.
                    streams = present
                    builder = AccountViewBuilder(unified, streams: streams)
                }
                for account in accounts {
                    let number = try store.accountNumber(account) ?? ""
                    let view = try builder.build(account, number: number, from: store)
                    try view.withUnsafeBytes { try store.putView(account, body: $0) }
                    try store.untouch(account)
                }
                return accounts.count
            }
            if count == 0 { break }
            built += Int64(count)
            progress(built, expected)
        }
        return built
    }
}
