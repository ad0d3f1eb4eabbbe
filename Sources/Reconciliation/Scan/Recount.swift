import JSONText
import Store

/// The middle side of the control totals, counted from the records themselves instead of from what shows them.
struct Recount {
    private let streams: [StoredStream]
    /// Place of a stream by its number in the store.
    private let places: [StreamID: Int]
    /// The community that each account's view states, by the account's number in the store; −1 for an account without a view.
    private var communities: [Int32] = []
    private var table = TallyTable()

    /// Which community an account is counted under is taken from its view.
    init(_ snapshot: Snapshot, _ streams: [StoredStream]) throws {
        self.streams = streams
        places = Dictionary(uniqueKeysWithValues: streams.enumerated().map { ($1.id, $0) })
        var reader = ScannedAccountReader(streams)
        var scanned = ScannedAccount()
        try snapshot.forEachView { account, view in
            reader.read(view, into: &scanned)
            let place = Int32(table.community(scanned.community ?? ViewBytes(start: nil, count: 0)))
            while communities.count <= account.number { communities.append(-1) }
            communities[Int(account.number)] = place
        }
    }

    /// Every record of a snapshot by its cell.
    func cells(_ snapshot: Snapshot) throws -> [CellName: Tally] {
        var table = table
        try snapshot.store.forEachRecord(heldAt: snapshot.moment) { record, account, isVoided in
            guard let stream = places[record.stream] else { return }
            let stated = StatedMoney(record.body, of: streams[stream].entity)
            let community =
                isVoided
                ? nil
                : account.flatMap { communities.indices.contains(Int($0.number)) ? communities[Int($0.number)] : nil }
            let place = community.flatMap { $0 >= 0 ? Int($0) : nil } ?? table.community(stated.community)
            table.add(stream: stream, season: stated.season, item: stated.item, community: place) {
                stated.add(to: &$0)
            }
        }
        var cells: [CellName: Tally] = [:]
        table.merge(into: &cells)
        return cells
    }
}
