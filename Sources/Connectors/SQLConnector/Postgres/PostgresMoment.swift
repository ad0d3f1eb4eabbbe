import HeatModel
import Records

/// The moment that a text column states, as an SQL expression: microseconds since 1970, NULL for what is no time of the order.
///
/// The judge of cursor values is ``CursorOrder/moment(_:offsetMinutes:)-(String,_)``; this says the same to the server.
struct PostgresMoment {
    let sql: String

    init(_ name: String, _ order: CursorOrder, offsetMinutes: Int16) {
        var pattern = ""
        var groups: [DateFormat.Field: Int] = [:]
        if case .format(let format) = order {
            var marks: [UInt8] = []
            for part in format.parts {
                switch part {
                case .mark(let byte): marks.append(byte)
                case .number(let field, let least, let most):
                    pattern += Self.escaped(marks) + "(\\d{\(least),\(most)})"
                    marks = []
                    groups[field] = groups.count + 1
                case .shortYear, .monthName: break  // a cursor's order has none
                }
            }
            pattern += Self.escaped(marks)
        } else {
            pattern =
                "(\\d{4})-(\\d{2})-(\\d{2})(?:[Tt ](\\d{2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d+))?)?(?: ?(?:[Zz]|([+-])(\\d{2})(?::?(\\d{2})(?::?(\\d{2}))?)?))?)?"
            groups = [.year: 1, .month: 2, .day: 3, .hour: 4, .minute: 5, .second: 6, .fraction: 7]
        }
        func field(_ field: DateFormat.Field) -> String {
            groups[field].map { "coalesce(hearth_m[\($0)]::int, 0)" } ?? "0"
        }
        let isISO = groups.count == 7 && order == .instant
        let fraction = groups[.fraction].map { "coalesce(rpad(left(hearth_m[\($0)], 6), 6, '0')::bigint, 0)" } ?? "0"
        let local = "\(Int(offsetMinutes) * 60)"
        // `Z` leaves the sign out.
        let offset =
            isISO
            ? "CASE WHEN hearth_m[8] IS NOT NULL THEN (hearth_m[8] || '1')::int * (hearth_m[9]::int * 3600 + coalesce(hearth_m[10]::int, 0) * 60 + coalesce(hearth_m[11]::int, 0)) WHEN \(name) ~ '[Zz]\\s*$' THEN 0 ELSE \(local) END"
            : local
        sql = """
            (SELECT CASE WHEN y >= 1 AND o BETWEEN 1 AND 12 AND h < 24 AND i < 60 AND s < 60 AND d BETWEEN 1 AND
            CASE WHEN o IN (4, 6, 9, 11) THEN 30 WHEN o = 2 THEN 28 + ((y % 4 = 0 AND y % 100 <> 0) OR y % 400 = 0)::int ELSE 31 END
            THEN nullif(greatest(((make_date(y, o, d) - date '1970-01-01')::bigint * 86400 + h * 3600 + i * 60 + s - z) * 1000000 + f,
            \(CursorOrder.earliest.microseconds)), \(CursorOrder.earliest.microseconds)) END
            FROM (SELECT \(field(.year)) AS y, \(field(.month)) AS o, \(field(.day)) AS d, \(field(.hour)) AS h, \(field(.minute)) AS i,
            \(field(.second)) AS s, \(fraction) AS f, \(offset) AS z FROM regexp_match(\(name), '^\\s*\(pattern)\\s*$') AS hearth_m) AS p)
            """
    }

    /// Marks as a regular expression and a literal have them.
    private static func escaped(_ marks: [UInt8]) -> String {
        String(decoding: marks, as: UTF8.self).reduce(into: "") { result, character in
            if character == "'" {
                result += "''"
            } else if character == "T" {
                result += "[Tt]"
            } else if character.isASCII && !character.isLetter && !character.isNumber && character != " " {
                result += "\\\(character)"
            } else {
                result.append(character)
            }
        }
    }
}
