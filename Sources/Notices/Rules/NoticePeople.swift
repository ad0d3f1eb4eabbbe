package import Store

/// Whom what is said of notices counts for.
package enum NoticePeople {
    /// The persons of an account, as notices know them: of each of its phones, and the account itself. Personal.
    ///
    /// - Returns: nil where there is no such account.
    package static func of(account number: String, in store: any StoreReader) throws -> [String]? {
        try AccountNow.read(number, until: nil, store).map { $0.phones + ["account:" + $0.number] }
    }
}

extension AccountNow {
    /// What was said of notices by the person who is told, and of this account.
    func wishes(_ store: any StoreReader) throws -> [[NoticeConsent]] {
        let own = "account:" + number
        return try (person == own ? [own] : [person, own]).map { try store.consents(of: $0) }
    }
}
