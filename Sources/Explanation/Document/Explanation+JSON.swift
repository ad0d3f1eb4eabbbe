import AccountView
import Billing
import HeatModel
package import JSONText
import Store

extension Explanation {
    /// The version of the document. 2: the part `calibre` is called `basis_difference`, and a reference's publication
    /// `mean_of_the_middle` is called `median_mean`.
    package static let documentVersion: Int64 = 2

    /// The document as UTF-8 JSON: names in snake_case, money in fen with a twin in yuan.
    package func json(in wordings: [Wording] = []) -> [UInt8] {
        JSONObject.make { json in
            json.integer("version", Self.documentVersion)
            json.text("account_number", account)
            json.text("season", season)
            json.text("versus", versus.rawValue)
            json.text("as_of", asOf)
            if peersAreOfPresent { json.text("peers_as_of", "present") }
            json.text("status", status.rawValue)
            if let problem {
                json.object("problem") {
                    $0.text("code", problem.code)
                    $0.text("message", problem.message)
                }
            }
            json.text("class", accountClass?.rawValue)
            json.text("method", method?.rawValue)
            if let bill { json.object("bill") { bill.write(&$0) } }
            if let reference { json.object("reference") { reference.write(&$0) } }
            json.fen("difference_fen", difference)
            json.list("parts", parts) { $1.write(&$0) }
            if let check { json.object("recomputation") { check.write(&$0) } }
            if let area { json.object("area") { area.write(&$0) } }
            if let temperature { json.object("temperature") { temperature.write(&$0) } }
            if let refund { json.object("refund") { refund.write(&$0) } }
            if let month { json.object("month") { month.write(&$0) } }
            json.texts("missing", gaps)
            json.freshness(freshness)
            json.flag("season_running", isRunning)
            json.flag("hand_off", needsHandOff)
            json.texts("seasons", seasons.map(\.description))
            json.texts(wordings, of: self)
        }
    }
}

extension Explanation.Evidence {
    package func write(_ json: inout JSONObject) {
        json.text("source", source)
        json.text("key", key)
        json.integer("run", run)
        json.text("instant", instant)
    }
}

extension JSONObject {
    package mutating func evidence(_ evidence: [Explanation.Evidence]) {
        list("evidence", evidence) { $1.write(&$0) }
    }

    package mutating func freshness(_ freshness: [Explanation.Freshness]) {
        list("freshness", freshness) { json, entry in
            json.text("source", entry.source)
            json.text("at", entry.at)
            json.flag("stale", entry.isStale)
        }
    }

    mutating func quantity(_ name: StaticString, _ quantity: Explanation.Quantity?) {
        guard let quantity else { return }
        object(name) {
            $0.text("value", quantity.value)
            $0.text("unit", quantity.unit)
        }
    }

    mutating func lines(_ name: StaticString, _ lines: [EvaluatedLine]) {
        list(name, lines) { json, line in
            json.text("item", line.item.rawValue)
            json.text("quantity", line.quantity)
            json.text("unit", line.unit.rawValue)
            json.text("unit_price", line.unitPrice)
            json.fen("amount_fen", line.amount)
            json.text("formula", line.formula)
            json.text("rule", line.rule)
        }
    }
}

extension Explanation.Part {
    func write(_ json: inout JSONObject) {
        json.text("factor", kind)
        json.fen("fen", fen)
        json.text("item", item?.rawValue)
        json.quantity("mine", mine)
        json.quantity("reference", reference)
        json.quantity("change", change)
        json.text("formula", formula)
        json.text("rule", rule)
        json.evidence(evidence)
    }
}

extension Explanation.Bill {
    func write(_ json: inout JSONObject) {
        json.fen("due_fen", due)
        json.fen("discount_fen", discount)
        json.fen("reduction_fen", reduction)
        json.fen("received_fen", received)
        json.fen("penalty_fen", penalty)
        json.fen("arrears_fen", arrears)
        json.text("due_on", dueOn)
        json.list("lines", lines) { json, line in
            json.text("item", line.item?.rawValue)
            json.text("quantity", line.quantity)
            json.text("unit", line.unit?.rawValue)
            json.text("unit_price", line.unitPrice)
            json.fen("due_fen", line.due)
            json.object("evidence") { line.evidence.write(&$0) }
        }
    }
}

