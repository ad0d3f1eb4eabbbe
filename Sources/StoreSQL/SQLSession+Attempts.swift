package import Store

/// A key's row says when its bucket will have drained: each attempt moves that on by the time in which one drains.
extension SQLSession {
    /// Until when the key's bucket drains, at least now; a clock that went back leaves it no fuller than full.
    private func drained(_ key: String, _ limit: AttemptLimit, at now: Int64) throws -> Int64 {
        let known = try first(statement("SELECT drained_us FROM attempt WHERE key = ?1").bind(1, key)) { $0.int(0) }
        return min(max(known ?? now, now), now + limit.most * Self.interval(limit))
    }

    /// Microseconds in which one attempt drains.
    private static func interval(_ limit: AttemptLimit) -> Int64 { max(1, limit.seconds * 1_000_000 / limit.most) }

    package func attemptWait(_ key: String, _ limit: AttemptLimit) throws -> Int64? {
        if limit.most <= 0 { return nil }
        let now = clock()
        let wait = try drained(key, limit, at: now) - now - (limit.most - 1) * Self.interval(limit)
        return wait <= 0 ? nil : max(1, (wait + 999_999) / 1_000_000)
    }

    package func countAttempt(_ key: String, _ limit: AttemptLimit) throws {
        if limit.most <= 0 { return }
        let now = clock()
        let drained = try drained(key, limit, at: now)
        try statement("DELETE FROM attempt WHERE drained_us < ?1").bind(1, now).run()
        let full = now + limit.most * Self.interval(limit)
        try statement(
            "INSERT INTO attempt(key, drained_us) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET drained_us = ?2"
        ).bind(1, key).bind(2, min(drained + Self.interval(limit), full)).run()
    }
}
