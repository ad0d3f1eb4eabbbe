import AccountView
import HeatModel
import Mapping
import Store

/// Finds the one account that a record is of, by rules in a fixed order: account number, another system's own id, place.
///
/// Nothing is guessed. What could be two accounts, and a number that the store does not know, is refused with the accounts that it could
/// have meant. A place is asked only where no number is stated and no account is known by the stated id. What is assumed of the other
/// systems stands in this folder's README.
struct Matcher {
    enum Link {
        case account(AccountID, LinkRule)
        case refused(HearthError.Code, String, candidates: [AccountID])
    }

    let introducesAccounts: Bool
    /// System whose ids ``CanonicalRecord/crosswalkID`` holds.
    let crosswalkSystem: String?
    /// System whose ids ``CanonicalRecord/registersID`` teaches.
    let registersSystem: String?
    /// Whether records of the stream lead those of others to an account.
    var makesStatements: Bool { introducesAccounts || registersSystem != nil }
    private(set) var cache = AccountCache()
    /// Ids that name one account.
    private(set) var crosswalkCache = AccountCache()
    private var communities: [String]?
    /// Accounts that are named where several could be meant.
    private static let mostCandidates = 10

    init(_ file: MappingFile) {
        introducesAccounts = file.introducesAccounts
        crosswalkSystem = file.crosswalkSystem
        registersSystem = file.registersSystem
    }

    /// To be called where a transaction begins: other streams' runs may have committed other statements since the last one. An account's
    /// number means the same account for ever.
    mutating func forgetStatements() {
        crosswalkCache.removeAll()
        communities = nil
    }

    /// To be called where a record of this stream has stated something within the transaction that is under way.
    mutating func noteStatement(_ place: PlaceKey?) {
        if registersSystem != nil, registersSystem == crosswalkSystem { crosswalkCache.removeAll() }
        if let place, let communities, !communities.contains(place.community) { self.communities = nil }
    }

    mutating func link(
        _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer, run: RunID, store: some StoreWriter
    ) throws -> Link {
        let number = bytes.slice(record.accountNumber)
        if introducesAccounts, let number, !number.isEmpty {
            if let known = try account(number, store) { return .account(known, .introduced) }
            let account = try store.introduceAccount(number: number, run: run)
            cache.insert(number, account)
            return .account(account, .introduced)
        }
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
            // A number tells which of several accounts of one id is meant.
            if known.isEmpty || known.contains(byNumber) { return .account(byNumber, .accountNumber) }
            return .refused(
                .init("match.conflict"), "the account number names one account, the \(system) id another",
                candidates: [byNumber] + known)
        }
        switch known.count {
        case 0:
            return try linkByPlace(
                record, in: bytes, statesNumber: statesNumber, unknownID: (system, id), store: store)
        case 1: return .account(known[0], .crosswalk)
        default:
            return .refused(
                .init("match.ambiguousId"), "\(known.count) accounts are known by the stated \(system) id",
                candidates: known)
        }
    }

    private mutating func account(_ number: UnsafeRawBufferPointer, _ store: some StoreWriter) throws -> AccountID? {
        if let known = cache.find(number) { return known }
        guard let found = try store.account(number: number) else { return nil }
        cache.insert(number, found)
        return found
    }

    private mutating func accounts(system: String, _ id: UnsafeRawBufferPointer, _ store: some StoreWriter) throws
        -> [AccountID]
    {
        if let known = crosswalkCache.find(id) { return [known] }
        let found = try store.accounts(system: system, externalID: id, limit: Self.mostCandidates)
        if found.count == 1 { crosswalkCache.insert(id, found[0]) }
        return found
    }

    private mutating func linkByPlace(
        _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer, statesNumber: Bool,
        unknownID: (system: String, id: UnsafeRawBufferPointer)?, store: some StoreWriter
    ) throws -> Link {
        let place = record.place(in: bytes)
        let isStated = !place.community.isEmpty && !place.building.isEmpty && !place.room.isEmpty
        let candidates = isStated ? try accounts(at: place, store: store) : []
        if statesNumber {
            return .refused(.init("match.unknownAccount"), "no account has the stated number", candidates: candidates)
        }
        if candidates.count == 1 { return .account(candidates[0], .place) }
        if candidates.count > 1 {
            return .refused(
                .init("match.ambiguousPlace"), "\(candidates.count) accounts could be meant by the stated place",
                candidates: candidates)
        }
        if let unknownID {
            return .refused(
                .init("match.unknownId"),
                "no account is known by \(unknownID.system) id \(Self.shown(unknownID.id))"
                    + (isStated ? ", and none at the stated place" : ""),
                candidates: [])
        }
        return isStated
            ? .refused(.init("match.unknownPlace"), "no account is known at the stated place", candidates: [])
            : .refused(.init("match.notStated"), "the record names neither an account nor a full place", candidates: [])
    }

    /// An id as it stands in a message: of a longer text, which is no id, only the beginning.
    private static func shown(_ id: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: id, as: UTF8.self)
        return text.count > 32 ? text.prefix(31) + "…" : text
    }

    /// The accounts at a place whose community is named exactly or stands, as a known name, within a longer text. Of nested
    /// names the longest counts; two names side by side both do.
    mutating func accounts(at place: PlaceKey, store: some StoreReader) throws -> [AccountID] {
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
