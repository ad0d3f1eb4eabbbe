public import JSONText

/// The form in which stored JSON goes out: amounts with their twin (`"due_fen":99098` is followed by `"due":"990.98"`, `"fen":5` by `"yuan":"0.05"`), personal
/// data masked unless the caller may see it.
///
/// One pass over the bytes; nothing is decoded, and what needs no change is copied in long runs. A key is recognised by its name
/// wherever it stands, so the form fits the view, a part of it, and every other document that keeps to the house's names.
public struct ViewForm: Sendable {
    public let isUnmasked: Bool

    public init(isUnmasked: Bool) { self.isUnmasked = isUnmasked }

    /// Appends the form of one JSON document without blanks. Returns the personal fields that stand in it in clear.
    @discardableResult
    public func write(_ json: UnsafeRawBufferPointer, into out: inout JSONBytes) -> PersonalFieldSet {
        var pass = Pass(json: json)
        pass.run(isUnmasked: isUnmasked, keys: Self.keys, masks: Self.masks, into: &out)
        return pass.shown
    }

    /// The form of one JSON document, as text.
    public func text(_ json: [UInt8]) -> String {
        var out = JSONBytes(capacity: json.count + json.count / 4 + 256)
        json.withUnsafeBytes { _ = write($0, into: &out) }
        return out.text
    }

    private static let keys = ByteNames(PersonalField.all.map(\.key))
    private static let masks = PersonalField.all.map(\.mask)

    private struct Pass {
        let json: UnsafeRawBufferPointer
        var shown: PersonalFieldSet = []
        /// Everything before this has been written.
        private var written = 0
        /// `"field":"holder_name"` was read: the `values` beside it are of that field.
        private var disputed: Int?

        init(json: UnsafeRawBufferPointer) { self.json = json }

        mutating func run(isUnmasked: Bool, keys: ByteNames, masks: [PersonalField.Mask], into out: inout JSONBytes) {
            var index = 0
            let count = json.count
            while index < count {
                if json[index] != 0x22 {
                    index += 1
                    continue
                }
                let start = index + 1
                index = endOfString(start)
                // A string that is followed by a colon is a key.
                guard index + 1 < count, json[index + 1] == 0x3A else {
                    index += 1
                    continue
                }
                let key = json.part(start..<index)
                index += 2
                if key.count > 4, key[key.count - 1] == 0x6E, key[key.count - 4] == 0x5F, key[key.count - 3] == 0x66,
                    key[key.count - 2] == 0x65
                {
                    index = amount(key, at: index, into: &out)
                } else if key.count == 3, key.equals("fen") {
                    index = amount(key, at: index, into: &out)
                } else if key.count == 5, key.equals("field"), index < count, json[index] == 0x22 {
                    let end = endOfString(index + 1)
                    disputed = keys.place(of: json.part(index + 1..<end))
                    index = end + 1
                } else if let place = disputed, key.count == 6, key.equals("values") {
                    index = personal(place, masks[place], at: index, isUnmasked: isUnmasked, into: &out)
                    disputed = nil
                } else if let place = keys.place(of: key) {
                    index = personal(place, masks[place], at: index, isUnmasked: isUnmasked, into: &out)
                }
            }
            flush(to: count, into: &out)
        }

        /// Index of the closing quote of the string whose inside begins at `index`.
        private func endOfString(_ index: Int) -> Int {
            let end = json.endOfString(from: index - 1)
            return end > index && json[end - 1] == 0x22 ? end - 1 : json.count
        }

        private mutating func flush(to end: Int, into out: inout JSONBytes) {
            if end > written { out.raw(json.part(written..<end)) }
            written = max(written, end)
        }

        /// Writes the twin after an amount. Returns the index after the amount.
        private mutating func amount(_ key: UnsafeRawBufferPointer, at start: Int, into out: inout JSONBytes) -> Int {
            var end = start
            while end < json.count, json[end] == 0x2D || json[end] &- 0x30 <= 9 { end += 1 }
            // null, or an object that happens to be named so.
            guard end > start, let fen = json.part(start..<end).integer else { return start }
            flush(to: end, into: &out)
            out.raw(",\"")
            if key.count > 4 {
                out.raw(key.part(0..<key.count - 4))
            } else {
                out.raw("yuan")
            }
            out.raw("\":")
            out.yuan(fen)
            return end
        }

        /// Masks or notes the strings of a personal value: a string, a list of them, or an object of them. Returns the index after
        /// it.
        private mutating func personal(
            _ place: Int, _ mask: PersonalField.Mask, at start: Int, isUnmasked: Bool, into out: inout JSONBytes
        ) -> Int {
            var index = start
            var depth = 0
            while index < json.count {
                switch json[index] {
                case 0x22:
                    let inside = index + 1
                    let end = endOfString(inside)
                    if end + 1 < json.count, json[end + 1] == 0x3A, depth > 0 {
                        index = end + 2
                        continue
                    }
                    if isUnmasked {
                        if end > inside { shown.insert(PersonalFieldSet(place: place)) }
                    } else {
                        flush(to: inside, into: &out)
                        mask.write(json.part(inside..<end), into: &out)
                        written = end
                    }
                    index = end + 1
                case 0x5B, 0x7B:
                    depth += 1
                    index += 1
                case 0x5D, 0x7D:
                    if depth == 0 { return index }
                    depth -= 1
                    index += 1
                case 0x2C where depth == 0: return index
                default: index += 1
                }
                if depth == 0 { return index }
            }
            return index
        }
    }
}
