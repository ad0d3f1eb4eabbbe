import AccountView
import Mapping
import Store

/// Finds the one account that a record is of, and brings accounts in where the stream is one that does. What is assumed of the other
/// systems stands in this folder's README.
struct Matcher {
    let introducesAccounts: Bool
    /// System whose ids ``CanonicalRecord/registersID`` teaches.
    let registersSystem: String?
    /// Whether records of the stream lead those of others to an account.
    var makesStatements: Bool { introducesAccounts || registersSystem != nil }
    private var finder: AccountFinder

    init(_ file: MappingFile) {
        introducesAccounts = file.introducesAccounts
        registersSystem = file.registersSystem
        finder = AccountFinder(file)
    }

    /// To be called where a transaction begins.
    mutating func forgetStatements() { finder.forgetStatements() }

    /// To be called where a record of this stream has stated something within the transaction that is under way.
    mutating func noteStatement(_ place: PlaceKey?) { finder.noteStatement(place, registers: registersSystem) }

    /// Finds the accounts of the numbers that these records state, all at once, and makes those that are new where the stream brings
    /// accounts in. To be called before the records are linked.
    mutating func prepare(
        _ records: ArraySlice<CanonicalRecord>, in bytes: UnsafeRawBufferPointer, run: RunID, store: some AccountWriter
    ) throws {
        let introduces = introducesAccounts
        try finder.prepare(records, in: bytes) { numbers in
            introduces
                ? try store.introduceAccounts(numbers: numbers, run: run) : try store.accounts(numbers: numbers)
        }
    }

    /// Whether linking a record asks what others have stated of places and ids, and not its account's number alone.
    mutating func asksStatements(of record: CanonicalRecord, in bytes: UnsafeRawBufferPointer) -> Bool {
        if introducesAccounts, let number = bytes.slice(record.accountNumber), !number.isEmpty { return false }
        return finder.asksStatements(of: record, in: bytes)
    }

    /// - Parameter key: the record's, as the store has it.
    mutating func link(
        _ record: CanonicalRecord, key: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer, run: RunID,
        store: some AccountWriter & SettingReader
    ) throws -> AccountFinder.Link {
        guard introducesAccounts, let number = bytes.slice(record.accountNumber), !number.isEmpty else {
            return try finder.find(record, key: key, in: bytes, store: store)
        }
        if let known = try finder.account(number, store) { return .account(known, .introduced) }
        let account = try store.introduceAccount(number: number, run: run)
        finder.note(account, number: number)
        return .account(account, .introduced)
    }
}
