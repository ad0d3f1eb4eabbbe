public import HeatModel
public import Mapping
import Records
public import Store

/// Finds the one account that a record is of, by rules in a fixed order: account number, another system's own id, place.
///
/// Nothing is guessed. What could be two accounts, and a number that the store does not know, is refused with the accounts that it could
/// have meant, unless a person has said which of them it is. A place is looked up only where no number is stated and no account is known by the stated id.
public struct AccountFinder {
    public enum Link {
        case account(AccountID, LinkRule)
        case refused(HearthError.Code, String, candidates: [AccountID])
    }

    private let stream: String
    /// System whose ids ``CanonicalRecord/crosswalkID`` holds.
    private let crosswalkSystem: String?
    private var cache = AccountCache()
    /// Ids that name one account.
    private(set) var crosswalkCache = AccountCache()
    private var communities: [String]?
    /// Accounts that are named where several could be meant.
    private static let mostCandidates = 10

    public init(_ file: MappingFile) {
        stream = file.stream.description
        crosswalkSystem = file.crosswalkSystem
    }

    /// To be called where a transaction begins: other streams' runs may have committed other statements since the last one. An account's
    /// number means the same account for ever.
    public mutating func forgetStatements() {
        crosswalkCache.removeAll()
        communities = nil
    }

    /// To be called where a record has stated something within the transaction that is under way.
    ///
    /// - Parameter system: the system whose id it registers.
    public mutating func noteStatement(_ place: PlaceKey?, registers system: String?) {
        if system != nil, system == crosswalkSystem { crosswalkCache.removeAll() }
        if let place, let communities, !communities.contains(place.community) { self.communities = nil }
    }

    /// To be called where an account is new.
    public mutating func note(_ account: AccountID, number: UnsafeRawBufferPointer) { cache.insert(number, account) }

    /// Finds the accounts of the numbers that these records state, all at once. To be called before the records are linked.
    ///
    /// - Parameter ask: gives the accounts of numbers, in their order; nil for a number that the store does not know.
    public mutating func prepare(
        _ records: ArraySlice<CanonicalRecord>, in bytes: UnsafeRawBufferPointer,
        _ ask: ([UnsafeRawBufferPointer]) throws -> [AccountID?]
    ) throws {
        var numbers: [UnsafeRawBufferPointer] = []
        for record in records {
            guard let number = bytes.slice(record.accountNumber), !number.isEmpty, cache.find(number) == nil else {
                continue
            }
            // Asked about once: until the answer is here the number stands for no account.
            cache.insert(number, Self.asked)
            numbers.append(number)
        }
        if numbers.isEmpty { return }
        for (number, account) in zip(numbers, try ask(numbers)) {
            if let account { cache.insert(number, account) } else { cache.remove(number) }
        }
    }

    private static let asked = AccountID(-1)

    /// Whether linking a record asks what others have stated of places and ids, and not its account's number alone.
    public mutating func asksStatements(of record: CanonicalRecord, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard let number = bytes.slice(record.accountNumber), !number.isEmpty else { return true }
        return crosswalkSystem != nil || cache.find(number) == nil
    }

    /// The account of a number as the mapping gives it.
    public mutating func account(_ number: UnsafeRawBufferPointer, _ store: some AccountReader) throws -> AccountID? {
        if let known = cache.find(number) { return known }
        guard let found = try store.account(number: number) else { return nil }
        cache.insert(number, found)
        return found
    }

    /// The account of a record of a stream that brings none in.
    ///
    /// - Parameter key: the record's, as the store has it.
    public mutating func find(
        _ record: CanonicalRecord, key: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer,
        store: some AccountReader & SettingReader
    ) throws -> Link {
        let link = try judge(record, in: bytes, store: store)
        guard case .refused(_, _, let candidates) = link, !candidates.isEmpty,
            let decided = try store.setting(.decidedAccount(ofKey: key, in: stream)), !decided.isEmpty,
            let account = try Array(decided.utf8).withUnsafeBytes({ try store.account(number: $0) }),
            candidates.contains(account)
        else { return link }
        return .account(account, .decided)
    }

