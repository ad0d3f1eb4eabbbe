extension [UInt8] {
    /// Whether each part of a record key stands somewhere in these.
    func holdsParts(of key: [UInt8]) -> Bool {
        key.split(separator: 0x1F).allSatisfy { holds($0) }
    }

    /// Whether the bytes of `part` stand somewhere in these.
    private func holds(_ part: ArraySlice<UInt8>) -> Bool {
        if part.isEmpty || part.count > count { return false }
        return indices.dropLast(part.count - 1).contains {
            self[$0] == part[part.startIndex] && self[$0..<$0 + part.count].elementsEqual(part)
        }
    }
}
