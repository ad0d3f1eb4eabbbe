import HeatModel
import JSONText
public import Mapping
import Records
public import Store

/// The tables that are nothing but what the current records make of them: places, other systems' ids, account views, and the statistics
/// of peers. They are kept up commit by commit; here they are made again from the records alone, and compared.
///
/// ```
/// let recount = try store.read { try DerivedTables(mappings: mappings, peers: rules).recount($0) }
/// ```
///
/// Where a mapping file or `unified.yaml` is another one than the store was last brought up to, the tables that hang on it are left out:
/// the next sync makes them again.
public struct DerivedTables {
    let mappings: MappingSet
    let peers: PeerRules?

    /// - Parameter peers: the rules that groups of peers are made under; nil leaves their statistics out.
    public init(mappings: MappingSet, peers: PeerRules?) {
        self.mappings = mappings
        self.peers = peers
    }

    /// - Throws: errors of the store alone; what differs is in the result.
    public func recount(_ store: any StoreReader) throws -> DerivedRecount {
        var recount = DerivedRecount()
        // An upgraded store that has not been through its records yet has nothing to compare.
        if try store.setting(.restated) ?? "" == "" { try statements(store, &recount) }
        if try store.setting(.unified) == AccountViewBuilder.version(of: mappings.unified) {
            try views(store, &recount)
            if let peers { try cohorts(CohortGroups(rules: peers), store, &recount) }
        }
        return recount
    }

    // MARK: Places and ids

    private func statements(_ store: any StoreReader, _ recount: inout DerivedRecount) throws {
        let counts = try store.statementCounts()
        for orphans in counts where orphans.stream == nil {
            recount.note(.places, "of records that are not there", count: orphans.places)
            recount.note(.foreignIDs, "of records that are not there", count: orphans.foreignIDs)
        }
        for stream in try store.streams() {
            guard let file = mappings.files.first(where: { $0.key.description == stream.name })?.value,
                try store.setting(.mapping(of: stream.name)) == file.version
            else { continue }
            var mapper = StatementMapper(file)
            var finder = AccountFinder(file)
            let states = mapper.makesStatements || counts.contains { $0.stream == stream.id }
            // Of a stream that states nothing only those matter whose link hangs on what others state.
            let rules: [LinkRule?] = states ? [nil] : [.crosswalk, .place, .decided]
            for rule in rules {
                var after: RecordID?
                while true {
                    let records =
                        try rule.map { try store.records(in: stream.id, linkedBy: $0, after: after, limit: 512) }
                        ?? store.records(in: stream.id, after: after, limit: 512)
                    guard let last = records.last else { break }
                    after = last.id
                    for record in records {
                        guard let mapped = try mapper.map(record) else { continue }
                        if states { try compare(record, mapped.statement, store, &recount) }
                        if [.crosswalk, .place, .decided].contains(record.rule) {
                            try checkLink(record, mapped.batch, &finder, store, &recount)
                        }
                    }
                }
            }
        }
    }

    private func compare(
        _ record: StoredRecord, _ right: RecordStatement?, _ store: any StoreReader, _ recount: inout DerivedRecount
    ) throws {
        let held = try store.statement(of: record.id)
        if held?.place != right?.place { recount.note(.places, record) }
        if held?.foreignID != right?.foreignID { recount.note(.foreignIDs, record) }
    }

    /// A record that was linked by an id, a place or a person's word is named where that means another account now, several, or none: what it is linked
    /// to changes when it is next read.
    private func checkLink(
        _ record: StoredRecord, _ batch: CanonicalBatch, _ finder: inout AccountFinder, _ store: any StoreReader,
        _ recount: inout DerivedRecount
    ) throws {
        guard let canonical = batch.records.first, let account = record.account else { return }
        let link = try batch.bytes.withUnsafeBytes { bytes in
            try record.key.withUnsafeBytes { try finder.find(canonical, key: $0, in: bytes, store: store) }
        }
        let (candidates, code): ([AccountID], String?) =
            switch link {
            case .account(let found, _): ([found], nil)
            case .refused(let code, _, let found): (found, code.name)
            }
        if code == nil, candidates == [account] { return }
        recount.note(
            .links, record, account: try store.accountNumber(account),
            link: .init(
                rule: record.rule, accounts: try candidates.compactMap { try store.accountNumber($0) }, code: code))
    }

