import Records

/// What the splitter asks of a record that looks unusual, and what it does to fields with escapes: off the path of plain records.
extension RecordSplitter {
    /// Whether a field that is quoted, or has blanks around it, is what a trailer begins with.
    func isTrailerField(_ text: UnsafePointer<UInt8>, _ field: ByteRange, _ shift: Int) -> Bool {
        if rules.trailerWord.isEmpty || field.isNone { return false }
        var rest = UnsafeBufferPointer(start: text + (Int(field.offset) - shift), count: Int(field.length))[...]
        while rest.first == 0x20 { rest.removeFirst() }
        while rest.last == 0x20 { rest.removeLast() }
        return rules.endsTrailerWord ? rest.elementsEqual(rules.trailerWord) : rest.starts(with: rules.trailerWord)
    }

    func isTotalLine(_ text: UnsafePointer<UInt8>, _ field: ByteRange, _ shift: Int) -> Bool {
        if field.isNone { return false }
        return TotalLine.isNamed(
            by: UnsafeBufferPointer(start: text + (Int(field.offset) - shift), count: Int(field.length)))
    }

    func hasPrefix(_ prefix: [UInt8], _ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        count >= prefix.count && prefix.indices.allSatisfy { p[$0] == prefix[$0] }
    }

    /// Whether a record from `start` to `end` ends in so many fields without anything in them.
    func hasEmptyTail(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ count: Int) -> Bool {
        if count > rules.emptyTail { return false }
        var end = end
        for _ in 0..<count {
            while end > start, text[end - 1] == 0x20 { end -= 1 }
            if end - start > 2, UInt16(text[end - 1]) == rules.quote, UInt16(text[end - 2]) == rules.quote { end -= 2 }
            end -= rules.delimiter.count
            if end < start || !rules.delimiter.indices.allSatisfy({ text[end + $0] == rules.delimiter[$0] }) {
                return false
            }
        }
        return true
    }

    static func lineEnds(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64 {
        var found: Int64 = 0
        for at in 0..<count where p[at] == 10 || (p[at] == 13 && !(at + 1 < count && p[at + 1] == 10)) { found += 1 }
        return found
    }

    /// Makes one quote of each pair, and takes away escapes, in place.
    func undoEscapes(
        _ text: UnsafeMutablePointer<UInt8>, _ out: UnsafeMutablePointer<ByteRange>, _ count: Int, _ columns: Int,
        _ shift: Int, _ quote: UInt16
    ) {
        if rules.escape != SplitRules.none {
            var pair = 0
            for field in 0..<columns where !out[field].isNone {
                let hasPairs = pair < count && escapes[pair] == field
                if hasPairs { pair += 1 }
                let p = text + (Int(out[field].offset) - shift)
                let length = rules.unescape(p, Int(out[field].length), hasPairs: hasPairs)
                out[field].length = Int32(truncatingIfNeeded: length)
            }
            return
        }
        for index in 0..<count {
            let field = escapes[index]
            let p = text + (Int(out[field].offset) - shift)
            var from = 0
            var to = 0
            let length = Int(out[field].length)
            while from < length {
                p[to] = p[from]
                from += UInt16(p[from]) == quote ? 2 : 1
                to += 1
            }
            out[field].length = Int32(to)
        }
    }
}
