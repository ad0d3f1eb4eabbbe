import AccountView
import Store

/// The store as it is read: now, or as of a moment. One read of the store, so that all of it fits together.
struct Snapshot {
    let store: any StoreReader
    /// Nil for the present.
    let moment: Moment?
    let views: AccountViews

    /// Every account's view. The buffer lives as long as the callback.
    func forEachView(_ body: (AccountID, ViewBytes) throws -> Void) throws {
        guard let moment else { return try store.forEachView(body) }
        var last: [UInt8]?
        while true {
            let page = try store.accounts(after: last, limit: 512, at: moment)
            guard let end = page.last else { return }
            last = Array(end.number.utf8)
            for account in page {
                guard let view = try views.view(number: account.number, at: moment, in: store) else { continue }
                try view.withUnsafeBytes { try body(account.id, $0) }
            }
        }
    }

    func view(_ account: AccountID) throws -> [UInt8]? {
        guard let moment else { return try store.view(account)?.body }
        guard let number = try store.accountNumber(account) else { return nil }
        return try views.view(number: number, at: moment, in: store)
    }

    func view(number: String) throws -> [UInt8]? { try views.view(number: number, at: moment, in: store) }

    /// Entries in quarantine, page by page.
    func quarantine(after: QuarantineID?, limit: Int) throws -> [QuarantinedRecord] {
        guard let moment else {
            return try store.quarantine(stream: nil, state: .open, code: nil, after: after, limit: limit)
        }
        return try store.quarantine(at: moment, after: after, limit: limit)
    }

    /// The record that held under a key.
    func body(stream: StreamID, key: [UInt8], of number: String) throws -> [UInt8]? {
        guard let moment else {
            return try key.withUnsafeBytes { try store.record(stream: stream, key: $0) }?.body
        }
        var number = number
        let account = try number.withUTF8 { try store.account(number: UnsafeRawBufferPointer($0), at: moment) }
        guard let account else { return nil }
        var found: [UInt8]?
        try store.forEachRecord(of: account, at: moment) { record in
            if record.stream == stream, record.key.elementsEqual(key) { found = Array(record.body) }
        }
        return found
    }
}