    private mutating func judge(
        _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer, store: some AccountReader
    ) throws -> Link {
        let number = bytes.slice(record.accountNumber)
        var byNumber: AccountID?
        var statesNumber = false
        if let number, !number.isEmpty {
            statesNumber = true
            byNumber = try account(number, store)
        }
        guard let system = crosswalkSystem, let id = bytes.slice(record.crosswalkID), !id.isEmpty else {
            if let byNumber { return .account(byNumber, .accountNumber) }
            return try linkByPlace(record, in: bytes, statesNumber: statesNumber, unknownID: nil, store: store)
        }
        let known = try accounts(system: system, id, store)
        if let byNumber {
            // A number says which of several accounts of one id is meant.
            if known.isEmpty || known.contains(byNumber) { return .account(byNumber, .accountNumber) }
            return .refused(
                .matchConflict, "the account number names one account, the \(system) id another",
                candidates: [byNumber] + known)
        }
        if statesNumber, !known.isEmpty {
            // Whether the number or the id is wrong, or the account is not there yet, nothing here says.
            return .refused(
                .matchUnknownAccount,
                "no account has the stated number; the \(system) id names "
                    + (known.count == 1 ? "another" : "\(known.count) others"),
                candidates: known)
        }
        switch known.count {
        case 0:
            return try linkByPlace(
                record, in: bytes, statesNumber: statesNumber, unknownID: (system, id), store: store)
        case 1: return .account(known[0], .crosswalk)
        default:
            return .refused(
                .matchAmbiguousId, "\(known.count) accounts are known by the stated \(system) id",
                candidates: known)
        }
    }

    private mutating func accounts(system: String, _ id: UnsafeRawBufferPointer, _ store: some AccountReader) throws
        -> [AccountID]
    {
        if let known = crosswalkCache.find(id) { return [known] }
        let found = try store.accounts(system: system, externalID: id, limit: Self.mostCandidates)
        if found.count == 1 { crosswalkCache.insert(id, found[0]) }
        return found
    }

    private mutating func linkByPlace(
        _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer, statesNumber: Bool,
        unknownID: (system: String, id: UnsafeRawBufferPointer)?, store: some AccountReader
    ) throws -> Link {
        let place = record.place(in: bytes)
        let isStated = !place.community.isEmpty && !place.building.isEmpty && !place.room.isEmpty
        let candidates = isStated ? try accounts(at: place, store: store) : []
        if statesNumber {
            return .refused(.matchUnknownAccount, "no account has the stated number", candidates: candidates)
        }
        if candidates.count == 1 { return .account(candidates[0], .place) }
        if candidates.count > 1 {
            return .refused(
                .matchAmbiguousPlace, "\(candidates.count) accounts could be meant by the stated place",
                candidates: candidates)
        }
        if let unknownID {
            return .refused(
                .matchUnknownId,
                "no account is known by \(unknownID.system) id \(Self.shown(unknownID.id))"
                    + (isStated ? ", and none at the stated place" : ""),
                candidates: [])
        }
        return isStated
            ? .refused(.matchUnknownPlace, "no account is known at the stated place", candidates: [])
            : .refused(.matchNotStated, "the record names neither an account nor a full place", candidates: [])
    }

    /// An id as it stands in a message: of a longer text, which is no id, only the beginning.
    private static func shown(_ id: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: id, as: UTF8.self)
        return text.count > 32 ? text.prefix(31) + "…" : text
    }

    /// The accounts at a place whose community is named exactly or stands, as a known name, within a longer text. Of nested
    /// names the longest counts; two names side by side both do.
    private mutating func accounts(at place: PlaceKey, store: some AccountReader) throws -> [AccountID] {
        let exact = try store.accounts(at: place, limit: Self.mostCandidates)
        if !exact.isEmpty { return exact }
        if communities == nil { communities = try store.communities() }
        let contained = (communities ?? []).filter { place.community.contains($0) }
        let outermost = contained.filter { name in !contained.contains { $0 != name && $0.contains(name) } }
        var found: [AccountID] = []
        for community in outermost {
            var place = place
            place.community = community
            found += try store.accounts(at: place, limit: Self.mostCandidates)
        }
        return Array(found.prefix(Self.mostCandidates))
    }
}
