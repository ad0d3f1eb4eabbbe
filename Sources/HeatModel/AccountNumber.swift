import Foundation

/// The number of an account, as people type it.
public enum AccountNumber {
    /// As the store has it: full-width digits and letters become half-width, blanks around it go.
    public static func folded(_ typed: String) -> String {
        typed.precomposedStringWithCompatibilityMapping.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
