import AccountView
import Disclosure
import HeatModel
import Store
import Synchronization

/// What words about an account may not tell, and may.
struct Household: Sendable {
    var account: String?
    /// Of the view that it was made from.
    var stamp: ViewStamp?
    var words = FreeText()

    init() {}

    /// Of an account of which nothing is known.
    init(account: String) {
        self.account = account
        words.know([account])
    }

    init(account: String, stamp: ViewStamp, view: [UInt8]) {
        self.account = account
        self.stamp = stamp
        words = view.withUnsafeBytes { view in
            FreeText(
                personal: FreeText.personal(in: view),
                known: [account] + AccountContext.workOrders(in: view).compactMap(\.value.number))
        }
    }
}

/// Those that were spoken of last: in a conversation one account is spoken of turn after turn.
final class RecentHouseholds: Sendable {
    private static let most = 256
    private let households = Mutex<[String: Household]>([:])

    func household(of account: String) -> Household? { households.withLock { $0[account] } }

    func keep(_ household: Household) {
        guard let account = household.account else { return }
        households.withLock { households in
            // Those that are spoken of are soon there again.
            if households.count >= Self.most { households.removeAll(keepingCapacity: true) }
            households[account] = household
        }
    }
}
