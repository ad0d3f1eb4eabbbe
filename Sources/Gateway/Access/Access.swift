import AccountView

/// One access to accounts, as the log tells it.
struct Access: Sendable {
    /// Empty where the caller was refused before an account was looked for, or nothing was found.
    var accounts: [String]
    /// `/v1/accounts/{number}`, or an MCP tool's name.
    var action: String
    /// `ok`, `not_found`, `forbidden`, `limited`, `mismatch` …
    var outcome: StaticString
    var unmasked: PersonalFieldSet = []

    /// Appends the entry's fields, without braces.
    func write(caller: String, peer: String, requestID: String, into json: inout JSONBytes) {
        write(
            caller: caller, peer: peer, requestID: requestID, unmasked: unmasked.isEmpty ? [] : unmasked.keys,
            reason: nil,
            into: &json)
    }

    /// - Parameters:
    ///   - unmasked: the keys of what was shown in clear.
    ///   - reason: why it was; left out where none was asked for.
    func write(
        caller: String, peer: String, requestID: String, unmasked: [String], reason: String?, into json: inout JSONBytes
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
        for (index, key) in unmasked.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(key)
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
