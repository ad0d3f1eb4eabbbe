import HeatModel
import Records

/// The text of a file as UTF-8, piece by piece, decoded before anything is split.
final class TextFeed {
    private let content: ContentReader
    private let path: String
    private let encoding: FileSurvey.Encoding
    private var skip: Int
    private var iconv: Iconv?
    private var gb18030: GB18030?
    private let raw: UnsafeMutablePointer<UInt8>
    private var rawCount = 0
    private var isAtEnd = false
    private static let rawSize = 1 << 17
    /// No undecodable byte was met so far.
    private(set) var isClean: Bool
    /// Room that ``fill(_:)`` needs: four bytes for each raw one, and some for stores that run over.
    static let room = rawSize * 4 + 64

    init(_ file: FileReader, _ survey: FileSurvey, tape: (any PullTape)? = nil) throws {
        content = ContentReader(file)
        path = file.path
        if let tape { content.onRaw = { try tape.write($0) } }
        encoding = survey.encoding
        skip = survey.markLength
        isClean = survey.encoding == .utf8 ? survey.isCleanUTF8 : true
        raw = .allocate(capacity: Self.rawSize)
        switch survey.encoding {
        case .utf8, .workbook: break
        case .gb18030: gb18030 = GB18030.shared
        case .utf16LittleEndian: iconv = Iconv(from: "UTF-16LE")
        case .utf16BigEndian: iconv = Iconv(from: "UTF-16BE")
        case .named(let name):
            iconv = Iconv(from: name)
            if iconv == nil {
                throw CSVError.make(
                    .configEncoding, "the encoding \(name) is not known", file.path,
                    advice: "Use a name that `iconv --list` shows.")
            }
        }
    }

    deinit { raw.deallocate() }

    /// Why the text ends before its end.
    /// - Parameter endsInCharacter: what was filled in last ends within a character.
    func faultError(endsInCharacter: Bool) -> HearthError? {
        if let error = content.faultError() { return error }
        guard endsInCharacter || rawCount > 0 else { return nil }
        return CSVError.make(
            .sourceTruncated, "the file ends in the middle of a character", path,
            advice: "Have the file sent again.")
    }

    /// Writes the next text to `output`, which has ``room`` bytes; 0 at the end.
    func fill(_ output: UnsafeMutablePointer<UInt8>) throws -> Int {
        if encoding == .utf8 {
            let count = try content.read(into: output, count: Self.rawSize * 2)
            if skip == 0 || count == 0 { return count }
            // The byte-order mark.
            let dropped = min(skip, count)
            output.update(from: output + dropped, count: count - dropped)
            skip = 0
            return count == dropped ? try fill(output) : count - dropped
        }
        while !isAtEnd {
            let read = try content.read(into: raw + rawCount, count: Self.rawSize - rawCount)
            isAtEnd = read == 0
            rawCount += read
            var from = 0
            if skip > 0 {
                from = min(skip, rawCount)
                skip = 0
            }
            let (taken, made) = decode(raw + from, rawCount - from, to: output)
            from += taken
            raw.update(from: raw + from, count: rawCount - from)
            rawCount -= from
            if made > 0 { return made }
        }
        return 0
    }

    private func decode(
        _ p: UnsafePointer<UInt8>, _ count: Int, to output: UnsafeMutablePointer<UInt8>
    ) -> (taken: Int, made: Int) {
        if let gb18030 {
            let result = gb18030.decode(p, count: count, isLast: false, to: output)
            if !result.isClean { isClean = false }
            return (result.taken, result.made)
        }
        guard let iconv else { return (count, 0) }
        var at = 0
        var to = 0
        while at < count {
            let step = iconv.convert(p + at, count: count - at, to: output + to, room: Self.room - 32 - to)
            at += step.taken
            to += step.made
            if step.state == .done || step.state == .full { break }
            if step.state == .unfinished { break }
            isClean = false
            // A code unit of UTF-16 is two bytes: step over it whole, or all that follows is misread.
            let unit = encoding == .utf16LittleEndian || encoding == .utf16BigEndian ? 2 : 1
            for _ in 0..<min(unit, count - at) {
                to += Undecodable.mark(p[at], at: output + to)
                at += 1
            }
        }
        return (at, to)
    }
}
