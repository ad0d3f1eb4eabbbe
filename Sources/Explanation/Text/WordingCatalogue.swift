import Billing
import HeatModel

/// Everything that a language must be able to say.
enum WordingCatalogue {
    static let sentences: [String] = {
        var keys: [String] = []
        for versus in Explanation.Versus.allCases {
            for way in ["more", "less", "same"] { keys.append("explain.headline.\(versus.rawValue).\(way)") }
        }
        for kind in Explanation.partKinds { keys += ["explain.part.\(kind).more", "explain.part.\(kind).less"] }
        keys += ["explain.check.differs", "explain.check.unexplained"]
        for status in Explanation.Status.allCases where status != .explained {
            keys.append("explain.status.\(status.rawValue)")
        }
        keys += ["explain.area.line", "explain.area.unknown_basis", "explain.area.disagreement"]
        for standing in [SharedAreaRule.Standing.inside, .ownLine, .absent] {
            keys.append("explain.shared.\(standing.rawValue)")
        }
        for name in ["latest", "none", "standard", "supply", "by_area", "metered"] {
            keys.append("explain.temperature.\(name)")
        }
        for name in ["due", "none", "no_readings", "room_areas_missing", "no_rule", "contradictory"] {
            keys.append("explain.refund.\(name)")
        }
        keys += ["explain.running", "explain.month", "explain.missing", "explain.stale", "explain.peers_of_present"]
        for name in [
            "open", "settled", "credit", "late", "deadline", "pending", "billing_says", "other", "others", "no_bill",
            "no_bill_at_all",
        ] {
            keys.append("money.due.\(name)")
        }
        for name in ["pending", "posted", "posted_without_invoice", "reversed", "none", "none_ever"] {
            keys.append("money.receipt.\(name)")
        }
        for name in [
            "possible", "deadline", "late", "inside", "inside_impossible", "inside_possible", "after", "too_short",
            "documents", "arrears", "not_covered", "asked", "joined",
        ] { keys.append("money.suspension.\(name)") }
        keys += ["accepted", "joined_order", "joined_request"].map { "orders.asked.\($0)" }
        keys += [
            "accepted", "sending", "unknown", "waiting", "confirmed", "confirmed_without_number", "refused", "dropped",
        ].map { "orders.request.\($0)" }
        keys += faults.map { "orders.hint.\($0)" }
        keys += ["unconfirmed", "well", "reopened", "reopened_by_person", "escalated", "known", "unanswered"].map {
            "orders.follow_up.\($0)"
        }
        keys += ["orders.do_now.leak"] + ["place", "symptom", "temperature", "attachment"].map { "orders.note.\($0)" }
        keys += ["hello", "emergency", "differs", "order", "request", "open", "open_others", "read"].map {
            "hand_off.\($0)"
        }
        return keys + triage
    }()

    /// Faults that a customer can report.
    private static let faults = ["noHeat", "notWarm", "leak", "temperature", "valve", "other"]

    /// What is said where a home is cold: findings, what follows on some of them, what to do next.
    private static let triage =
        [
            "outage", "outageOverdue", "outageEnded", "outageAhead", "outageUnclear", "likelyOutage", "disconnected",
            "suspended", "suspendedInPart", "arrears", "supplyStopped", "supplyPartial", "valveClosed", "openOrder",
            "orderUnclear", "cold", "warm", "oldReading", "noReading", "repeated",
        ].map { "triage.finding.\($0)" }
        + ["expected", "unknown"].map { "triage.end.\($0)" }
        + [
            "waitForEnd", "waitForNews", "callNow", "visitOffice", "payArrears", "restoreSupply", "askForOpening",
            "joinOrder", "createOrder",
        ].map { "triage.action.\($0)" }
        + ["checkBlockage"].map { "triage.hint.\($0)" }
        + ["outages", "neighboursThen"].map { "triage.untold.\($0)" }
        + ["triage.nothing", "triage.checks"]

    /// Today's name of a sentence that had another name one version ago.
    static func currentName(of key: String) -> String? {
        let old = "explain.part.calibre."
        return key.hasPrefix(old) ? "explain.part.basis_difference." + key.dropFirst(old.count) : nil
    }

    static let words: [String] =
        [
            "level.building", "level.community", "level.station", "basis.building", "basis.inner", "basis.usable",
            "basis.billing", "method.visit", "method.device", "method.selfReported", "method.unknown", "state.normal",
            "state.stopped", "state.partial", "state.unknown", "unknown", "separator", "outage.planned",
            "outage.unplanned",
        ]
        + WorkOrderState.allCases.map { "order.\($0.rawValue)" }
        + ["application", "holderIdentity", "ownershipProof", "arrearsSettled", "reason"].map { "document.\($0)" }
        + [
            "class", "method", "tariff", "area_building", "area_inner", "area_shared", "supply_state", "readings",
            "room_temperature", "room_areas", "charges_in_quarantine",
        ].map { "gap.\($0)" }
        + [
            "areaBasis", "area", "accountClass", "heatSource", "method", "height", "heightCounting",
            "heightForEveryClass", "seasonDays", "chargedDays", "fullSeason", "suspensionIgnored", "suspensionRatio",
            "suspensionShare", "pricesOf", "lowIncome", "consumption", "correction", "capIgnored", "withoutLine",
            "lineTwice", "lineRounding", "totalRounding",
        ].map { "cause.\($0)" }
        + faults.map { "fault.\($0)" }
        + [
            "waitingToBeScheduled", "scheduled", "dispatched", "enroute", "onSite", "inProgress", "waitingOnMaterial",
        ].map { "order.\($0)" } + ["open", "closed", "disconnected"].map { "valve.\($0)" }

    static let placeholders = Wording.Placeholder.allCases.map(\.rawValue)
}
