import Crypto
import Store

/// One problem: a rule, and what it is about.
struct Finding: Sendable {
    /// A record that shows it.
    struct Evidence: Sendable, Hashable {
        /// Place among the stored streams.
        var stream: Int
        var key: [UInt8]
        /// Where it was read, where the store's records do not say: a record in quarantine.
        var position: RecordPosition?
    }

    /// Place in the rule set.
    var rule: Int
    /// Number of the account, or what a record states as such; empty where none is meant.
    var account = ""
    var season = ""
    /// What else distinguishes this finding from others of the rule: a record's stream and key, a field.
    var subject = ""
    var community = ""
    /// What the systems state less what is right: above 0 too much is charged.
    var money: Int64 = 0
    var found = ""
    var expected = ""
    var detail = ""
    var evidence: [Evidence] = []

    /// What the finding is about, and nothing that may change while it stays the same problem: the order of findings, and what
    /// their ids are made of.
    func key(_ ruleID: String) -> [UInt8] {
        Array(account.utf8) + [0x1F] + Array(ruleID.utf8) + [0x1F] + Array(season.utf8) + [0x1F] + Array(subject.utf8)
    }

    static func id(_ key: [UInt8]) -> String { String(hexadecimal(SHA256.hash(data: key)).prefix(20)) }
}
