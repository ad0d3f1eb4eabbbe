import HeatModel

/// MP4 (ISO/IEC 14496-12 and -14), box by box. Boxes that describe rather than play (`udta`, `meta`, `uuid`, where phones keep the
/// place) become free space of the same size, filled with zeros: what points into the file still does. What a camera has put into a
/// track of its own (a drone's way, say) stays.
struct MP4Filter: MediaFilter {
    private static let containers: Set<String> = ["moov", "trak", "mdia"]
    private static let described: Set<String> = ["udta", "meta", "uuid", "free", "skip", "wide"]

    private enum State: Equatable {
        case header
        /// What is left of a box; nil to the end of the file.
        case body(left: Int64?, isKept: Bool)
    }

    private var state = State.header
    private var collected = Collected()
    /// What is left of each box around the present one, the outermost first.
    private var around: [Int64] = []
    private var seen: Set<String> = []

    mutating func take(_ bytes: ArraySlice<UInt8>, into kept: inout [UInt8]) throws(HearthError) {
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .header:
                guard collected.fill(to: 8, from: &rest) else { return }
                if collected.number(at: 0) == 1, !collected.fill(to: 16, from: &rest) { return }
                try begin(&kept)
                collected.clear()
            case .body(let left, let isKept):
                let part = left.map { rest.prefix(Int(min($0, Int64(rest.count)))) } ?? rest
                if isKept { kept += part } else { kept += [UInt8](repeating: 0, count: part.count) }
                rest = rest.dropFirst(part.count)
                guard let left else { continue }
                pass(Int64(part.count))
                state = left == Int64(part.count) ? .header : .body(left: left - Int64(part.count), isKept: isKept)
            }
        }
    }

    /// Bytes of boxes around have gone by.
    private mutating func pass(_ count: Int64) {
        for index in around.indices { around[index] -= count }
        while around.last == 0 { around.removeLast() }
    }

    private mutating func begin(_ kept: inout [UInt8]) throws(HearthError) {
        let header = Int64(collected.bytes.count)
        var size = Int64(collected.number(at: 0))
        if size == 1 {
            guard collected.bytes[8] < 0x40 else { throw Self.broken("a box is too large") }
            size = Int64(collected.number(at: 8)) << 32 | Int64(collected.number(at: 12))
        }
        let name = String(decoding: collected.bytes[4..<8], as: UTF8.self)
        guard name.unicodeScalars.allSatisfy({ (0x20...0x7E).contains($0.value) }) else {
            throw Self.broken("a box is none")
        }
        // A box without a size goes to the end of the file, and stands in no other.
        let isOpen = size == 0
        guard isOpen ? around.isEmpty && name == "mdat" : size >= header && size <= around.last ?? .max else {
            throw Self.broken("a box's size is wrong")
        }
        guard seen.isEmpty == (name == "ftyp") else { throw Self.broken("its first box is missing, or stands twice") }
        seen.insert(name)
        let isKept = !Self.described.contains(name)
        if isKept {
            kept += collected.bytes
        } else {
            kept += collected.bytes[..<4] + Array("free".utf8) + collected.bytes[8...]
        }
        if isOpen {
            state = .body(left: nil, isKept: true)
            return
        }
        pass(header)
        if Self.containers.contains(name), around.count < 4 {
            if size > header { around.append(size - header) }
            state = .header
        } else {
            state = size == header ? .header : .body(left: size - header, isKept: isKept)
        }
    }

    func finish() throws(HearthError) {
        let isAtEnd: Bool =
            switch state {
            case .header: collected.bytes.isEmpty && around.isEmpty
            case .body(let left, _): left == nil
            }
        guard isAtEnd else { throw Self.broken("it ends before its end") }
        guard seen.isSuperset(of: ["moov", "mdat"]) else { throw Self.broken("it holds no film") }
    }
}
