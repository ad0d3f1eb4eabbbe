import HearthTesting
package import Testing

/// The tests of a suite run on threads where they may wait for a server or a program, beside those that compute.
package struct WaitsForServers: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(WaitingThreads.shared) { try await function() }
    }
}

extension Trait where Self == WaitsForServers {
    package static var waitsForServers: Self { WaitsForServers() }
}
