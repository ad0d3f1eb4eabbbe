import Foundation

/// What a test's store is. `HEARTH_TEST_STORE=postgres swift test --filter …` has the same tests run over the other one.
package enum StoreKind: String, Sendable, CaseIterable, CustomStringConvertible {
    case file = "a file"
    case server = "a PostgreSQL database"

    package var description: String { rawValue }

    /// What all tests run over that do not say otherwise.
    package static let standard: StoreKind =
        ProcessInfo.processInfo.environment["HEARTH_TEST_STORE"] == "postgres" ? .server : .file

    /// For a few tests of an ordinary run: both. Where one was asked for, that one.
    package static let each: [StoreKind] =
        ProcessInfo.processInfo.environment["HEARTH_TEST_STORE"] == nil && PostgresServer.isInstalled
        ? allCases : [standard]
}
