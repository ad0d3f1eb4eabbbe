extension Charts {
    /// A value that was measured.
    struct Point {
        /// Seconds.
        var at: Int64
        var value: Double
        /// The value as it is stated.
        var words: String
        var day: String
    }

    /// A curve of values over time, with the ends of its axes: the highest and the lowest value, the first and the last day.
    ///
    /// - Parameter points: in order of time.
    static func curve(_ points: ArraySlice<Point>, _ unit: String, _ words: String) -> Fragment {
        guard points.count > 1, let first = points.first, let last = points.last, last.at > first.at,
            let low = points.min(by: { $0.value < $1.value }), let high = points.max(by: { $0.value < $1.value })
        else { return "" }
        let line = points.map { point in
            let x = 110 + Int(Double(point.at - first.at) / Double(last.at - first.at) * 282)
            let y = high.value == low.value ? 50 : 92 - Int((point.value - low.value) / (high.value - low.value) * 84)
            return "\(x),\(y)"
        }.joined(separator: " ")
        return """
            <figure><svg class="curve" aria-hidden="true" focusable="false" width="400" height="120" viewBox="0 0 400 120">\
            <polyline points="\(line)"/><text x="102" y="14" text-anchor="end">\(high.words) \(unit)</text>\
            <text x="102" y="96" text-anchor="end">\(low.words) \(unit)</text><text x="110" y="114">\(first.day)</text>\
            <text x="392" y="114" text-anchor="end">\(last.day)</text></svg><figcaption>\(words)</figcaption></figure>
            """
    }
}
