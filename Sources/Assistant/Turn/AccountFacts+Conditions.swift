import Explanation
import HeatModel

/// What a flow may hang on.
extension AccountFacts {
    mutating func holds(_ word: Condition.Word) -> Bool {
        guard account != nil else { return false }
        func finds(_ kinds: Set<String>) -> Bool {
            triage()?.0.list("findings").contains { $0.text("finding").map(kinds.contains) ?? false } ?? false
        }
        switch word {
        case .arrears:
            guard let document = due()?.0 else { return false }
            return (document.integer("total_open_fen") ?? 0) > 0
        case .suspended: return finds(["suspended"])
        case .disconnected: return finds(["disconnected"])
        case .supplyStopped: return finds(["supplyStopped", "valveClosed"])
        case .outage: return finds(Self.outages)
        case .openOrder: return finds(["openOrder"])
        case .doneOrder: return doneOrder() != nil
        case .billDiffers: return explanation(.tariff)?.0.flag("recomputation", "agrees") == false
        default: return false
        }
    }

    static let outages: Set = ["outage", "outageOverdue", "outageAhead", "likelyOutage"]

    /// The last order that the crew says is done and the customer has not said to be well.
    mutating func doneOrder() -> String? {
        // A cold home months after a repair is another matter.
        let recent = Set((orders() ?? []).filter(isRecent).compactMap { $0.text("number") })
        return followUps()?.last {
            $0.text("order_number").map(recent.contains) == true && $0.flag("crew_says_done") == true
                && $0.text("state") != "well" && $0.text("order_state") != "cancelled"
        }?.text("order_number")
    }

    func isRecent(_ order: AnswerReader) -> Bool {
        let at = order.text("closed_at") ?? order.text("completed_at") ?? order.text("created_at")
        guard let at = at.flatMap({ Instant($0) }) else { return false }
        return now.microseconds - at.microseconds < Self.followUpDays * 86_400_000_000
    }

    /// Days after a repair in which 还没好 speaks of it.
    static let followUpDays: Int64 = 60
}
