import Pages

/// Charts as SVG, without a word that the table beside them does not say.
enum Charts {
    /// Small bars, the oldest first; nothing where there are fewer than two values.
    static func bars(_ values: [Int64], _ words: String) -> Fragment {
        guard values.count > 1, let most = values.map({ max(0, $0) }).max() else { return "" }
        var path = ""
        for (index, value) in values.enumerated() {
            let height = most == 0 ? 1 : max(1, share(value, most, 22))
            path += "M\(index * 5) 24v-\(height)h4v\(height)z"
        }
        let width = values.count * 5
        return """
            <svg class="bars" role="img" aria-label="\(words)" width="\(width)" height="24" viewBox="0 0 \(width) 24">\
            <path d="\(path)"/></svg>
            """
    }

    struct Step {
        var words: String
        /// What it adds, or what stands there where it is a total.
        var fen: Int64
        var isTotal = false
        var more: [Fragment] = []
    }

    /// A waterfall, a row a step: totals stand on the ground, each part begins where the one before has ended.
    ///
    /// - Parameter amount: of a step, in words.
    static func waterfall(_ title: String, _ heads: [String], _ steps: [Step], amount: (Int64) -> String) -> Fragment {
        var (level, low, high) = (Int64(0), Int64.max, Int64.min)
        var spans: [(from: Int64, to: Int64)] = []
        for step in steps {
            let to = step.isTotal ? step.fen : level + step.fen
            spans.append((step.isTotal ? Int64.min : level, to))
            level = to
            (low, high) = (min(low, to), max(high, to))
        }
        guard high >= low else { return "" }
        // The ground lies a little below the lowest level, so that small parts are seen beside large totals.
        let ground = max(min(0, low), low - max(1, (high - low) / 4))
        let scale = max(1, high - ground)
        let rows = zip(steps, spans).map { step, span in
            let (from, to) = (max(ground, min(span.from, span.to)), max(ground, max(span.from, span.to)))
            let start = share((step.isTotal ? ground : from) - ground, scale, 240)
            let width = max(2, share(to - ground, scale, 240) - start)
            let kind = step.isTotal ? "total" : step.fen < 0 ? "less" : "more"
            let bar: Fragment = """
                <svg class="fall" aria-hidden="true" focusable="false" width="244" height="18" viewBox="0 0 244 18">\
                <rect class="\(kind)" x="\(start)" y="1" width="\(width)" height="16"/></svg>
                """
            return ["\(step.words)", bar, "<span class=\"amount\">\(amount(step.fen))</span>"] + step.more
        }
        return .table(title, heads, rows)
    }

    /// `value` of `whole` on a scale of so many; never more than that, whatever the amounts.
    private static func share(_ value: Int64, _ whole: Int64, _ size: Int64) -> Int64 {
        guard whole > 0, value > 0 else { return 0 }
        return min(size, Int64(Double(value) / Double(whole) * Double(size)))
    }
}
