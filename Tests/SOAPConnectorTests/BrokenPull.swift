import HeatModel
import Records

/// A connector that is wrong in one way, to show that the adversary's judge sees it.
struct BrokenPull: Connector {
    enum Way: String, CaseIterable, Sendable {
        /// The last record of a pull is not handed over.
        case dropsLastRecord
        /// A page with fewer records than its size is taken for the last one.
        case trustsShortPage
        /// Whatever fails is taken for the end.
        case failureIsTheEnd
        /// A page that comes again is taken for the end.
        case repeatedPageIsTheEnd
        /// An answer in which the records cannot be told is taken for an empty one.
        case badAnswerIsEmpty
        /// A pull that fails leaves the cursor behind the greatest value that it saw.
        case cursorAdvancesOnFailure
        /// Records that are broken are left out.
        case leavesOutDefects
    }

    let connector: any Connector
    let way: Way
    let pageSize: Int

    private struct End: Error {}

    var source: String { connector.source }
    func check() -> [CheckFinding] { connector.check() }
    func accountKey(of stream: String) -> AccountKey? { nil }
    func discover() throws -> [StreamDescription] { try connector.discover() }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        var held: RawBatch?
        var inPage = 0
        var page: [RawBatch] = []
        var greatest = ""
        do {
            var summary = try connector.pull(request) { batch in
                var batch = batch
                if way == .leavesOutDefects { batch.defects = [] }
                for row in batch.texts { if let at = row[3], at < "2021" { greatest = max(greatest, at) } }
                if way == .cursorAdvancesOnFailure {
                    page.append(batch)
                    if batch.endsOrigin {
                        for batch in page { try deliver(batch) }
                        page = []
                    }
                    return
                }
                guard way == .dropsLastRecord else {
                    inPage += batch.rowCount
                    let isShort = batch.endsOrigin && inPage > 0 && inPage < pageSize
                    if batch.endsOrigin { inPage = 0 }
                    try deliver(batch)
                    if isShort, way == .trustsShortPage { throw End() }
                    return
                }
                if let before = held { try deliver(before) }
                held = batch
            }
            if var last = held {
                if last.rowCount > 0 {
                    last.ordinals.removeLast()
                    last.fields.removeLast(last.columns.count)
                }
                try deliver(last)
            }
            if way == .trustsShortPage { summary.completeness = Completeness(.wholeAnswer, "") }
            return summary
        } catch {
            if way == .cursorAdvancesOnFailure, !greatest.isEmpty {
                let cursor = Cursor("soap/1 from=\(greatest.replacing(" ", with: "%20"))")
                try deliver(
                    RawBatch(
                        columns: ["no", "value", "note", "at"],
                        origin: Origin(kind: .envelope, name: "Get", isSnapshot: false), cursor: cursor))
            }
            let said = error as? HearthError
            let isTheEnd =
                switch way {
                case .failureIsTheEnd: said != nil
                case .repeatedPageIsTheEnd: said?.message.contains("the same page again") == true
                case .badAnswerIsEmpty: said?.code.name == "source.badAnswer"
                case .trustsShortPage: error is End
                default: false
                }
            if isTheEnd { return PullSummary(completeness: Completeness(.emptyPage, "")) }
            throw error
        }
    }
}
