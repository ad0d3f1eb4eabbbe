import AccountView
import HeatModel

/// Evidence of an account's records in one answer. The first use reads it from the store, once.
///
/// What the store throws is kept until ``check()``: an answer whose evidence could not be read is none.
final class EvidenceLookup<Data: SupportingData> {
    private let account: String
    private let supportingData: Data
    private var known: ((AccountContext.Reference) -> (run: Int64, instant: Instant?)?)?
    private var failure: (any Error)?

    init(_ account: String, _ supportingData: Data) {
        self.account = account
        self.supportingData = supportingData
    }

    func evidence(_ record: AccountContext.Reference) -> Explanation.Evidence {
        if known == nil {
            do {
                known = try supportingData.provenances(of: account)
            } catch {
                failure = error
                known = { _ in nil }
            }
        }
        let found = known?(record)
        return Explanation.Evidence(source: record.source, key: record.key, run: found?.run, instant: found?.instant)
    }

    /// - Throws: what the store threw.
    func check() throws { if let failure { throw failure } }
}
