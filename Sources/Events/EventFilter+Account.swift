import AccountView
package import Store

extension EventFilter.Scope {
    /// The account of a number, and the places that its view says it is in; nil where there is no such account.
    package init?(accountNumber number: String, in store: some AccountReader & ViewReader) throws {
        let bytes = Array(number.utf8)
        guard let account = try bytes.withUnsafeBytes({ try store.account(number: $0) }) else { return nil }
        let view = try bytes.withUnsafeBytes { try store.view(number: $0) }
        self.init(account: account, places: view.map { AccountContext(view: $0.body).facts.outagePlaces } ?? [])
    }
}
