import CODBC
import HeatModel

/// What the data of a dialect makes of names, values and types.
extension ODBCDialect {
    func literal(_ written: String, of column: SQLColumn) -> String? {
        switch column.kind {
        case .number: return CursorRule.number(written)
        case .date: return date.replacing("?", with: SQLDialect.literal(written))
        case .localTime, .instant:
            let hasFraction = written.contains(".") || column.kind == .instant
            let text = SQLDialect.literal(hasFraction ? written : written + ".000000")
            return (column.kind == .instant ? instant ?? time : time).replacing("?", with: text)
        case .text, .other, .unordered: return literal(written)
        }
    }

    func literal(_ text: String) -> String {
        if let hexText, text.utf8.contains(where: { $0 == 0x5C || $0 < 0x20 }) {
            let digits = text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            return hexText.replacing("?", with: "'\(digits)'")
        }
        let literal = SQLDialect.literal(text)
        let isWide = text.utf8.contains { $0 >= 0x80 }
        return (isWide ? wideText ?? self.text : self.text).replacing("?", with: literal)
    }

    /// A question with schema and table, nil being an empty text, in place of `?` and `??`.
    func filled(_ question: String, schema: String?, table: String?) -> String {
        question.split(separator: "??", omittingEmptySubsequences: false)
            .map { $0.replacing("?", with: literal(schema ?? "")) }.joined(separator: literal(table ?? ""))
    }

    func literal(_ moment: Instant, of column: SQLColumn) -> String {
        let text = moment.description
        if column.kind == .date { return date.replacing("?", with: "'\(text.prefix(10))'") }
        // With the offset, of six characters, or without it.
        if column.kind == .instant, let instant { return instant.replacing("?", with: "'\(text)'") }
        var local = text.dropLast(6).replacing("T", with: " ")
        if !local.contains(".") { local += ".000000" }
        return time.replacing("?", with: "'\(local)'")
    }

    func column(_ name: String, _ typeName: String, _ type: Int, isNullable: Bool) -> SQLColumn {
        let quoted = sql.quoted(name)
        let small = typeName.lowercased()
        let reading = readings.first { $0.types.contains { fits(small, $0) } }
        var kind: SQLColumn.Kind
        switch type {
        case Int(SQL_TYPE_DATE), Int(SQL_DATETIME): kind = datesAreTexts ? .text : .date
        case Int(SQL_TYPE_TIMESTAMP), Int(SQL_TIMESTAMP): kind = datesAreTexts ? .text : .localTime
        case Int(SQL_TINYINT), Int(SQL_SMALLINT), Int(SQL_INTEGER), Int(SQL_BIGINT), Int(SQL_DECIMAL), Int(SQL_NUMERIC),
            Int(SQL_DOUBLE), Int(SQL_FLOAT), Int(SQL_REAL):
            kind = .number
        case Int(SQL_CHAR), Int(SQL_VARCHAR), Int(SQL_LONGVARCHAR), Int(SQL_WCHAR), Int(SQL_WVARCHAR),
            Int(SQL_WLONGVARCHAR):
            kind = .text
        default: kind = .unordered
        }
        kind = reading?.kind ?? kind
        let isChar = small == "char" || small == "nchar" || small == "bpchar"
        return SQLColumn(
            name: name, type: typeName, kind: kind, isNullable: isNullable, quoted: quoted,
            read: reading?.read.replacing("?", with: quoted) ?? quoted,
            isPadded: isChar && (padsChar || system == .postgres),
            isLong: [Int(SQL_LONGVARCHAR), Int(SQL_WLONGVARCHAR), Int(SQL_LONGVARBINARY)].contains(type))
    }

    /// Whether a type's name is one of a kind: the same up to a width or a mark such as `unsigned`. An empty one is any.
    private func fits(_ type: String, _ kind: String) -> Bool {
        guard type.hasPrefix(kind) else { return false }
        if kind.isEmpty { return true }
        guard let next = type.dropFirst(kind.count).first else { return true }
        return next == "(" || next == " "
    }
}
