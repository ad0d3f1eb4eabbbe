import AccountView
import HeatModel
import JSONText
import Mapping
import Store
import Synchronization

/// Finds accounts by what their views stated at an earlier moment.
///
/// The past has no index of places or phones: every account's view of then is looked through, about 10 s a million accounts. So one
/// search runs at a time, and a request that comes meanwhile has to be sent again later.
final class PastSearch: Sendable {
    private let views: AccountViews
    private let isBusy = Mutex(false)

    init(_ views: AccountViews) { self.views = views }

    struct Found {
        var community: String
        var number: String
    }

    /// The accounts whose building, room and, where one is named, unit were these, in the byte order of their numbers; and the
    /// communities known then, sorted.
    func accounts(at address: ParsedAddress, _ moment: Moment, _ store: any StoreReader) throws -> (
        found: [Found], communities: [String]
    ) {
        var found: [Found] = []
        var communities: Set<String> = []
        try forEachFacts(moment, store) { number, facts in
            guard let community = JSONMembers.value(of: "community", in: facts)?.jsonText, !community.isEmpty else {
                return
            }
            communities.insert(community)
            guard let building = address.building, let room = address.room,
                JSONMembers.value(of: "building", in: facts)?.jsonText == building,
                JSONMembers.value(of: "room", in: facts)?.jsonText == room
            else { return }
            if let unit = address.unit, JSONMembers.value(of: "unit", in: facts)?.jsonText != unit { return }
            found.append(Found(community: community, number: number))
        }
        return (found, communities.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    /// Numbers of the accounts that stated this phone, in byte order.
    func accounts(withPhone phone: String, limit: Int, _ moment: Moment, _ store: any StoreReader) throws -> [String] {
        var found: [String] = []
        try forEachFacts(moment, store) { number, facts in
            guard found.count < limit, let list = JSONMembers.value(of: "holder_phones", in: facts) else { return }
            var phones = JSONMembers(list)
            while let (_, stated) = phones.next() {
                if stated.jsonText == phone {
                    found.append(number)
                    return
                }
            }
        }
        return found
    }

    private func forEachFacts(
        _ moment: Moment, _ store: any StoreReader,
        _ body: (_ number: String, _ facts: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else {
            throw Problem(
                .limited, "past-search-busy", "Another search of the past is at work", detail: "one runs at a time",
                retryAfter: 10)
        }
        defer { isBusy.withLock { $0 = false } }
        try views.forEachView(at: moment, in: store) { number, view in
            try view.withUnsafeBytes { view in
                if let facts = JSONMembers.value(of: "facts", in: view) { try body(number, facts) }
            }
        }
    }
}
