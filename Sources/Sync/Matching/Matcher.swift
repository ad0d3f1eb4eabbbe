import HeatModel
import Mapping
import Store

/// Finds the one account that a record is of, by rules in a fixed order: account number, another system's own id, place.
///
/// Nothing is guessed. What a record states and the store does not know, or what could be two accounts, is refused with
/// the accounts that it could have meant. A place is asked only where a record names no account at all.
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
    private(set) var cache = AccountCache()
    private(set) var crosswalkCache = AccountCache()
    private var communities: [String]?

    init(_ file: MappingFile) {
        introducesAccounts = file.introducesAccounts
        crosswalkSystem = file.crosswalkSystem
        registersSystem = file.registersSystem
    }

    /// To be called where a transaction was rolled back.
    mutating func forget() {
        cache.removeAll()
        crosswalkCache.removeAll()
        communities = nil
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
        var byCrosswalk: AccountID?
        if let system = crosswalkSystem, let id = bytes.slice(record.crosswalkID), !id.isEmpty {
            byCrosswalk = try account(system: system, id, store)
        }
        switch (byNumber, byCrosswalk) {
        case (let number?, let crosswalk?) where number != crosswalk:
            return .refused(
                .init("match.conflict"),
                "the account number names one account, the \(crosswalkSystem ?? "") id another",
                candidates: [number, crosswalk])
        case (let number?, _): return .account(number, .accountNumber)
        case (nil, let crosswalk?): return .account(crosswalk, .crosswalk)
        case (nil, nil): return try linkByPlace(record, in: bytes, statesNumber: statesNumber, store: store)
        }
    }

    private mutating func account(_ number: UnsafeRawBufferPointer, _ store: some StoreWriter) throws -> AccountID? {
        if let known = cache.find(number) { return known }
        guard let found = try store.account(number: number) else { return nil }
        cache.insert(number, found)
        return found
    }

    private mutating func account(system: String, _ id: UnsafeRawBufferPointer, _ store: some StoreWriter) throws
        -> AccountID?
    {
        if let known = crosswalkCache.find(id) { return known }
        guard let found = try store.account(system: system, externalID: id) else { return nil }
        crosswalkCache.insert(id, found)
        return found
    }

    private mutating func linkByPlace(
        _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer, statesNumber: Bool, store: some StoreWriter
    ) throws -> Link {
        let place = PlaceKey(
            community: bytes.text(record.community), building: bytes.text(record.building),
            unit: bytes.text(record.unit),
            room: bytes.text(record.room))
        let isStated = !place.community.isEmpty && !place.building.isEmpty && !place.room.isEmpty
        if !isStated {
            return statesNumber
                ? .refused(.init("match.unknownAccount"), "no account has the stated number", candidates: [])
                : .refused(
                    .init("match.notStated"), "the record names neither an account nor a full place", candidates: [])
        }
        let candidates = try accounts(at: place, store: store)
        if statesNumber {
            return .refused(.init("match.unknownAccount"), "no account has the stated number", candidates: candidates)
        }
        switch candidates.count {
        case 0: return .refused(.init("match.unknownPlace"), "no account is known at the stated place", candidates: [])
        case 1: return .account(candidates[0], .place)
        default:
            return .refused(
                .init("match.ambiguousPlace"), "\(candidates.count) accounts could be meant by the stated place",
                candidates: candidates)
        }
    }

    /// The accounts at a place whose community is named exactly or stands, as a known name, within a longer text. Of nested
    /// names the longest counts; two names side by side both do.
    mutating func accounts(at place: PlaceKey, store: some StoreReader) throws -> [AccountID] {
        let exact = try store.accounts(at: place, limit: 10)
        if !exact.isEmpty { return exact }
        if communities == nil { communities = try store.communities() }
        let contained = (communities ?? []).filter { place.community.contains($0) }
        let outermost = contained.filter { name in !contained.contains { $0 != name && $0.contains(name) } }
        var found: [AccountID] = []
        for community in outermost {
            var place = place
            place.community = community
            found += try store.accounts(at: place, limit: 10)
        }
        return Array(found.prefix(10))
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of a slice, nil for none.
    func slice(_ slice: Slice) -> UnsafeRawBufferPointer? {
        slice.isNone
            ? nil : UnsafeRawBufferPointer(rebasing: self[Int(slice.offset)..<Int(slice.offset) + Int(slice.length)])
    }

    func text(_ slice: Slice) -> String { self.slice(slice).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}
