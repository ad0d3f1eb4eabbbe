import HearthTesting
import Testing

/// The tests of a suite run on threads where they may wait for a server, beside those that compute.
struct WaitsForServers: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(WaitingThreads.shared) { try await function() }
    }
}

extension Trait where Self == WaitsForServers {
    static var waitsForServers: Self { WaitsForServers() }
}
