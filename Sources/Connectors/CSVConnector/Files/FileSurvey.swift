import Crypto
import HeatModel

/// What one pass over a file finds out before anything of it is delivered: its digest and how its text is encoded.
struct FileSurvey {
    /// A workbook is no text: its parts say themselves how theirs is encoded.
    enum Encoding: Equatable { case utf8, gb18030, utf16LittleEndian, utf16BigEndian, named(String), workbook }

    var digest: String
    var byteCount: Int64
    var encoding: Encoding
    var markLength: Int
    /// Whether the content is known to be UTF-8 throughout, so that no record needs another look.
    var isCleanUTF8: Bool
    /// Read as GB18030 although it is UTF-8, too: see ``TextEvidence/suggestsShortGB18030``.
    var isShortGB18030 = false
    /// Whether the file was seen to end within a character: it was cut.
    var endsInCharacter = false

    /// At least nine in ten sequences outside ASCII must be valid for a file with broken rows to count as an encoding's.
    private static let share = 9
    private static let chunk = 1 << 18
    private static let headroom = 16

    /// Throws `source.wrongFormat` where the file is neither text nor a workbook.
    init(_ file: FileReader, as declared: CSVEncoding, isCancelled: () -> Bool) throws {
        byteCount = file.stamp.size
        if try FileFormat.of(file) == .workbook {
            var hash = SHA256()
            try file.readAll {
                if isCancelled() { throw CSVError.cancelled }
                hash.update(bufferPointer: $0)
            }
            digest = Pass.hex(hash.finalize())
            encoding = .workbook
            markLength = 0
            isCleanUTF8 = true
            return
        }
        var pass = Pass(declared)
        try pass.run(file, isCancelled: isCancelled)
        if pass.needsSecondLook {
            var second = Pass(declared)
            second.startsBoth = true
            try second.run(file, isCancelled: isCancelled)
            pass = second
        }
        digest = pass.digest
        markLength = pass.mark.length
        isCleanUTF8 = false
        switch pass.mark.encoding ?? declared {
        case .utf8: encoding = .utf8
        case .gb18030: encoding = .gb18030
        case .utf16LittleEndian: encoding = .utf16LittleEndian
        case .utf16BigEndian: encoding = .utf16BigEndian
        case .named(let name): encoding = .named(name)
        case .auto:
            if pass.evidence.suggestsShortGB18030 {
                encoding = .gb18030
                isShortGB18030 = true
            } else if (Self.suits(pass.utf8) || pass.utf8.isMostlyLong) && !pass.isHopelessUTF8 {
                encoding = .utf8
            } else if Self.suits(pass.gb18030) {
                encoding = .gb18030
            } else {
                throw CSVError.make(
                    .sourceUnknownEncoding, "the file is neither UTF-8 nor GB18030", file.path,
                    advice: "Declare the stream's encoding.")
            }
        }
        if encoding == .utf8 { isCleanUTF8 = pass.utf8.invalid == 0 && pass.scansUTF8 }
        endsInCharacter = encoding == .utf8 ? pass.endsInUTF8 : encoding == .gb18030 && pass.endsInGB18030
    }

    private static func suits(_ evidence: UTF8Scan.Evidence) -> Bool {
        evidence.invalid == 0 || evidence.valid >= share * evidence.invalid
    }

    /// One reading of the file.
    private struct Pass {
        let declared: CSVEncoding
        var mark: (length: Int, encoding: CSVEncoding?) = (0, nil)
        var utf8 = UTF8Scan.Evidence()
        var gb18030 = UTF8Scan.Evidence()
        var digest = ""
        var startsBoth = false
        var scansUTF8 = false
        var scansGB18030 = false
        var isHopelessUTF8 = false
        /// UTF-8 turned out broken only after chunks that were not tried as GB18030.
        var needsSecondLook = false
        /// Whether the content ends within a character of each.
        var endsInUTF8 = false
        var endsInGB18030 = false
        var evidence: TextEvidence {
            var evidence = TextEvidence()
            evidence.utf8 = utf8
            evidence.gb18030 = gb18030
            return evidence
        }

        init(_ declared: CSVEncoding) { self.declared = declared }

