/// When a failed request is tried again: exponential backoff with full jitter, and only for what is safe.
///
/// A value without a clock: ``Attempts`` says what to do next, the caller does it.
package struct RetryPolicy: Sendable {
    /// Requests in all for one envelope, the first included.
    package var attempts: Int
    /// Milliseconds; the n-th wait is drawn from 0…min(cap, base × 2ⁿ⁻¹).
    package var base: Int64
    package var cap: Int64
    /// The longest `Retry-After` that is waited for, in milliseconds; a longer one gives up.
    package var retryAfterCap: Int64
    /// Codes of faults that are worth another try: local names, of the code or of a part of it (`Server`, `Server.Busy`).
    package var faults: [String]

    package init(
        attempts: Int = 4, base: Int64 = 500, cap: Int64 = 30_000, retryAfterCap: Int64 = 120_000,
        faults: [String] = ["Server", "Receiver"]
    ) {
        self.faults = faults
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.retryAfterCap = retryAfterCap
    }

    /// Why a request failed, as far as a further try is concerned.
    package enum Failure: Hashable, Sendable {
        /// No connection was made.
        case connect
        case timeout
        /// The answer broke off: its records may have been handed over, which replay makes harmless.
        case truncated
        /// HTTP status, and `Retry-After` in milliseconds.
        case status(Int, retryAfter: Int64?)
        /// A fault, by its code: `Server`, `Server.Busy`, `Receiver/Busy`.
        case fault(String)
        /// Refused credentials, broken XML, TLS: the same again would end the same.
        case permanent
    }

    /// Whether the code, the part before its first dot, or one of its subcodes is listed.
    func isWorthAnotherTry(_ code: String) -> Bool {
        code.split(separator: "/").contains { part in
            faults.contains { part == $0 || part.hasPrefix($0 + ".") }
        }
    }

    package enum Action: Hashable, Sendable {
        /// Wait so many milliseconds, then ask again.
        case retry(afterMilliseconds: Int64)
        case giveUp
    }

    /// The tries of one envelope.
    package struct Attempts: Sendable {
        package let policy: RetryPolicy
        /// Requests that have failed.
        package private(set) var failures = 0

        package init(_ policy: RetryPolicy) { self.policy = policy }

        package mutating func failed(_ failure: Failure, using random: inout some RandomNumberGenerator) -> Action {
            failures += 1
            guard failures < policy.attempts else { return .giveUp }
            var atLeast: Int64 = 0
            switch failure {
            case .permanent: return .giveUp
            case .status(let status, let retryAfter):
                guard [429, 502, 503, 504].contains(status) else { return .giveUp }
                atLeast = max(0, retryAfter ?? 0)
                if atLeast > policy.retryAfterCap { return .giveUp }
            case .fault(let code): if !policy.isWorthAnotherTry(code) { return .giveUp }
            case .connect, .timeout, .truncated: break
            }
            let (backoff, overflows) = policy.base.multipliedReportingOverflow(by: 1 << min(failures - 1, 30))
            let ceiling = max(0, overflows ? policy.cap : min(policy.cap, backoff))
            return .retry(afterMilliseconds: atLeast + Int64.random(in: 0...ceiling, using: &random))
        }
    }
}
