/// A part of an address in its normal form: `三号楼` → `3`, `东单元` → `东`, `0501室` → `501`.
enum PlacePart {
    case building
    case unit
    case room

    /// Markers that may follow the designator, longest first.
    var markers: [String] {
        switch self {
        case .building: ["号楼", "#楼", "栋楼", "幢楼", "栋", "幢", "#", "座", "楼", "号"]
        case .unit: ["单元", "门栋", "门"]
        case .room: ["号房", "室", "号", "户", "房"]
        }
    }

    /// Words that show a text to be more than this one part.
    private static let structural: [String] = ["号楼", "栋", "幢", "#", "单元", "室", "-"]

    /// Nil where the text is not one such part.
    func normalize(_ text: String) -> String? {
        var rest = String(text.filter { !$0.isWhitespace })
        if rest.hasPrefix("第") { rest.removeFirst() }
        for marker in markers where rest.hasSuffix(marker) && rest.count > marker.count {
            rest.removeLast(marker.count)
            break
        }
        if rest.isEmpty || Self.structural.contains(where: { rest.contains($0) }) { return nil }
        return Self.designator(rest)
    }

    /// Chinese numerals to digits, without leading zeros, letters large.
    static func designator(_ text: String) -> String {
        if let number = ChineseNumeral.digits(text) { return number }
        let upper = text.uppercased()
        if upper.first == "0", upper.allSatisfy({ $0.isASCII && $0.isNumber }) {
            let trimmed = upper.drop { $0 == "0" }
            return trimmed.isEmpty ? "0" : String(trimmed)
        }
        return upper
    }

    /// Bytes alone for the usual `12`, `12号楼`, `3单元`, `501室`; nil where that is not enough.
    @inline(__always)
    func quick(_ text: Text) -> Text? {
        var start = 0
        var end = 0
        while end < text.count, text.start[end] &- 0x30 <= 9 { end += 1 }
        if end == 0 { return nil }
        if end < text.count, !isMarker(text.suffix(from: end)) { return nil }
        while start < end - 1, text.start[start] == 0x30 { start += 1 }
        return Text(text.start + start, end - start)
    }

    @inline(__always)
    private func isMarker(_ text: Text) -> Bool {
        var cursor = TextCursor(text, at: 0)
        let found =
            switch self {
            case .building: cursor.skip("号楼") || cursor.skip("栋") || cursor.skip("幢") || cursor.skip("#")
            case .unit: cursor.skip("单元") || cursor.skip("门")
            case .room: cursor.skip("室") || cursor.skip("号") || cursor.skip("户")
            }
        return found && cursor.isAtEnd
    }
}
