import JSONText

/// Finds the shape of a stream's rows by looking at some of them.
///
/// What it finds decides how small rows become, never what they say: ``ShapeCodec`` holds each row against it.
struct ShapeLearner {
    private typealias Row = (columns: [[UInt8]?], fields: [(name: [UInt8], value: [UInt8])])

    private let rows: [Row]
    private let width: Int

    /// Rows that are looked at, and of these those that decide which column a field comes from.
    static let mostRows = 512
    private static let fewRows = 96
    /// Different texts of a column that are listed.
    private static let mostListed = 64

    /// The shape of most of the rows; nil where they have none in common.
    static func shape(of rows: some Sequence<PackedTexts>) -> RowShape? {
        var read: [Row] = []
        for (body, raw) in rows {
            guard let raw, let columns = columns(of: raw), let fields = fields(of: body) else { continue }
            read.append((columns, fields))
        }
        guard let width = read.first?.columns.count else { return nil }
        let alike = read.filter { $0.columns.count == width }
        if alike.count < PackingDictionary.fewest || alike.count * 2 < read.count { return nil }
        return ShapeLearner(rows: alike, width: width).shape()
    }

    private func shape() -> RowShape? {
        let columns = (0..<width).map(column)
        var fields: [RowShape.Field] = []
        for name in names() {
            fields.append(field(name, columns) ?? RowShape.Field(name: name, column: 0, rule: .apart))
        }
        return RowShape(columns: columns, fields: fields)
    }

    // MARK: Rows

    /// The columns of a row as it was pulled; nil where one has an escape.
    private static func columns(of raw: UnsafeRawBufferPointer) -> [[UInt8]?]? {
        if raw.contains(0x1B) { return nil }
        return raw.split(separator: 0x1F, omittingEmptySubsequences: false).map {
            $0.elementsEqual([0]) ? nil : Array($0)
        }
    }

    /// The names, with quotes and colon, and the values of a flat JSON object without blanks; nil for anything else.
    private static func fields(of body: UnsafeRawBufferPointer) -> [(name: [UInt8], value: [UInt8])]? {
        guard body.first == 0x7B else { return nil }
        var fields: [(name: [UInt8], value: [UInt8])] = []
        var members = JSONMembers(body)
        var size = 2
        while let (key, value) = members.next() {
            let name = [0x22] + key + [0x22, 0x3A]
            size += (fields.isEmpty ? 0 : 1) + name.count + value.count
            fields.append((name, Array(value)))
        }
        return size == body.count ? fields : nil
    }

    /// The names of all fields in the order in which every row has its own.
    private func names() -> [[UInt8]] {
        var names: [[UInt8]] = []
        for row in rows {
            var place = 0
            for (name, _) in row.fields {
                if let known = names.firstIndex(of: name) {
                    place = known + 1
                } else {
                    names.insert(name, at: place)
                    place += 1
                }
            }
        }
        return names
    }

    // MARK: Columns

    /// The kind under which the column's values are shortest.
    private func column(_ index: Int) -> RowShape.Column {
        let values = rows.compactMap { $0.columns[index] }
        guard let first = values.first(where: { !$0.isEmpty }) else { return .text }
        var best = (RowShape.Column.text, values.reduce(0) { $0 + $1.count + 2 })
        func look(at column: RowShape.Column, cost: ([UInt8]) -> Int?) {
            let total = values.reduce(0) { $0 + (cost($1) ?? $1.count + 2) }
            if total < best.1 { best = (column, total) }
        }
        let distinct = Set(values)
        if distinct.count <= min(Self.mostListed, max(2, rows.count / 8)) {
            let listed = distinct.sorted { $0.lexicographicallyPrecedes($1) }
            look(at: .listed(listed)) { _ in 1 }
        }
        if let number = number(first, values) {
            let codec = ShapeCodec(0, RowShape(columns: [number], fields: []))
            look(at: number) { codec.size(of: $0) }
        }
        if first.count >= 8, first.count <= 40, ShapeCodec.canHold(moment: first),
            first.prefix(4).allSatisfy({ $0 &- 0x30 <= 9 })
        {
            let moment = RowShape.Column.moment(example: first)
            let codec = ShapeCodec(0, RowShape(columns: [moment], fields: []))
            look(at: moment) { codec.size(of: $0) }
        }
        return best.0
    }

