import AccountView
import HeatModel

/// Writes one JSON object, field by field, in the order of the calls. A nil value is left out.
///
/// No field is personal data, so an answer made of it is the same for every caller.
struct JSONObject: ~Copyable {
    private var json = JSONBytes(capacity: 8192)
    private var isFirst = true

    private init() { json.raw("{") }

    /// Writes an object in the place of a value.
    private mutating func nested(_ fill: (inout JSONObject) -> Void) {
        json.raw("{")
        isFirst = true
        fill(&self)
        json.raw("}")
        isFirst = false
    }

    private mutating func key(_ name: StaticString) {
        assert(!ViewForm.isPersonal(name), "\(name) is personal data: it must be masked for those who may not see it")
        json.key(name, isFirst: isFirst)
        isFirst = false
    }

    mutating func text(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        json.string(value)
    }

    mutating func text(_ name: StaticString, _ value: (some CustomStringConvertible)?) {
        text(name, value?.description)
    }

    mutating func text(_ name: StaticString, _ value: (some DigitTextual)?) {
        guard let value else { return }
        key(name)
        json.string(value)
    }

    /// Money in fen with its twin in yuan: `"due_fen":99098,"due":"990.98"`; that of `fen` is named `yuan`.
    mutating func fen(_ name: StaticString, _ value: Fen?) {
        guard let value else { return }
        integer(name, value.amount)
        if name.utf8CodeUnitCount > 4 {
            json.key(name, droppingLast: 4, isFirst: false)
        } else {
            json.key("yuan", isFirst: false)
        }
        json.yuan(value.amount)
    }

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
        nested(fill)
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
            nested { fill(&$0, value) }
        }
        json.raw("]")
    }

    static func make(_ fill: (inout JSONObject) -> Void) -> [UInt8] {
        var object = JSONObject()
        fill(&object)
        object.json.raw("}")
        return object.json.bytes
    }

    /// The answer in these wordings, under `text`.
    mutating func texts(_ wordings: [Wording], of answer: some SpokenAnswer) {
        if wordings.isEmpty { return }
        list("text", wordings) { json, wording in
            json.text("language", wording.language)
            json.key("text")
            var prose = Prose(wording)
            answer.say(in: &prose)
            prose.write(to: &json.json)
        }
    }
}
