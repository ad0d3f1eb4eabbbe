import Evidence
import HeatModel
package import Store

/// A person's word on which account a record is of, where the rules leave it open.
///
/// It stands under the record's key, so that each later reading of the record follows it. The rules judge first: it counts while the
/// account is among those that they leave open (``AccountFinder``), and never against them.
package enum MatchDecision {
    /// Most characters of a reason.
    package static let mostReason = 200

    /// Keeps the decision on an entry of the quarantine, with a line of the audit chain. The same again changes nothing.
    ///
    /// - Parameter number: of one of the accounts that the entry could be of.
    /// - Throws: `match.noEntry`, `match.notOpen` where the entry has been dealt with, `match.notCandidate`.
    package static func make(
        of id: QuarantineID, account number: String, reason: String, by person: String, in store: any StoreWriter
    ) throws {
        let (entry, name) = try decidable(id, store)
        if try store.setting(name) == number { return }
        guard entry.state == .open else {
            throw HearthError(
                .matchNotOpen, "entry \(id.number) of the quarantine has been dealt with", at: .address(entry.stream),
                advice: "withdraw the decision on it, and let the source be read in full; then decide anew")
        }
        guard entry.candidates.contains(number) else {
            throw HearthError(
                .matchNotCandidate, "entry \(id.number) of the quarantine cannot be of account \(number)",
                at: .address(entry.stream),
                advice: "it could be of \(entry.candidates.joined(separator: ", ")); another one only the source can state")
        }
        try store.setSetting(name, number)
        try AuditTrail.note(decision: entry, account: number, reason: reason, by: person, in: store)
    }

    /// Takes a decision back: the record is judged by the rules alone when it is next read. Where there is none, nothing changes.
    ///
    /// - Throws: `match.noEntry`.
    package static func withdraw(
        of id: QuarantineID, reason: String, by person: String, in store: any StoreWriter
    ) throws {
        let (entry, name) = try decidable(id, store)
        if try store.setting(name) ?? "" == "" { return }
        try store.setSetting(name, "")
        try AuditTrail.note(decision: entry, account: nil, reason: reason, by: person, in: store)
    }

    private static func decidable(
        _ id: QuarantineID, _ store: any StoreReader
    ) throws -> (QuarantinedRecord, SettingName) {
        guard let entry = try store.quarantined(id), let key = entry.key, !entry.candidates.isEmpty else {
            throw HearthError(
                .matchNoEntry, "there is no entry \(id.number) in quarantine that could be of several accounts",
                at: .address("store"), advice: "look at the list of those with the codes match.…")
        }
        return (entry, key.withUnsafeBytes { SettingName.decidedAccount(ofKey: $0, in: entry.stream) })
    }
}