    // MARK: Views

    private func views(_ store: any StoreReader, _ recount: inout DerivedRecount) throws {
        let streams = try store.streams()
        let builder = AccountViewBuilder(mappings.unified, streams: streams)
        var records = AccountRecords(streams: streams)
        var members = CohortMemberReader()
        var json = JSONBytes()
        var memberCount: Int64 = 0
        var waiting: Int64 = 0
        let touched = try allTouched(store)
        var after: [UInt8]?
        while true {
            let accounts = try store.accounts(after: after, limit: 512, at: nil)
            guard let last = accounts.last else { break }
            after = Array(last.number.utf8)
            for (account, number) in accounts {
                let stored = try store.view(account)
                let member = try store.cohortMember(account)
                if member != nil { memberCount += 1 }
                let open = try store.openOrders(of: account)
                if open != nil { waiting += 1 }
                if touched.contains(account) { continue }
                records.removeAll()
                json.removeAll()
                try records.read(account, from: store)
                builder.build(0, of: records, into: &json)
                guard let stored, stored.body == json.bytes else {
                    recount.note(.views, "view", account: number)
                    continue
                }
                let right = json.withUnsafeBytes { members.row(of: account, view: $0) }
                let isRight =
                    right.house == nil || right.body.isEmpty
                    ? member == nil : member?.house == right.house && member?.body == right.body
                if !isRight { recount.note(.cohorts, "member", account: number) }
                let orders = json.withUnsafeBytes { OpenOrders(of: account, view: $0) }
                if open != (orders.orders.isEmpty ? nil : orders) {
                    recount.note(.openOrders, "orders", account: number)
                }
            }
        }
        let strangers = try store.cohortCounts().members - memberCount
        if strangers > 0 { recount.note(.cohorts, "members that are no accounts", count: strangers) }
        let others = try store.accountsWithOpenOrders() - waiting
        if others > 0 { recount.note(.openOrders, "of what is no account", count: others) }
    }

    private func allTouched(_ store: any StoreReader) throws -> Set<AccountID> {
        var all: Set<AccountID> = []
        var after: AccountID?
        while true {
            let page = try store.touchedAccounts(after: after, limit: 4096)
            guard let last = page.last else { return all }
            after = last.account
            all.formUnion(page.map(\.account))
        }
    }

    // MARK: Statistics of peers

    private func cohorts(_ groups: CohortGroups, _ store: any StoreReader, _ recount: inout DerivedRecount) throws {
        guard try store.setting(.peers) == groups.rules.version, try store.touchedCount() == 0,
            try store.touchedBuildings(limit: 1).isEmpty
        else { return }
        let houses = try store.peerBuildings()
        var (pages, statistics): (Int64, Int64) = (0, 0)
        for house in houses {
            let right = try CohortGroups.pages(of: house, in: store)
            for kind in Set(right.keys).union(try store.cohortKinds(house)) {
                if try store.cohortPage(house, kind: kind) != right[kind] { recount.note(.cohorts, "page of a house") }
            }
            pages += Int64(right.count)
        }
        for level in CohortLevel.allCases {
            var seen: Set<String> = []
            for house in houses {
                guard let place = house.place(level), seen.insert(place).inserted else { continue }
                let members = try store.buildings(level, like: house)
                let kinds = try members.reduce(into: Set(try store.cohortKinds(level, place))) {
                    $0.formUnion(try store.cohortKinds($1))
                }
                for kind in kinds {
                    let right = try groups.statistics(level, of: members, kind: kind, in: store)
                    if right != nil { statistics += 1 }
                    if try store.cohort(level, place, kind: kind) != right {
                        recount.note(.cohorts, "statistics of a \(level.name)")
                    }
                }
            }
        }
        let counts = try store.cohortCounts()
        recount.note(.cohorts, "pages of houses that are not there", count: max(0, counts.pages - pages))
        recount.note(.cohorts, "statistics of groups that are not there", count: max(0, counts.groups - statistics))
    }
}
