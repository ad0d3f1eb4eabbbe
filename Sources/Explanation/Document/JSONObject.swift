import AccountView
import HeatModel

/// Writes one JSON object, field by field, in the order of the calls. A nil value is left out.
struct JSONObject {
    private(set) var json = JSONBytes()
    private var isFirst = true

    init() { json.raw("{") }

    /// The finished object.
    var bytes: [UInt8] {
        var json = json
        json.raw("}")
        return json.bytes
    }

    private mutating func key(_ name: StaticString) {
        json.raw(isFirst ? "\"" : ",\"")
        json.raw(name)
        json.raw("\":")
        isFirst = false
    }

    mutating func text(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        json.string(value)
    }

    mutating func text(_ name: StaticString, _ value: (some CustomStringConvertible)?) {
        text(name, value.map { "\($0)" })
    }

    mutating func fen(_ name: StaticString, _ value: Fen?) { integer(name, value?.amount) }

    mutating func integer(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        key(name)
        json.integer(value)
    }

    mutating func flag(_ name: StaticString, _ value: Bool) {
        key(name)
        json.raw(value ? "true" : "false")
    }

    mutating func object(_ name: StaticString, _ fill: (inout JSONObject) -> Void) {
        key(name)
        json.raw(JSONObject.make(fill))
    }

    mutating func null(_ name: StaticString) {
        key(name)
        json.raw("null")
    }

    mutating func texts(_ name: StaticString, _ values: [String]) {
        key(name)
        json.raw("[")
        for (index, value) in values.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(value)
        }
        json.raw("]")
    }

    mutating func list<Value>(_ name: StaticString, _ values: [Value], _ fill: (inout JSONObject, Value) -> Void) {
        key(name)
        json.raw("[")
        for (index, value) in values.enumerated() {
            if index > 0 { json.raw(",") }
            json.raw(JSONObject.make { fill(&$0, value) })
        }
        json.raw("]")
    }

    static func make(_ fill: (inout JSONObject) -> Void) -> [UInt8] {
        var object = JSONObject()
        fill(&object)
        return object.bytes
    }
}
