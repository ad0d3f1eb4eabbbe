package import AccountView

/// What a company decides about its explanations.
package struct ExplanationSettings: Sendable {
    package var peers: PeerRules
    /// The city of accounts that neither a fact nor a tariff code places.
    package var homeCity: String?
    /// A source that was last read longer ago is named as old.
    package var staleAfterHours: Int

    package init(peers: PeerRules = PeerRules(), homeCity: String? = nil, staleAfterHours: Int = 48) {
        self.peers = peers
        self.homeCity = homeCity
        self.staleAfterHours = staleAfterHours
    }
}
