/// How bytes fare as UTF-8 and as GB18030.
struct TextEvidence {
    var utf8 = UTF8Scan.Evidence()
    var gb18030 = UTF8Scan.Evidence()

    init() {}

    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            if UTF8Scan.scan(start, count: buffer.count, into: &utf8) < buffer.count { utf8.invalid += 1 }
            if GB18030.scan(start, count: buffer.count, into: &gb18030) < buffer.count { gb18030.invalid += 1 }
        }
    }

    /// Whether a text that is UTF-8 throughout may be a short Chinese one: `小学` in GBK is `Сѧ` in UTF-8. Chinese is three bytes
    /// a character in UTF-8, so a text of pairs only has none.
    var mayBeShortGB18030: Bool { utf8.invalid == 0 && utf8.valid > 0 && utf8.pairs == utf8.valid && !utf8.isOnlySigns }

    /// Whether it is GB18030 throughout, too: then that is what it is.
    var suggestsShortGB18030: Bool { mayBeShortGB18030 && gb18030.invalid == 0 && gb18030.valid > 0 }
}
