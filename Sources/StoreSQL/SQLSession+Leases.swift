package import HeatModel
package import Store

/// What is known of a lease that was given.
private struct Held {
    var lease: Lease
    var owner: LeaseOwner
    /// Nil for one that an earlier version of Hearth gave.
    var expires: Int64?
}

/// The fencing number of a stream outlives its leases: it stands with the stream, and with the lease that it was given to.
extension SQLSession {
    private func held(_ condition: String, _ stream: StreamID? = nil) throws -> [Held] {
        let list = try statement(
            "SELECT stream_id, fence, host, process, process_start, expires_us FROM lease \(condition) ORDER BY stream_id"
        )
        if let stream { list.bind(1, stream.number) }
        return try rows(list) {
            Held(
                lease: Lease(stream: StreamID($0.int(0)), fence: $0.int(1)),
                owner: LeaseOwner(
                    host: $0.text(2), process: Int32(truncatingIfNeeded: $0.int(3)), processStart: $0.int(4)),
                expires: $0.optionalInt(5))
        }
    }

    private func expiry(at now: Int64) -> Int64 { now + Lease.seconds * 1_000_000 }

    private func isOrphaned(_ held: Held, at now: Int64, _ isAlive: (LeaseOwner) -> Bool) -> Bool {
        // One that expires later than a new one would is of before the clock went back.
        if let expires = held.expires, expires <= now || expires > expiry(at: now) { return true }
        return !isAlive(held.owner)
    }

    package func holds(_ lease: Lease) throws -> Bool {
        try first(
            statement("SELECT 1 FROM lease WHERE stream_id = ?1 AND fence = ?2").bind(1, lease.stream.number).bind(
                2, lease.fence)
        ) { _ in true } ?? false
    }

    package func takeLease(stream: StreamID, owner: LeaseOwner, isAlive: (LeaseOwner) -> Bool) throws -> Lease {
        let now = clock()
        if let held = try held("WHERE stream_id = ?1", stream).first, !isOrphaned(held, at: now, isAlive) {
            let name = try first(statement("SELECT name FROM stream WHERE id = ?1").bind(1, stream.number)) {
                $0.text(0)
            }
            throw HearthError(
                .runLocked,
                "another run holds \(name ?? "the stream") (process \(held.owner.process) on \(held.owner.host))",
                at: .address(name ?? "store"), advice: "wait for it to end, or stop that process")
        }
        try interruptRuns(of: stream)
        try statement("UPDATE stream SET fence = fence + 1 WHERE id = ?1").bind(1, stream.number).run()
        let fence = try first(statement("SELECT fence FROM stream WHERE id = ?1").bind(1, stream.number)) { $0.int(0) }
        guard let fence else {
            throw HearthError(.storeFailed, "no stream \(stream)", at: .address("store"))
        }
        let take = try statement(
            """
            INSERT INTO lease(stream_id, host, process, process_start, fence, expires_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT(stream_id) DO UPDATE SET host = ?2, process = ?3, process_start = ?4, fence = ?5, expires_us = ?6
            """)
        take.bind(1, stream.number).bind(2, owner.host).bind(3, Int64(owner.process)).bind(4, owner.processStart)
        try take.bind(5, fence).bind(6, expiry(at: now)).run()
        return Lease(stream: stream, fence: fence)
    }

    package func renewLease(_ lease: Lease) throws {
        try check(lease)
        try statement("UPDATE lease SET expires_us = ?2 WHERE stream_id = ?1").bind(1, lease.stream.number)
            .bind(2, expiry(at: clock())).run()
    }

    package func dropLease(_ lease: Lease) throws {
        try statement("DELETE FROM lease WHERE stream_id = ?1 AND fence = ?2").bind(1, lease.stream.number)
            .bind(2, lease.fence).run()
    }

    package func expireOrphanedRuns(isAlive: (LeaseOwner) -> Bool, at instant: Instant) throws {
        let now = clock()
        for held in try held("") where isOrphaned(held, at: now, isAlive) {
            try interruptRuns(of: held.lease.stream)
            try dropLease(held.lease)
        }
        // Also those that were marked where the time was not known.
        let left = try rows(statement("SELECT id FROM run WHERE ended_us IS NULL AND state <> 'running' ORDER BY id")) {
            RunID($0.int(0))
        }
        for run in left { try noteEnd(of: run, at: instant) }
    }
}
