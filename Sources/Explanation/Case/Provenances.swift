import AccountView
import HeatModel

/// Evidence of an account's records in one answer; the store is asked once, when the first is wanted.
///
/// What the store throws is kept until ``check()``: an answer whose evidence could not be read is none.
final class Provenances<Around: Surroundings> {
    private let account: String
    private let surroundings: Around
    private var known: ((AccountContext.Reference) -> (run: Int64, instant: Instant?)?)?
    private var failure: (any Error)?

    init(_ account: String, _ surroundings: Around) {
        self.account = account
        self.surroundings = surroundings
    }

    func evidence(_ record: AccountContext.Reference) -> Explanation.Evidence {
        if known == nil {
            do {
                known = try surroundings.provenances(of: account)
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
