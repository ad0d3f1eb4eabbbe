import Pages

/// Markup into which text comes escaped: what stands in the source is markup, what is interpolated is text.
///
/// ```swift
/// let cell: Fragment = "<td>\(name)</td>"
/// ```
struct Fragment: ExpressibleByStringInterpolation, Sendable {
    private(set) var html: String

    init(stringLiteral value: String) { html = value }
    init(stringInterpolation: Interpolation) { html = stringInterpolation.html }
    init() { html = "" }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var html = ""

        init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity * 2) }
        mutating func appendLiteral(_ literal: String) { html += literal }
        mutating func appendInterpolation(_ text: String) { html += HTML.escaped(text) }
        mutating func appendInterpolation(_ number: some BinaryInteger) { html += "\(number)" }
        mutating func appendInterpolation(_ fragment: Fragment) { html += fragment.html }
        mutating func appendInterpolation(_ fragments: [Fragment]) { for one in fragments { html += one.html } }
    }

    static func += (left: inout Fragment, right: Fragment) { left.html += right.html }

    /// A field of a form that nobody sees.
    static func hidden(_ name: String, _ value: String) -> Fragment {
        "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }

    /// A table that is scrolled sideways where it is too wide; nothing where it has no rows.
    ///
    /// - Parameters:
    ///   - caption: what it holds, for who hears it.
    ///   - rows: cells, of which the first names the row.
    static func table(_ caption: String, _ heads: [String], _ rows: [[Fragment]]) -> Fragment {
        if rows.isEmpty { return "" }
        let head = heads.map { "<th scope=\"col\">\($0)</th>" as Fragment }
        let body = rows.map { cells in
            let all = cells.enumerated().map { index, cell in
                index == 0 ? "<th scope=\"row\">\(cell)</th>" : "<td>\(cell)</td>" as Fragment
            }
            return "<tr>\(all)</tr>" as Fragment
        }
        return """
            <div class="wide" role="region" aria-label="\(caption)" tabindex="0"><table><caption>\(caption)</caption>\
            <thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>
            """
    }

    static func text(_ text: String?) -> Fragment { text.map { "\($0)" } ?? "–" }
}
