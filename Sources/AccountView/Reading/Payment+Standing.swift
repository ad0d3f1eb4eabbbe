public import HeatModel

extension Payment {
    /// Where money that was paid stands.
    public enum Standing: String, Sendable, CaseIterable {
        /// It went through, and waits for the bank's file.
        case pending
        /// Billing has it.
        case posted
        /// It was taken back (红冲).
        case reversed
    }

    /// A payment that does not say otherwise is posted: it stands in billing's books.
    public var standing: Standing { reversed == true ? .reversed : reconciled == false ? .pending : .posted }
}
