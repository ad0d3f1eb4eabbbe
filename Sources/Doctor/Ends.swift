package import HeatModel
package import Records

/// What ends, and what should have begun anew.
package enum Ends {
    private static let day: Int64 = 86_400_000_000
    static let certificateDays: Int64 = 30
    static let tokenDays: Int64 = 14
    static let backupDays: Int64 = 2

    /// When a certificate holds, in seconds since 1970.
    ///
    /// - Parameter source: by whose section it is named; nil for the server's own.
    package static func certificate(
        _ path: String, of source: String? = nil, from: Int64, until: Int64, now: Instant
    ) -> CheckFinding {
        let subject = source.map { "certificate of \($0)" } ?? "certificate"
        let taken = source == nil ? "the server takes it by itself" : "the next sync takes it"
        let second = now.microseconds / 1_000_000
        let end = Instant(microseconds: until * 1_000_000, offsetMinutes: now.offsetMinutes)
        let told = "\(path) holds until \(end)"
        if second < from {
            let begin = Instant(microseconds: from * 1_000_000, offsetMinutes: now.offsetMinutes)
            return CheckFinding(
                subject, .failed, "\(path) holds from \(begin) on",
                advice: "look at the clock, or wait with the new one")
        }
        if until <= second {
            return CheckFinding(
                subject, .failed, "\(path) ended on \(end)", advice: "put a new one there: \(taken)")
        }
        if until - second < certificateDays * 86_400 {
            return CheckFinding(subject, .warning, told, advice: "put a new one there in time: \(taken)")
        }
        return CheckFinding(subject, .ok, told)
    }

    package struct Token: Sendable {
        package var id: String
        package var name: String
        /// Nil for never.
        package var endsAt: Instant?

        package init(id: String, name: String, endsAt: Instant?) {
            self.id = id
            self.name = name
            self.endsAt = endsAt
        }
    }

    /// - Parameters:
    ///   - tokens: none that was revoked.
    ///   - hasProvider: whether an identity provider's tokens are taken, too.
    package static func tokens(_ tokens: [Token], hasProvider: Bool, now: Instant) -> [CheckFinding] {
        let holding = tokens.filter { $0.endsAt.map { $0.microseconds > now.microseconds } ?? true }
        if holding.isEmpty {
            if hasProvider { return [CheckFinding("tokens", .ok, "none; the identity provider's are taken")] }
            return [
                CheckFinding(
                    "tokens", .warning, "none holds: nobody may ask the server",
                    advice: "make one for who is to ask")
            ]
        }
        let ending = holding.filter { $0.endsAt.map { $0.microseconds - now.microseconds < tokenDays * day } ?? false }
        if ending.isEmpty {
            return [CheckFinding("tokens", .ok, "\(holding.count) hold, none ends within \(tokenDays) days")]
        }
        return ending.map {
            CheckFinding(
                "token \($0.id)", .warning, "that of \($0.name) ends on \($0.endsAt.map(\.description) ?? "")",
                advice: "make a new one and hand it over, then revoke this one")
        }
    }

    /// - Parameters:
    ///   - whole: when each whole backup was made.
    ///   - broken: folders that hold no whole backup, and why.
    package static func backups(
        _ folder: String, whole: [Instant], broken: [(name: String, why: HearthError)], now: Instant
    ) -> [CheckFinding] {
        var findings = broken.map { name, why in
            CheckFinding(
                "backups", .warning, "\(folder)/\(name): \(why.message) [\(why.code.name)]", advice: why.advice)
        }
        guard let newest = whole.max(by: { $0.microseconds < $1.microseconds }) else {
            findings.append(
                CheckFinding("backups", .failed, "no whole backup lies in \(folder)", advice: "make one, each day"))
            return findings
        }
        let told = "\(whole.count) in \(folder), the newest of \(newest)"
        findings.append(
            now.microseconds - newest.microseconds > backupDays * day
                ? CheckFinding(
                    "backups", .warning, told, advice: "make one each day, and read one through now and then")
                : CheckFinding("backups", .ok, told))
        return findings
    }

    /// A store that knows of a moment that has not come yet was written under another clock.
    package static func newestRun(_ instant: Instant?, now: Instant) -> CheckFinding? {
        guard let instant, instant.microseconds - now.microseconds > 60_000_000 else { return nil }
        return CheckFinding(
            "clock", .failed, "the newest run is of \(instant), and now it is \(now)",
            advice: "put the clock right before anything is synced: what is newer goes by it")
    }
}
