package import HeatModel

/// One thing that is wrong, or odd, in what the legacy systems say, and what a gateway must make of it.
package struct PlantedFault: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        // Billing.
        /// A charge of an account that no system knows.
        case orphanBill
        /// An account with its charges and payments that the customer system does not have.
        case billingOnlyAccount
        /// The building area is not the customer system's.
        case areaDisagreement
        /// The ceiling height is understated, so that a surcharge may be missing.
        case heightUnderstated
        /// The charges were computed on another area than the one registered for charging.
        case staleArea
        /// The same charge row twice.
        case duplicateCharge
        /// The same charge key a second time, with other content and a later update.
        case conflictingCharge
        /// Arrears that are not due − received − discount − reduction.
        case badTotal
        /// A unit price that is not a number.
        case badDecimal
        /// A due date that is no day.
        case impossibleDate
        /// A voided charge beside the one that took its place.
        case voidedCharge
        /// A payment that has arrived, not reconciled and without a receipt, while the charges still show arrears.
        case paymentNotPosted
        /// The same payment row twice.
        case duplicatePayment
        // Dispatch.
        /// No account number, and an address that two accounts share once the unit is left out.
        case ambiguousAddress
        /// No account number; only the address leads to the account.
        case addressOnly
        /// No account number; only billing's id leads to the account.
        case crosswalkOnly
        /// An account number that no system knows, and no address.
        case orphanWorkOrder
        /// A kind of work order that is in no code table.
        case unknownCode
        /// A temperature that is not a number.
        case badTemperature
        // Customer.
        /// An account that billing does not have.
        case customerOnlyAccount
        /// A row with a field too few.
        case raggedRow
        /// A row with bytes that are no GB18030.
        case undecodableRow
        /// A building area that is not a number.
        case badArea
        /// A name whose GBK bytes were once read as Latin-1.
        case mojibakeName
        /// The same row twice.
        case duplicateRow
        /// The same account a second time, with other content and a later update.
        case conflictingRow
        /// An ID number whose check digit is wrong.
        case badIdentityNumber
        // What only shows once records stand side by side: planted where the options ask for discrepancies.
        /// Billing's card states other arrears than its charges.
        case wrongBalance
        /// A payment that the charges have received has no row.
        case paymentMissing
        /// A payment was taken back, and the charges still count it.
        case reversedCounted
        /// The same payment under two serial numbers.
        case paymentTwice
        /// What is due is not quantity × price.
        case wrongProduct
        /// A household billed at the price of businesses.
        case wrongTariff
        /// Supply was suspended, and the season is billed in full.
        case suspendedInFull
        /// The premises were taken off the network, and the season after it is billed in full.
        case disconnectedInFull
        /// Supply is stopped, and nobody asked for it.
        case stoppedUnasked
        /// A visit found a room too cold, and no money was given back.
        case refundMissing
        /// A repair done days ago, and nobody called afterwards.
        case notFollowedUp
        /// An order that only its address leads to an account, with a telephone that is not the account's.
        case strangerPhone
        /// Billing has another name.
        case nameDisagreement
        /// The customer system has another class.
        case classDisagreement
        /// The customer system says that supply is stopped.
        case supplyDisagreement
        /// Billing has another room.
        case roomDisagreement

        /// Whether each row is right by itself, and wrong beside the others.
        package var isDiscrepancy: Bool {
            switch self {
            case .wrongBalance, .paymentMissing, .reversedCounted, .paymentTwice, .wrongProduct, .wrongTariff,
                .suspendedInFull, .disconnectedInFull, .stoppedUnasked, .refundMissing, .notFollowedUp, .strangerPhone,
                .nameDisagreement, .classDisagreement, .supplyDisagreement, .roomDisagreement:
                true
            default: false
            }
        }
    }

    /// What becomes of the row (or of the fact) in a gateway that does its work.
    package enum Outcome: Sendable, Codable, Hashable {
        /// The row goes to quarantine under this code.
        case quarantined(String)
        /// The second of two equal rows counts as a duplicate.
        case duplicate
        /// The two systems say different things about this field of the account.
        case disagreement(String)
        /// The row's own sums do not agree, in this field.
        case inconsistent(String)
        /// The row is kept, and left out of the account's view.
        case voided
        /// The row is taken as it is; recomputing the bill gives another amount.
        case billingError
        /// The row is taken as it is: money on its way to the charges.
        case unposted
        /// The row finds its account by this rule: `crosswalk` or `place`.
        case linkedBy(String)
        /// The text of this field is repaired by the mapping.
        case repaired(String)
        /// This field alone becomes null, with a warning.
        case fieldNulled(String)
        /// The rows are taken as they are; money or facts do not fit what other rows say.
        case discrepancy
        /// The account's view has nothing from this system.
        case missing(system: String)
    }

    /// Rows of a stream that share the fate of the planted one.
    package struct Rows: Sendable, Codable, Hashable {
        package var stream: String
        package var count: Int
    }

    package var kind: Kind
    /// `billing`, `dispatch` or `customer`.
    package var system: String
    /// `billing.charges`
    package var stream: String
    /// Key of the row in its stream; where the row's key cannot be read, the account number that its bytes begin with.
    package var key: String
    /// The account that is meant, where there is one.
    package var accountNumber: String?
    package var outcome: Outcome
    /// What is at stake: the amount of the row, or how much the bill is wrong (right − billed); of a discrepancy what billing
    /// states less what is right.
    package var money: Fen?
    /// For an account that is not known: all its rows, by stream, this one included.
    package var alsoQuarantined: [Rows] = []
    /// For an ambiguous address: the accounts that it may mean, in order.
    package var candidates: [String] = []
}
