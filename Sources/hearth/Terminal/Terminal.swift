import Foundation
import HeatModel
import Synchronization

/// Writing to a person or a pipe.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1
    private static let isShown = isatty(STDOUT_FILENO) == 1

    static func say(_ line: String = "") { put(line + "\n") }
    /// Without an end of line.
    static func put(_ text: String) { write(isShown ? visible(text) : text, to: STDOUT_FILENO) }
    static func put(_ bytes: [UInt8]) { write(bytes[...], to: STDOUT_FILENO) }
    /// Why something that was to go to the standard output is not there; nil where all of it is, or where its reader wants no more.
    static var outputFailure: Int32? { failure.withLock { $0 } }
    private static let failure = Mutex<Int32?>(nil)
    static func complain(_ line: String) {
        write("hearth: " + (isInteractive ? visible(line) : line) + "\n", to: STDERR_FILENO)
    }
    /// A text as a screen may get it: what would steer the terminal or turn the direction of writing, as data of a legacy system may,
    /// is shown by its number. A pipe gets each byte as it is.
    static func visible(_ text: String) -> String {
        func isSteering(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x09, 0x0A: false
            case 0x00...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        guard text.unicodeScalars.contains(where: isSteering) else { return text }
        return text.unicodeScalars.map { isSteering($0) ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }
    private static let warned = Mutex<Set<String>>([])
    /// Complains of what still works but should be changed, once a process.
    static func warn(_ line: String) {
        if warned.withLock({ $0.insert(line).inserted }) { complain("warning: " + line) }
    }
    static func note(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8)[...], to: descriptor) }

    private static func write(_ all: ArraySlice<UInt8>, to descriptor: Int32) {
        var bytes = all
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            if written <= 0 {
                let reason = errno
                if descriptor == STDOUT_FILENO, reason != EPIPE { failure.withLock { $0 = $0 ?? reason } }
                return
            }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Columns that a text takes on a terminal: two for each East Asian wide character.
    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { width, scalar in
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
                0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
                width + 2
            default: scalar.properties.generalCategory == .nonspacingMark ? width : width + 1
            }
        }
    }

    static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - Terminal.width(text)))
        return right ? blanks + text : text + blanks
    }

    /// Aligned columns; those whose header begins with `#` (left out in print) stand to the right.
    static func table(_ header: [String], _ rows: [[String]]) {
        let names = header.map { $0.hasPrefix("#") ? String($0.dropFirst()) : $0 }
        var widths = names.map(width)
        for row in rows { for (column, cell) in row.enumerated() { widths[column] = max(widths[column], width(cell)) } }
        for row in [names] + rows {
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 && !header[column].hasPrefix("#")
                    ? cell : pad(cell, widths[column], right: header[column].hasPrefix("#"))
            }
            say(cells.joined(separator: "  "))
        }
    }

    /// Parts joined by commas, in lines of about this width.
    static func wrapped(_ parts: [String], width limit: Int) -> [String] {
        var lines: [String] = []
        for part in parts {
            if let last = lines.last, width(last) + width(part) + 2 <= limit {
                lines[lines.count - 1] = last + ", " + part
            } else {
                lines.append(part)
            }
        }
        return lines
    }

    /// A moment without parts of a second.
    static func moment(_ instant: Instant) -> String {
        let text = instant.description
        guard let dot = text.firstIndex(of: "."), let zone = text[dot...].firstIndex(where: { "+-Z".contains($0) })
        else { return text }
        return String(text[..<dot] + text[zone...])
    }

    static func grouped(_ number: Int64) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits, at: 0)
        return (number < 0 ? "-" : "") + groups.joined(separator: ",")
    }
}
