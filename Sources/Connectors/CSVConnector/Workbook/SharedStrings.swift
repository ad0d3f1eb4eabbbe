import Glibc
import HeatModel

/// A workbook's table of texts, in memory up to 16 MiB of them and beyond that in a file without a name, so that memory does not grow
/// with the workbook. Cells refer to the texts roughly in their order, which is what the pages kept of the file live from.
final class SharedStrings {
    /// Where each text ends, in the bytes of all of them.
    private var ends: [UInt32] = []
    private var bytes: [UInt8] = []
    private var spill: Spill?
    private static let mostInMemory = 16 << 20
    /// A longer table is no table of texts that people wrote.
    private static let mostBytes = 4_000_000_000
    private var total = 0

    /// An empty table.
    init() {}

    init(_ entry: ZipArchive.Entry, _ file: FileReader, isCancelled: () -> Bool) throws {
        let part = SharedStringsPart(name: entry.name.text, path: file.path)
        part.table = self
        try part.read(ZipEntryReader(file, entry), isCancelled: isCancelled)
        part.table = nil
        try spill?.write(bytes)
        if spill != nil { bytes = [] }
    }

    var count: Int { ends.count }

    fileprivate func expect(_ count: Int) { ends.reserveCapacity(min(count, 1 << 23)) }

    fileprivate func append(_ text: [UInt8]) throws {
        bytes += text
        total += text.count
        if total > Self.mostBytes {
            throw HearthError(.sourceCorrupt, "the workbook's table of texts has more than \(Self.mostBytes) bytes")
        }
        ends.append(UInt32(total))
        guard bytes.count >= (spill == nil ? Self.mostInMemory : 1 << 20) else { return }
        let made = try spill ?? Spill()
        try made.write(bytes)
        spill = made
        bytes.removeAll(keepingCapacity: bytes.capacity <= 2 << 20)
    }

    /// Appends the text of a number to `buffer`; false where there is none.
    @inline(__always)
    func append(_ index: Int, to buffer: inout [UInt8]) throws -> Bool {
        guard index >= 0, index < ends.count else { return false }
        let start = index == 0 ? 0 : Int(ends[index - 1])
        let end = Int(ends[index])
        if let spill {
            try spill.append(start, end, to: &buffer)
        } else {
            buffer.append(contentsOf: bytes[start..<end])
        }
        return true
    }

    /// A file without a name, gone with its descriptor, and the pages of it that were asked for last.
    private final class Spill {
        private let descriptor: Int32
        private static let pageSize = 1 << 17
        private static let mostPages = 96
        private var pages: [Int: (bytes: [UInt8], used: UInt64)] = [:]
        private var clock: UInt64 = 0

        init() throws {
            let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            var name = Array("\(folder)/hearth-XXXXXX".utf8CString)
            descriptor = mkstemp(&name)
            if descriptor < 0 { throw FileReader.failure(folder, errno) }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            unlink(name)
        }

        deinit { close(descriptor) }

        func write(_ bytes: [UInt8]) throws {
            try bytes.withUnsafeBytes { buffer in
                var done = 0
                while done < buffer.count {
                    let written = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
                    if written < 0 && errno == EINTR { continue }
                    if written < 0 { throw FileReader.failure("the workbook's texts, laid aside", errno) }
                    done += written
                }
            }
        }

        func append(_ start: Int, _ end: Int, to buffer: inout [UInt8]) throws {
            var at = start
            while at < end {
                let number = at / Self.pageSize
                let offset = at % Self.pageSize
                let page = try page(number)
                let taken = min(page.count - offset, end - at)
                if taken <= 0 { throw FileReader.failure("the workbook's texts, laid aside", EIO) }
                buffer.append(contentsOf: page[offset..<(offset + taken)])
                at += taken
            }
        }

        private var last: (number: Int, bytes: [UInt8]) = (-1, [])

        private func page(_ number: Int) throws -> [UInt8] {
            if last.number == number { return last.bytes }
            clock += 1
            if var page = pages[number] {
                page.used = clock
                pages[number] = page
                last = (number, page.bytes)
                return page.bytes
            }
            if pages.count >= Self.mostPages, let oldest = pages.min(by: { $0.value.used < $1.value.used }) {
                pages[oldest.key] = nil
            }
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.pageSize) { buffer, made in
                made = max(
                    0, pread(descriptor, buffer.baseAddress!, Self.pageSize, off_t(number) * off_t(Self.pageSize)))
            }
            pages[number] = (bytes, clock)
            last = (number, bytes)
            return bytes
        }
    }
}

/// `xl/sharedStrings.xml`: texts in runs of one font each; how Japanese ones are pronounced is left out.
private final class SharedStringsPart: XMLPart {
    var table: SharedStrings?
    private var text: [UInt8] = []
    private var isText = false
    private var isPhonetic = false
    /// A cell of Excel has at most 32,767 characters.
    private static let mostBytes = 1 << 20

    override func start(_ name: Name, _ attributes: Attributes) throws {
        if Self.isName(name, "t") {
            isText = !isPhonetic
        } else if Self.isName(name, "rPh") {
            isPhonetic = true
        } else if Self.isName(name, "si") {
            text.removeAll(keepingCapacity: true)
        } else if Self.isName(name, "sst") {
            table?.expect(attributes.number("uniqueCount") ?? 0)
        }
    }

    override func end(_ name: Name) throws {
        if Self.isName(name, "t") {
            isText = false
        } else if Self.isName(name, "rPh") {
            isPhonetic = false
        } else if Self.isName(name, "si") {
            if text.count > Self.mostBytes { throw broken("a text has more than \(Self.mostBytes) bytes") }
            if text.withUnsafeBufferPointer(EscapedText.mayHold) { text = EscapedText.undone(text, from: 0) }
            try table?.append(text)
        }
    }

    override func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        if isText, text.count <= Self.mostBytes { text.append(contentsOf: bytes) }
    }
}
