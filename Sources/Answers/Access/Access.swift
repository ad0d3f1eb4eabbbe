package import Disclosure
package import JSONText

/// One access to accounts, as the log keeps it.
package struct Access: Sendable {
    /// Empty where the requester was refused before an account was looked for, or nothing was found.
    package var accounts: [String]
    /// `/v1/accounts/{number}`, `mcp:account_context`, `cli:account`.
    package var action: String
    /// `ok`, `not_found`, `forbidden`, `limited`, `mismatch` …
    package var outcome: StaticString
    /// The personal fields that were shown in clear.
    package var unmasked: PersonalFieldSet = []
    /// Whether text was shown in clear that no field names: the raw text of a record.
    package var showsRawText = false

    package init(accounts: [String], action: String, outcome: StaticString, unmasked: PersonalFieldSet = []) {
        self.accounts = accounts
        self.action = action
        self.outcome = outcome
        self.unmasked = unmasked
    }

    /// Whether personal data was shown in clear.
    package var showsPersonalData: Bool { showsRawText || !unmasked.isEmpty }

    /// Appends the entry's fields, without braces.
    ///
    /// - Parameter reason: why personal data was looked at in clear; left out where none was stated.
    package func write(
        caller: String, peer: String, requestID: String, reason: String? = nil, into json: inout JSONBytes
    ) {
        json.raw("\"request\":")
        json.string(requestID)
        json.raw(",\"caller\":")
        json.string(caller)
        json.raw(",\"peer\":")
        json.string(peer)
        json.raw(",\"action\":")
        json.string(action)
        json.raw(",\"accounts\":[")
        for (index, account) in accounts.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(account)
        }
        json.raw("],\"unmasked\":[")
        if showsPersonalData {
            for (index, key) in (unmasked.keys + (showsRawText ? ["raw"] : [])).enumerated() {
                if index > 0 { json.raw(",") }
                json.string(key)
            }
        }
        json.raw("],\"outcome\":\"")
        json.raw(outcome)
        json.raw("\"")
        if let reason {
            json.raw(",\"reason\":")
            json.string(reason)
        }
    }
}
