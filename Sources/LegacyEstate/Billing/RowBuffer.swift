import HeatModel

/// One row of a table as text fields in one buffer, used again for the next row.
struct RowBuffer {
    private(set) var bytes: [UInt8] = []
    /// Where each field ends in `bytes`; −1 for NULL.
    private(set) var ends: [Int32] = []

    init() {
        bytes.reserveCapacity(1024)
        ends.reserveCapacity(32)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    private mutating func end() { ends.append(Int32(bytes.count)) }

    mutating func null() { ends.append(-1) }

    mutating func text(_ value: String) {
        bytes.append(contentsOf: value.utf8)
        end()
    }

    mutating func integer(_ value: Int64) {
        bytes.append(number: value)
        end()
    }

    mutating func integer(_ value: Int) { integer(Int64(value)) }

    mutating func money(_ value: Fen) {
        bytes.append(units: value.amount, places: 2)
        end()
    }

    mutating func decimal(_ value: ExactDecimal) {
        bytes.append(units: value.units, places: Int(value.places))
        end()
    }

    mutating func time(_ value: LocalTime) {
        bytes.append(value)
        end()
    }

    /// A day in one of the spellings that clerks and import programs left behind; style 0 is ISO 8601.
    mutating func date(_ value: CivilDate, style: Int = 0) {
        bytes.append(date: value, style: style)
        end()
    }
}

extension [UInt8] {
    /// Spellings 0…5: `2025-11-15`, `2025/11/15`, `20251115`, `2025年11月15日`, `2025.11.15`, `2025-11-15 00:00:00`.
    mutating func append(date value: CivilDate, style: Int) {
        switch style {
        case 1: append(value, separator: 0x2F)
        case 2: append(value, separator: nil)
        case 3:
            let (year, month, day) = value.components
            append(magnitude: UInt64(year), width: 4)
            append("年")
            append(magnitude: UInt64(month), width: 2)
            append("月")
            append(magnitude: UInt64(day), width: 2)
            append("日")
        case 4: append(value, separator: 0x2E)
        case 5:
            append(value)
            append(" 00:00:00")
        default: append(value)
        }
    }
}

/// Takes the rows of the billing system, whatever the database.
protocol BillingSink {
    mutating func write(_ table: BillingTable, _ row: borrowing RowBuffer) throws
}
