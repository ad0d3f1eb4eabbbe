import HeatModel

/// PNG (third edition), chunk by chunk. What decoding and colour need stays; texts, Exif, times and chunks that are not known go.
struct PNGFilter: MediaFilter {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private static let critical = ["IHDR", "PLTE", "IDAT", "IEND"]
    private static let kept =
        critical + [
            "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "pHYs", "acTL", "fcTL", "fdAT",
        ]

    private enum State: Equatable {
        case signature
        case header
        /// What is left of a chunk, its check included.
        case body(left: Int, isKept: Bool, isLast: Bool)
        case ended
    }

    private var state = State.signature
    private var collected = Collected()
    private var isFirst = true
    private var hasImage = false

    mutating func take(_ bytes: ArraySlice<UInt8>, into kept: inout [UInt8]) throws(HearthError) {
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .signature:
                guard collected.fill(to: 8, from: &rest) else { return }
                guard collected.bytes == Self.signature else { throw Self.broken("it does not begin as a PNG") }
                kept += collected.bytes
                collected.clear()
                state = .header
            case .header:
                guard collected.fill(to: 8, from: &rest) else { return }
                try begin(&kept)
                collected.clear()
            case .body(let left, let isKept, let isLast):
                let part = rest.prefix(left)
                if isKept { kept += part }
                rest = rest.dropFirst(part.count)
                state =
                    part.count < left
                    ? .body(left: left - part.count, isKept: isKept, isLast: isLast) : isLast ? .ended : .header
            case .ended: return
            }
        }
    }

    private mutating func begin(_ kept: inout [UInt8]) throws(HearthError) {
        let length = collected.number(at: 0)
        let name = String(decoding: collected.bytes[4...], as: UTF8.self)
        guard length < 1 << 31, name.utf8.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 }), name.utf8.count == 4 else {
            throw Self.broken("a chunk is none")
        }
        guard isFirst == (name == "IHDR") else { throw Self.broken("its first chunk is missing, or stands twice") }
        isFirst = false
        let isCritical = collected.bytes[4] & 0x20 == 0
        if isCritical, !Self.critical.contains(name) { throw Self.broken("it holds a chunk that no PNG has") }
        if name == "IDAT" { hasImage = true }
        if name == "IEND", !hasImage { throw Self.broken("it holds no image") }
        let isKept = Self.kept.contains(name)
        if isKept { kept += collected.bytes }
        state = .body(left: length + 4, isKept: isKept, isLast: name == "IEND")
    }

    func finish() throws(HearthError) {
        if state != .ended { throw Self.broken("it ends before its end") }
    }
}
