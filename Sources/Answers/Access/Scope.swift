/// What a token may do. `pii` stands apart: it adds nothing but personal data in clear to what the other scopes allow, and
/// the search by phone.
package enum Scope: String, Sendable, CaseIterable {
    /// Accounts, bills, addresses, bindings: what answers a customer.
    case assistant
    /// Runs, quarantine, freshness, accounts masked: what keeps the data flowing.
    case engineer
    /// Accounts masked, runs, and the log of who looked at what.
    case auditor
    case pii
    /// Hand-offs: claimed, answered and closed by people of the company; conversations.
    case desk
}

package struct ScopeSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package init(_ scopes: some Sequence<Scope>) {
        self.init()
        for scope in scopes { insert(Self.of(scope)) }
    }

    /// Names that are no scope add nothing.
    package init(names: some Sequence<String>) { self.init(names.compactMap(Scope.init)) }

    package static func of(_ scope: Scope) -> ScopeSet {
        switch scope {
        case .assistant: ScopeSet(rawValue: 1)
        case .engineer: ScopeSet(rawValue: 2)
        case .auditor: ScopeSet(rawValue: 4)
        case .pii: ScopeSet(rawValue: 8)
        case .desk: ScopeSet(rawValue: 16)
        }
    }

    /// Whether personal data is shown in clear.
    package var seesPersonalData: Bool { contains(Self.of(.pii)) }
}

/// Who asks, once that is known.
package struct Caller: Sendable, Hashable {
    /// `token:1f3a90c2` or `jwt:subject`: what the access log names.
    package var id: String
    package var scopes: ScopeSet
    /// Microseconds since 1970 from which on the proof is worth nothing.
    package var expires: Int64

    package init(id: String, scopes: ScopeSet, expires: Int64 = .max) {
        self.id = id
        self.scopes = scopes
        self.expires = expires
    }
}