extension Explanation.Reference {
    func write(_ json: inout JSONObject) {
        json.fen("fen", fen)
        json.text("season", season)
        json.text("level", level?.name)
        json.integer("households", households.map(Int64.init))
        json.text("publication", publication?.name)
        json.fen("typical_fen", typical)
        json.lines("lines", lines)
    }
}

extension Explanation.Check {
    func write(_ json: inout JSONObject) {
        json.flag("agrees", agrees)
        json.fen("by_rules_fen", right)
        json.fen("difference_fen", difference)
        json.text("tariff", tariff)
        json.integer("season_days", Int64(seasonDays))
        json.integer("charged_days", Int64(chargedDays))
        json.lines("lines", lines)
        json.list("items", comparisons) { json, item in
            json.text("item", item.item.rawValue)
            json.fen("billed_fen", item.billed)
            json.fen("by_rules_fen", item.right)
            json.fen("difference_fen", item.difference)
            json.text("rule", item.rule)
        }
        json.list("causes", causes) { json, cause in
            json.texts("kinds", cause.alternatives.map(\.kind))
            json.texts("alternatives", cause.alternatives.map(\.statement))
            json.text("strength", "\(cause.strength)")
        }
    }
}

extension Explanation.Area {
    func write(_ json: inout JSONObject) {
        json.text("building", areas.building)
        json.text("inner", areas.inner)
        json.text("shared", areas.shared)
        json.text("usable", areas.usable)
        json.text("billing", areas.billing)
        json.text("ceiling_height", areas.ceilingHeight)
        json.text("basis", basis?.rawValue)
        json.text("charged", charged)
        json.text("shared_area", shared?.rawValue)
        json.list("disagreements", disagreements) { json, disagreement in
            json.text("field", disagreement.field)
            json.list("values", disagreement.values) { json, value in
                json.text("source", value.stream)
                json.text("value", value.value)
            }
        }
        json.evidence(evidence)
    }
}

extension Explanation.Temperature {
    func write(_ json: inout JSONObject) {
        json.integer("count", Int64(count))
        json.list("readings", readings) { json, reading in
            json.text("celsius", reading.celsius)
            json.text("at", reading.at)
            json.text("method", reading.method?.rawValue)
            json.object("evidence") { reading.evidence.write(&$0) }
        }
        json.text("supply_state", supply.state?.rawValue)
        json.text("supply_valve", supply.valve?.rawValue)
        json.text("standard", standard)
        json.flag("changed_the_bill", false)
        json.flag("heat_is_measured", isMetered)
        json.evidence(evidence)
    }
}

extension Explanation.Refund {
    func write(_ json: inout JSONObject) {
        json.text("standing", standing.rawValue)
        json.fen("amount_fen", amount)
        json.integer("cold_days", Int64(coldDays))
        json.list("lines", lines) { json, line in
            json.text("range", line.range)
            json.text("percent", line.percent)
            json.texts("days", line.days.map(\.description))
            json.fen("amount_fen", line.amount)
            json.text("formula", line.formula)
            json.text("rule", line.rule)
        }
        json.texts("contradictory_days", contradictoryDays.map(\.description))
        json.integer("readings_left_out", Int64(readingsLeftOut))
    }
}

extension Explanation.Month {
    func write(_ json: inout JSONObject) {
        json.text("month", "\(year)-\(month < 10 ? "0" : "")\(month)")
        json.integer("days", Int64(days))
        json.integer("season_days", Int64(seasonDays))
        json.fen("share_fen", share)
        json.text("formula", formula)
    }
}

extension Alternative {
    /// The alternative with its figure: `area 116.600`, `accountClass unit`.
    var statement: String { figure.isEmpty ? kind : "\(kind) \(figure)" }
}
