import HeatModel

/// Takes a file piece by piece and gives back what of it is kept: all that is needed to show it, and nothing that tells where, when or
/// with what it was taken. What does not have the form of its kind is refused, and what stands behind its end is left out.
protocol MediaFilter: Sendable {
    /// - Throws: `attachment.broken`.
    mutating func take(_ bytes: ArraySlice<UInt8>, into kept: inout [UInt8]) throws(HearthError)
    /// To be called after the last piece.
    ///
    /// - Throws: `attachment.broken` where the file ends before its end.
    func finish() throws(HearthError)
}

extension MediaFilter {
    static func broken(_ why: String) -> HearthError {
        HearthError(
            .attachmentBroken, "the file is damaged: \(why)", advice: "send it again, as the camera has made it")
    }
}

/// Bytes that are collected until there are enough of them.
struct Collected: Sendable {
    private(set) var bytes: [UInt8] = []

    /// Takes from `rest` what is missing; true once there are `count`.
    mutating func fill(to count: Int, from rest: inout ArraySlice<UInt8>) -> Bool {
        let part = rest.prefix(max(0, count - bytes.count))
        bytes.append(contentsOf: part)
        rest = rest.dropFirst(part.count)
        return bytes.count >= count
    }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    /// A number of four bytes, the highest first.
    func number(at offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