    /// Digits between the texts that stand around those of the first value.
    private func number(_ first: [UInt8], _ values: [[UInt8]]) -> RowShape.Column? {
        func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
        guard let start = first.firstIndex(where: isDigit), let last = first.lastIndex(where: isDigit) else {
            return nil
        }
        let begin = start == 1 && first[0] == 0x2D ? 0 : start
        let (before, after) = (Array(first[..<begin]), Array(first[(last + 1)...]))
        let middles = values.filter { $0.count > before.count + after.count && $0.starts(with: before) }.map {
            $0[before.count..<$0.count - after.count]
        }
        // The places that most have.
        var places: [Int: Int] = [:]
        for middle in middles {
            places[middle.lastIndex(of: 0x2E).map { middle.endIndex - 1 - $0 } ?? 0, default: 0] += 1
        }
        let most = places.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
        let widths = Set(middles.map { $0.count - (most > 0 ? 1 : 0) })
        let hasZeros = middles.contains { $0.count > most + 2 && $0.first == 0x30 }
        let width = widths.count == 1 && (hasZeros || !before.isEmpty && most == 0) ? widths.first! : 0
        if width > 18 || most > 9 { return nil }
        return .number(before: before, after: after, width: width, places: most)
    }

    // MARK: Fields

    /// The column and the rule that say most values of a field; nil where none says half of them.
    private func field(_ name: [UInt8], _ columns: [RowShape.Column]) -> RowShape.Field? {
        let values = rows.map { row in row.fields.first { $0.name == name }?.value }
        var best: (field: RowShape.Field, hits: Int, said: Int)?
        // Rows that state it tell more than those that do not.
        let stating = values.indices.filter { values[$0] != nil }.prefix(Self.fewRows)
        let silent = values.indices.filter { values[$0] == nil }.prefix(Self.fewRows)
        for column in 0..<width {
            for rule in rules(values, column, columns[column], stating) {
                let field = RowShape.Field(name: name, column: column, rule: rule)
                let codec = ShapeCodec(0, RowShape(columns: columns, fields: [field]))
                func hits(_ indices: some Sequence<Int>) -> Int {
                    indices.count { index in
                        codec.makes(values[index].map { name + $0 }, of: rows[index].columns[column], at: column)
                    }
                }
                // Most say nothing of the first rows, and are not held against the rest.
                if hits(stating.prefix(8)) == 0 { continue }
                let few = hits(stating) + hits(silent)
                if few * 2 < stating.count + silent.count { continue }
                // Of two that say as many values the one that takes more of them from the column.
                let said = said(by: rule)
                if best.map({ ($0.hits, $0.said) < (few, said) }) ?? true { best = (field, few, said) }
            }
        }
        return best?.field
    }

    private func said(by rule: RowShape.Rule) -> Int {
        switch rule {
        case .text(let before, let after): 100 - before.count - after.count
        case .scaled, .padded: 90
        case .pieces(let pieces, _): pieces.reduce(0) { $0 + $1.to - $1.from }
        case .listed, .apart: 0
        }
    }

    /// Rules that would make the first value that is stated of the column.
    private func rules(
        _ values: [[UInt8]?], _ column: Int, _ kind: RowShape.Column, _ stating: some Collection<Int>
    ) -> [RowShape.Rule] {
        guard let index = stating.first(where: { rows[$0].columns[column]?.isEmpty == false }),
            let value = values[index],
            let text = rows[index].columns[column]
        else { return [] }
        var rules: [RowShape.Rule] = []
        if let place = value.firstRange(of: text) {
            rules.append(.text(before: Array(value[..<place.lowerBound]), after: Array(value[place.upperBound...])))
        }
        for quotes in ["\"", "[\""] where value.starts(with: quotes.utf8) {
            rules.append(
                .text(before: Array(quotes.utf8), after: Array(quotes.utf8.reversed().map { $0 == 0x5B ? 0x5D : $0 })))
        }
        if value.first != 0x22 {
            for places in [2, 0, 3, 1] { rules.append(.scaled(places: places)) }
        } else if value.last == 0x22 {
            let point = value.lastIndex(of: 0x2E)
            rules.append(.padded(places: point.map { value.count - 2 - $0 } ?? 0))
            if let pieces = pieces(value, text) { rules.append(pieces) }
        }
        if case .listed(let texts) = kind {
            var said: [[UInt8]: [UInt8]] = [:]
            for (index, row) in rows.enumerated() {
                if let text = row.columns[column], let value = values[index], said[text] == nil { said[text] = value }
            }
            rules.append(.listed(texts.map { said[$0] ?? [] }))
        }
        return rules
    }

    /// The value as digits of the text in their order, and what stands between them.
    private func pieces(_ value: [UInt8], _ text: [UInt8]) -> RowShape.Rule? {
        var pieces: [RowShape.Piece] = []
        var before: [UInt8] = []
        var place = 0
        for byte in value {
            if byte &- 0x30 <= 9 {
                while place < text.count, text[place] &- 0x30 > 9 { place += 1 }
                if place < text.count, text[place] == byte {
                    if let last = pieces.last, last.to == place, before.isEmpty {
                        pieces[pieces.count - 1].to += 1
                    } else {
                        pieces.append(RowShape.Piece(before: before, from: place, to: place + 1))
                        before = []
                    }
                    place += 1
                    continue
                }
                if pieces.isEmpty { return nil }
            }
            before.append(byte)
        }
        return pieces.isEmpty ? nil : .pieces(pieces, end: before)
    }
}