        mutating func run(_ file: FileReader, isCancelled: () -> Bool) throws {
            let content = ContentReader(file)
            var hash = SHA256()
            content.onRaw = { hash.update(bufferPointer: $0) }
            let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: headroom + chunk)
            defer { buffer.deallocate() }
            let fresh = buffer + headroom
            var leftUTF8: [UInt8] = []
            var leftGB18030: [UInt8] = []
            var isFirst = true
            while true {
                if isCancelled() { throw CSVError.cancelled }
                let count = try content.read(into: fresh, count: chunk)
                if count == 0 { break }
                var skip = 0
                if isFirst {
                    isFirst = false
                    mark = Self.mark(fresh, count, declared)
                    skip = mark.length
                    let effective = mark.encoding ?? declared
                    scansUTF8 = effective == .auto || effective == .utf8
                    scansGB18030 = startsBoth
                }
                if scansUTF8 {
                    let hadNonASCII = utf8.hasNonASCII
                    leftUTF8 = Self.feed(leftUTF8, fresh + skip, count - skip) {
                        UTF8Scan.scan($0, count: $1, into: &utf8)
                    }
                    if utf8.invalid > 0 && declared == .auto && mark.encoding == nil && !scansGB18030
                        && !needsSecondLook
                    {
                        if hadNonASCII { needsSecondLook = true } else { scansGB18030 = true }
                    }
                }
                if scansGB18030 {
                    leftGB18030 = Self.feed(leftGB18030, fresh + skip, count - skip) {
                        GB18030.scan($0, count: $1, into: &gb18030)
                    }
                }
                if scansUTF8 && scansGB18030 && utf8.invalid > 1_000 && !FileSurvey.suits(utf8) {
                    scansUTF8 = false
                    isHopelessUTF8 = true
                }
            }
            try content.drain()
            // A character that the file's end cuts says nothing of its encoding.
            endsInUTF8 = !leftUTF8.isEmpty
            endsInGB18030 = !leftGB18030.isEmpty
            if utf8.invalid > 0 && declared == .auto && mark.encoding == nil && !scansGB18030 { needsSecondLook = true }
            if FileSurvey.suits(utf8) && !isHopelessUTF8 && utf8.invalid == 0 { needsSecondLook = false }
            if declared == .auto && mark.encoding == nil && !scansGB18030 && evidence.mayBeShortGB18030 {
                needsSecondLook = true
            }
            digest = Self.hex(hash.finalize())
        }

        /// Scans a chunk after the unfinished sequence that the chunk before it left; returns what this one leaves.
        private static func feed(
            _ left: [UInt8], _ p: UnsafeMutablePointer<UInt8>, _ count: Int,
            _ scan: (UnsafePointer<UInt8>, Int) -> Int
        ) -> [UInt8] {
            let start = p - left.count
            var saved: [UInt8] = []
            for (index, byte) in left.enumerated() {
                saved.append(start[index])
                start[index] = byte
            }
            let total = left.count + count
            let taken = scan(UnsafePointer(start), total)
            let rest = Array(UnsafeBufferPointer(start: start + taken, count: total - taken))
            for (index, byte) in saved.enumerated() { start[index] = byte }
            return rest
        }

        private static func mark(
            _ p: UnsafePointer<UInt8>, _ count: Int, _ declared: CSVEncoding
        ) -> (Int, CSVEncoding?) {
            func begins(_ bytes: [UInt8]) -> Bool {
                count >= bytes.count && bytes.indices.allSatisfy { p[$0] == bytes[$0] }
            }
            let known: [([UInt8], CSVEncoding)] = [
                ([0xEF, 0xBB, 0xBF], .utf8), ([0x84, 0x31, 0x95, 0x33], .gb18030), ([0xFF, 0xFE], .utf16LittleEndian),
                ([0xFE, 0xFF], .utf16BigEndian),
            ]
            for (bytes, encoding) in known where begins(bytes) && (declared == .auto || declared == encoding) {
                return (bytes.count, encoding)
            }
            return (0, nil)
        }

        static func hex(_ digest: SHA256.Digest) -> String {
            let digits = Array("0123456789abcdef".utf8)
            var text: [UInt8] = []
            for byte in digest { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
            return String(decoding: text, as: UTF8.self)
        }
    }
}
