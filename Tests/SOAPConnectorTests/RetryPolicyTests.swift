import HearthTesting
import SOAPConnector
import TestTraits
import Testing

@Suite(.waitsForServers) struct RetryPolicyTests {
    @Test func waitsGrowWithJitterUpToTheCap() {
        var random = SeededGenerator(seed: 1)
        let policy = RetryPolicy(attempts: 8, base: 100, cap: 1000)
        for _ in 0..<200 {
            var attempts = RetryPolicy.Attempts(policy)
            for ceiling in [100, 200, 400, 800, 1000, 1000, 1000] as [Int64] {
                guard case .retry(let wait) = attempts.failed(.timeout, using: &random) else {
                    Issue.record("gave up early")
                    return
                }
                #expect((0...ceiling).contains(wait))
            }
            #expect(attempts.failed(.timeout, using: &random) == .giveUp)
        }
    }

    @Test func theSameSeedWaitsTheSame() {
        let draw = {
            var random = SeededGenerator(seed: 7)
            var attempts = RetryPolicy.Attempts(RetryPolicy(attempts: 5))
            return (0..<5).map { _ in attempts.failed(.connect, using: &random) }
        }
        #expect(draw() == draw())
    }

    @Test func onlyWhatIsSafe() {
        var random = SeededGenerator(seed: 2)
        func isRetried(_ failure: RetryPolicy.Failure) -> Bool {
            var attempts = RetryPolicy.Attempts(RetryPolicy())
            return attempts.failed(failure, using: &random) != .giveUp
        }
        for failure in [
            RetryPolicy.Failure.connect, .timeout, .truncated, .status(503, retryAfter: nil),
            .status(429, retryAfter: 5),
        ] {
            #expect(isRetried(failure))
        }
        for status in [400, 401, 403, 404, 500, 501] { #expect(!isRetried(.status(status, retryAfter: nil))) }
        #expect(!isRetried(.permanent))
        #expect(!isRetried(.status(503, retryAfter: 3_600_000)))
    }

    @Test func retryAfterIsKept() {
        var random = SeededGenerator(seed: 3)
        var attempts = RetryPolicy.Attempts(RetryPolicy(base: 10, cap: 10))
        guard case .retry(let wait) = attempts.failed(.status(429, retryAfter: 2000), using: &random) else {
            Issue.record("gave up")
            return
        }
        #expect((2000...2010).contains(wait))
    }
}
