public import AccountView

/// What a company decides about its explanations.
public struct ExplanationSettings: Sendable {
    public var peers: PeerRules
    /// The city of accounts that neither a fact nor a tariff code places.
    public var homeCity: String?
    /// A source that was last read longer ago is named as old.
    public var staleAfterHours: Int

    public init(peers: PeerRules = PeerRules(), homeCity: String? = nil, staleAfterHours: Int = 48) {
        self.peers = peers
        self.homeCity = homeCity
        self.staleAfterHours = staleAfterHours
    }
}
