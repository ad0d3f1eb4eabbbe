import HeatModel
import Records
import Store
import Sync

/// A run as `--json` prints it.
struct RunSummary: Encodable {
    struct Problem: Encodable {
        var code: String
        var message: String
    }

    var run: Int64
    var stream: String
    var mode: String
    var state: String
    var counts: RunCounts
    /// Where the mapping file had changed: the books of bringing the records held up to it.
    var remapped: RunCounts?
    var totals: [MoneyTotal]
    var error: Problem?
    var knownOrigins: [String]?
    /// Why the pull ended, as a proof that nothing is missing: `counted_total`; `cut_by_limit` where `--limit` ended it.
    var proof: String?
    var proofDetail: String?
    var notices: [PullNotice]?
    var noticesLeftOut: Int64?
    /// The newest instant that the source states of what was read.
    var newestData: String?

    init(_ report: RunReport) {
        run = report.run.number
        stream = report.stream.description
        mode = report.mode
        state = report.state.rawValue
        counts = report.counts
        remapped = report.remapped
        totals = report.totals.map { MoneyTotal($0) }
        error = report.error.map { Problem(code: $0.code.name, message: $0.commandLineText) }
        knownOrigins = report.knownOrigins
        note(report.pull)
    }

    private mutating func note(_ pull: PullEnd) {
        proof = pull.statement?.proof
        proofDetail = pull.statement?.detail
        if !pull.notices.isEmpty { notices = pull.notices }
        if pull.noticesLeftOut > 0 { noticesLeftOut = pull.noticesLeftOut }
        newestData = pull.newestData?.description
    }
}

/// A control total as `--json` prints it: `{"count":2,"measure":"due_fen","side":"pulled","sum":"1475.40","sum_fen":147540}`.
struct MoneyTotal: Encodable {
    var side: RunTotal.Side
    var measure: String
    var count: Int64
    var sumFen: Int64
    var sum: String

    init(_ total: RunTotal) {
        side = total.side
        measure = total.measure
        count = total.count
        sumFen = total.sum.amount
        sum = ExactDecimal(units: total.sum.amount, places: 2).description
    }
}
