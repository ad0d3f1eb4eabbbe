import Foundation
import HeatModel

/// Reads a CSV file row by row through one buffer. A row stays where it is until the next is read.
final class CSVRows {
    let path: String
    private let descriptor: Int32
    private var buffer: UnsafeMutableRawPointer
    private var capacity = 1 << 18
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    private(set) var line = 0
    /// The whole row, its end of line left out.
    private(set) var row = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            throw HearthError(
                .usageUnreadable, "the file cannot be read", at: .file(path, line: 0, column: 0),
                advice: "name a folder that a reconciliation wrote, or its findings.csv")
        }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        buffer = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Steps to the next row; false behind the last.
    func next() throws -> Bool {
        var scanned = start
        var isQuoted = false
        while true {
            // An end of line outside of quotes: quotes are looked for only where the line has any.
            while scanned < end {
                guard let found = memchr(buffer + scanned, 0x0A, end - scanned) else {
                    isQuoted = quotes(scanned, end, isQuoted)
                    scanned = end
                    break
                }
                let stop = UnsafeMutableRawPointer(mutating: found) - buffer
                isQuoted = quotes(scanned, stop, isQuoted)
                scanned = stop + 1
                if isQuoted { continue }
                take(stop)
                start = scanned
                return true
            }
            if isAtEnd {
                if start == end { return false }
                if isQuoted { throw broken("the file is cut short") }
                take(end)
                start = end
                return true
            }
            scanned -= start
            try fill()
        }
    }

    private func take(_ stop: Int) {
        var stop = stop
        let bytes = buffer.assumingMemoryBound(to: UInt8.self)
        if stop > start, bytes[stop - 1] == 0x0D { stop -= 1 }
        row = UnsafeRawBufferPointer(start: buffer + start, count: stop - start)
        line += 1
    }

    private func quotes(_ from: Int, _ to: Int, _ isQuoted: Bool) -> Bool {
        var isQuoted = isQuoted
        var at = from
        while at < to, let found = memchr(buffer + at, 0x22, to - at) {
            isQuoted.toggle()
            at = UnsafeMutableRawPointer(mutating: found) - buffer + 1
        }
        return isQuoted
    }

    private func fill() throws {
        if start > 0 {
            memmove(buffer, buffer + start, end - start)
            end -= start
            start = 0
        } else if end == capacity {
            // A row longer than the buffer: there is a bound to what a row of ours can be.
            if capacity >= 1 << 24 { throw broken("a row is longer than 16 MiB") }
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 16)
            memcpy(larger, buffer, end)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        let count = read(descriptor, buffer + end, capacity - end)
        if count < 0 { throw broken("the file cannot be read") }
        if count == 0 { isAtEnd = true }
        end += count
    }

    func broken(_ what: String) -> HearthError {
        HearthError(
            .usageBadOutput, what, at: .file(path, line: line + 1, column: 0),
            advice: "name the outputs of a reconciliation as it wrote them")
    }

    /// The cells of the row, quotes undone.
    var cells: [String] {
        var cells: [String] = []
        var at = 0
        while at <= row.count {
            var cell: [UInt8] = []
            if at < row.count, row[at] == 0x22 {
                at += 1
                while at < row.count {
                    if row[at] != 0x22 {
                        cell.append(row[at])
                    } else if at + 1 < row.count, row[at + 1] == 0x22 {
                        cell.append(0x22)
                        at += 1
                    } else {
                        break
                    }
                    at += 1
                }
                at += 1
            } else {
                while at < row.count, row[at] != 0x2C {
                    cell.append(row[at])
                    at += 1
                }
            }
            cells.append(String(decoding: cell, as: UTF8.self))
            at += 1
        }
        return cells
    }

    /// The raw cell at a place, quotes and all.
    func raw(_ wanted: Int) -> UnsafeRawBufferPointer {
        var place = 0
        var from = 0
        var isQuoted = false
        for index in 0..<row.count {
            switch row[index] {
            case 0x22: isQuoted.toggle()
            case 0x2C where !isQuoted:
                if place == wanted { return UnsafeRawBufferPointer(rebasing: row[from..<index]) }
                place += 1
                from = index + 1
            default: break
            }
        }
        return UnsafeRawBufferPointer(rebasing: row[(place == wanted ? from : row.count)..<row.count])
    }
}
