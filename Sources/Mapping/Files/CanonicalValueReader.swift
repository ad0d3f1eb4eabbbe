import HeatModel
import JSONText

extension CanonicalValue {
    /// Reads a constant or default of a mapping file; nil where it is no value of the field's type.
    init?(_ text: String, of type: FieldType) {
        switch type {
        case .text: self.init(json: Self.quoted(text))
        case .textList: self.init(json: [0x5B] + Self.quoted(text) + [0x5D])
        case .code(let values):
            guard values.contains(text) else { return nil }
            self.init(json: Self.quoted(text))
        case .decimal(let places):
            guard let value = ExactDecimal(text)?.exactly(places: places) else { return nil }
            self.init(json: Self.quoted(value.description))
        case .fen:
            guard let amount = Int64(text), amount.magnitude <= UInt64(Numbers.largestFen) else { return nil }
            self.init(json: Array(String(amount).utf8), fen: amount)
        case .tenthsOfDegree:
            guard let value = ExactDecimal(text)?.exactly(places: 1) else { return nil }
            self.init(json: Self.quoted(value.description))
        case .date:
            guard let date = CivilDate(text) else { return nil }
            self.init(json: Self.quoted(date.description))
        case .instant:
            guard let instant = Instant(text) else { return nil }
            self.init(json: Self.quoted(instant.description))
        case .integer:
            guard let value = Int64(text) else { return nil }
            self.init(json: Array(String(value).utf8))
        case .boolean:
            guard text == "true" || text == "false" else { return nil }
            self.init(json: Array(text.utf8))
        }
    }

    /// A JSON string.
    static func quoted(_ text: String) -> [UInt8] {
        var json = JSONBytes()
        json.string(text)
        return json.bytes
    }
}
