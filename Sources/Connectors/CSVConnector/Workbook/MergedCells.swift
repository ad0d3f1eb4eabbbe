import Glibc
import HeatModel

/// Cells of a sheet that were joined into one: only the first of them has the value. The file tells of them behind the rows, so they
/// are read before.
struct MergedCells {
    /// Rows from 1, columns from 0.
    struct Area {
        var rows: ClosedRange<Int>
        var columns: ClosedRange<Int>
    }

    /// By their first row.
    private(set) var areas: [Area] = []
    /// Those that the row asked for last lies in, with the text of their first cell.
    private var active: [(area: Area, text: [UInt8])] = []
    private var next = 0
    private static let mostTail = 32 << 20

    /// Reads a sheet's part to its end, which also proves it undamaged, and takes the areas down.
    init(_ entry: ZipArchive.Entry, _ file: FileReader, isCancelled: () -> Bool) throws {
        let content = try ZipEntryReader(file, entry)
        let size = 1 << 18
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        defer { buffer.deallocate() }
        var tail: [UInt8] = []
        var isBehind = false
        while true {
            if isCancelled() { throw CSVError.cancelled }
            let count = try content.read(into: buffer, count: size)
            if count == 0 { break }
            // The end of the rows may lie on both sides of a piece's border.
            if !isBehind, tail.count > Self.overlap { tail.removeFirst(tail.count - Self.overlap) }
            let start = max(0, tail.count - Self.overlap)
            tail.append(contentsOf: UnsafeBufferPointer(start: buffer, count: count))
            if let end = Self.lastEndOfRows(in: tail, from: start) {
                tail.removeFirst(end)
                isBehind = true
            }
            if tail.count > Self.mostTail {
                throw ZipArchive.damaged(file.path, "\(entry.name.text) tells of too much behind its rows")
            }
        }
        if isBehind { areas = Self.areas(tail).sorted { $0.rows.lowerBound < $1.rows.lowerBound } }
    }

    private static let overlap = 48
    private static let mark = Array("sheetData>".utf8)
    /// Of the mark, the letter that stands most seldom in a sheet: `D`.
    private static let rareLetter = 5

    /// Where the last `</sheetData>` ends.
    private static func lastEndOfRows(in bytes: [UInt8], from start: Int) -> Int? {
        var found: Int?
        bytes.withUnsafeBytes { bytes in
            let mark = Self.mark
            var at = start + Self.rareLetter
            while at < bytes.count,
                let hit = memchr(bytes.baseAddress! + at, Int32(mark[Self.rareLetter]), bytes.count - at)
            {
                let letter = UnsafeRawPointer(hit) - bytes.baseAddress!
                let offset = letter - Self.rareLetter
                at = letter + 1
                let end = offset + mark.count
                if end <= bytes.count, mark.indices.allSatisfy({ bytes[offset + $0] == mark[$0] }),
                    isClosing(bytes, offset)
                {
                    found = end
                }
            }
        }
        return found
    }

    /// `</sheetData>` or `</x:sheetData>`.
    private static func isClosing(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        for byte in bytes[..<at].suffix(24).reversed() {
            if byte == 0x2F { return true }
            if byte == 0x3C || byte == 0x3E { return false }
        }
        return false
    }

    private static func areas(_ tail: [UInt8]) -> [Area] {
        var areas: [Area] = []
        let text = String(decoding: tail, as: UTF8.self)
        for part in text.split(separator: "mergeCell ").dropFirst() {
            guard let start = part.firstRange(of: "ref=") else { continue }
            let quoted = part[start.upperBound...]
            guard let quote = quoted.first else { continue }
            let corners = quoted.dropFirst().prefix { $0 != quote }.split(separator: ":").compactMap { corner($0) }
            guard corners.count == 2, corners[0].row <= corners[1].row, corners[0].column <= corners[1].column else {
                continue
            }
            areas.append(
                Area(rows: corners[0].row...corners[1].row, columns: corners[0].column...corners[1].column))
        }
        return areas
    }

    private static func corner(_ text: Substring) -> (row: Int, column: Int)? {
        let letters = text.prefix { $0.isLetter }
        guard 1...3 ~= letters.utf8.count, let row = Int(text.dropFirst(letters.count)) else { return nil }
        return (row, letters.utf8.reduce(0) { $0 * 26 + Int($1 & 0x1F) } - 1)
    }

    // MARK: rows

    /// Moves on to a row, which must not lie before the one asked for last.
    mutating func move(to row: Int) {
        if active.isEmpty, next == areas.count { return }
        active.removeAll { $0.area.rows.upperBound < row }
        while next < areas.count, areas[next].rows.lowerBound <= row {
            if areas[next].rows.upperBound >= row { active.append((areas[next], [])) }
            next += 1
        }
    }

    var isActive: Bool { !active.isEmpty }

    /// Whether a cell of the row is joined to others of its row: it spans several columns.
    func spansColumns(_ column: Int) -> Bool {
        active.contains { $0.area.columns.contains(column) && $0.area.columns.count > 1 }
    }

    /// Whether a cell has its value in another one.
    func isCovered(row: Int, _ column: Int) -> Bool {
        active.contains {
            $0.area.columns.contains(column)
                && (column != $0.area.columns.lowerBound || row != $0.area.rows.lowerBound)
        }
    }

    /// Keeps the text of an area's first cell.
    mutating func keep(row: Int, _ column: Int, _ text: ArraySlice<UInt8>) {
        for index in active.indices
        where active[index].area.rows.lowerBound == row && active[index].area.columns.lowerBound == column {
            active[index].text = Array(text)
        }
    }

    /// The text of the area that a cell lies in.
    func text(_ column: Int) -> [UInt8]? { active.first { $0.area.columns.contains(column) }?.text }
}
