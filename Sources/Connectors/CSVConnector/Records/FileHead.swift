import HeatModel
import Records

/// Reads what stands before the records: the preamble and the header.
enum FileHead {
    /// Most columns that a header may name.
    static let mostColumns = 4_096

    /// Skips the preamble and reads the header, if there is one.
    /// - Returns: the columns, where the records start in the window, and on which line.
    static func read(
        _ window: inout TextWindow, _ stream: CSVStream, path: String
    ) throws -> (columns: [String], start: Int, line: Int64) {
        try window.advance(from: 0)
        var start = 0
        var line: Int64 = 1
        for _ in 0..<stream.preambleLines {
            guard let next = try lineEnd(&window, from: &start, stream.maxRecordBytes) else { break }
            start = next
            line += 1
        }
        guard stream.hasHeader else { return (stream.columns ?? [], start, line) }

        var rules = SplitRules(stream)
        rules.trailer = []
        rules.nulls = []
        rules.fillsWithNull = false
        var splitter = RecordSplitter(rules: rules, columns: mostColumns)
        splitter.start = start
        splitter.line = line
        splitter.readsHeader = true
        splitter.maxRows = 1
        splitter.validates = true
        func broken(_ code: String, _ message: String, column: Int = 1, advice: String) -> HearthError {
            CSVError.make(code, message, path, line: Int(splitter.line), column: column, advice: advice)
        }
        while true {
            switch splitter.scan(window.text, base: splitter.start, end: window.end, isLast: window.isLast) {
            case .needMore:
                if window.isLast {
                    throw broken(
                        "source.noHeader", "the file has no header",
                        advice: "Have the sender write the header also where there are no rows.")
                }
                if window.end - splitter.start > stream.maxRecordBytes {
                    throw broken(
                        "source.noHeader", "the header is longer than \(stream.maxRecordBytes) bytes",
                        advice: "Check the stream's delimiter, quote and encoding.")
                }
                try window.advance(from: splitter.start)
                splitter.start = 0
            case .ragged(let found):
                let columns = try names(&splitter, window.text, found, stream, path)
                return (columns, splitter.next, splitter.nextLine)
            default:
                throw broken(
                    "source.badHeader", "the header cannot be read",
                    advice: "Check the stream's delimiter, quote, encoding and preamble.")
            }
        }
    }

    private static func names(
        _ splitter: inout RecordSplitter, _ text: UnsafePointer<UInt8>, _ found: Int, _ stream: CSVStream,
        _ path: String
    ) throws -> [String] {
        var names: [String] = []
        for index in 0..<min(found, mostColumns) {
            let field = splitter.fields[index]
            let bytes = UnsafeBufferPointer(start: text + Int(field.offset), count: max(0, Int(field.length)))
            let name = String(decoding: bytes, as: UTF8.self)
            let column =
                String(
                    decoding: UnsafeBufferPointer(
                        start: text + splitter.start, count: max(0, Int(field.offset) - splitter.start)), as: UTF8.self
                ).count + 1
            func broken(_ code: String, _ message: String) -> HearthError {
                CSVError.make(
                    code, message, path, line: Int(splitter.line), column: column,
                    advice: "Have the sender name the columns, or configure `columns` and the preamble.")
            }
            if name.allSatisfy(\.isWhitespace) { throw broken("source.badHeader", "column \(index + 1) has no name") }
            if names.contains(name) {
                throw broken("source.badHeader", "column \(index + 1) has the name of an earlier one: \(name)")
            }
            names.append(name)
        }
        if let expected = stream.columns, expected != names {
            let index = zip(expected, names).prefix { $0 == $1 }.count
            throw CSVError.make(
                "source.headerChanged",
                "column \(index + 1) is \(index < names.count ? names[index] : "missing"), expected "
                    + (index < expected.count ? expected[index] : "none"), path, line: Int(splitter.line),
                advice: "Change the stream's `columns` and its mapping, or have the file sent as agreed.")
        }
        return names
    }

    /// Where the line after the one at `start` begins; nil where there is none.
    private static func lineEnd(_ window: inout TextWindow, from start: inout Int, _ most: Int) throws -> Int? {
        var at = start
        while true {
            while at < window.end && window.text[at] != 10 && window.text[at] != 13 { at += 1 }
            // A CR at the end of the window may have its LF beyond it.
            if at + 1 < window.end || (window.isLast && at < window.end) {
                return at + (window.text[at] == 13 && at + 1 < window.end && window.text[at + 1] == 10 ? 2 : 1)
            }
            if window.isLast {
                start = window.end
                return nil
            }
            try window.advance(from: at)
            start = 0
            at = 0
        }
    }
}
