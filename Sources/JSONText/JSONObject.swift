public import HeatModel

/// Writes one JSON object, field by field, in the order of the calls. A nil value is left out.
///
/// ```swift
/// let bytes = JSONObject.make { json in
///     json.text("status", "complete")
///     json.fen("due_fen", Fen(99098))
/// }
/// ```
public struct JSONObject: ~Copyable {
    @usableFromInline var json = JSONBytes(capacity: 8192)
    @usableFromInline var isFirst = true

    private init() { json.raw("{") }

    /// Writes an object in the place of a value.
    @inlinable
    mutating func nested(_ fill: (inout JSONObject) -> Void) {
        json.raw("{")
        isFirst = true
        fill(&self)
        json.raw("}")
        isFirst = false
    }

    @inlinable
    mutating func key(_ name: StaticString) {
        json.key(name, isFirst: isFirst)
        isFirst = false
    }

    public mutating func text(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        json.string(value)
    }

    @inlinable
    public mutating func text(_ name: StaticString, _ value: (some CustomStringConvertible)?) {
        text(name, value?.description)
    }

    @inlinable
    public mutating func text(_ name: StaticString, _ value: (some DigitTextual)?) {
        guard let value else { return }
        key(name)
        json.string(value)
    }

    /// Money in fen with its twin in yuan: `"due_fen":99098,"due":"990.98"`; that of `fen` is named `yuan`.
    public mutating func fen(_ name: StaticString, _ value: Fen?) {
        guard let value else { return }
        integer(name, value.amount)
        if name.utf8CodeUnitCount > 4 {
            json.key(name, droppingLast: 4, isFirst: false)
        } else {
            json.key("yuan", isFirst: false)
        }
        json.yuan(value.amount)
    }

    public mutating func integer(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        key(name)
        json.integer(value)
    }

    public mutating func flag(_ name: StaticString, _ value: Bool) {
        key(name)
        json.raw(value ? "true" : "false")
    }

    public mutating func object(_ name: StaticString, _ fill: (inout JSONObject) -> Void) {
        key(name)
        nested(fill)
    }

    /// A value that the closure writes.
    public mutating func value(_ name: StaticString, _ write: (inout JSONBytes) -> Void) {
        key(name)
        write(&json)
    }

    public mutating func null(_ name: StaticString) {
        key(name)
        json.raw("null")
    }

    public mutating func texts(_ name: StaticString, _ values: [String]) {
        key(name)
        json.raw("[")
        for (index, value) in values.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(value)
        }
        json.raw("]")
    }

    @inlinable
    public mutating func list<Value>(_ name: StaticString, _ values: [Value], _ fill: (inout JSONObject, Value) -> Void)
    {
        key(name)
        json.raw("[")
        for (index, value) in values.enumerated() {
            if index > 0 { json.raw(",") }
            nested { fill(&$0, value) }
        }
        json.raw("]")
    }

    public static func make(_ fill: (inout JSONObject) -> Void) -> [UInt8] {
        var object = JSONObject()
        fill(&object)
        object.json.raw("}")
        return object.json.bytes
    }
}
