import HeatModel
import Records

/// Reads what stands before the records: the preamble and the header.
struct FileHead {
    /// Most columns that a header may name.
    static let mostColumns = 4_096

    var columns: [String]
    /// Where the records start in the window, and on which line.
    var start: Int
    var line: Int64
    /// How the records are split: the stream's rules, and what the file says of itself.
    var rules: SplitRules

    /// Skips the preamble and reads the header, if there is one.
    static func read(_ window: inout TextWindow, _ stream: CSVStream, path: String) throws -> FileHead {
        try window.advance(from: 0)
        var start = 0
        var line: Int64 = 1
        var rules = SplitRules(stream)
        var preamble = stream.preambleLines
        if let delimiter = statedDelimiter(window) {
            rules.delimiter = [delimiter]
            preamble = max(1, preamble)
        }
        for _ in 0..<preamble {
            guard let next = try lineEnd(&window, from: &start, stream.maxRecordBytes) else { break }
            start = next
            line += 1
        }
        guard stream.hasHeader else {
            return FileHead(columns: stream.columns ?? [], start: start, line: line, rules: rules)
        }
        let recordRules = rules
        rules.trailer = []
        rules.trailerWord = []
        rules.nulls = []
        rules.fillsWithNull = false
        // With room for one more, a header that is no ragged record has more than the most.
        var splitter = RecordSplitter(rules: rules, columns: mostColumns + 1)
        splitter.start = start
        splitter.line = line
        splitter.readsHeader = true
        splitter.maxRows = 1
        splitter.validates = true
        func broken(_ code: HearthError.Code, _ message: String, column: Int = 1, advice: String) -> HearthError {
            CSVError.make(code, message, path, line: Int(splitter.line), column: column, advice: advice)
        }
        while true {
            switch splitter.scan(window.text, base: splitter.start, end: window.end, isLast: window.isLast) {
            case .needMore:
                if window.isLast {
                    throw broken(
                        .sourceNoHeader, "the file has no header",
                        advice: "Have the sender write the header also where there are no rows.")
                }
                if window.end - splitter.start > stream.maxRecordBytes {
                    throw broken(
                        .sourceNoHeader, "the header is longer than \(stream.maxRecordBytes) bytes",
                        advice: "Check the stream's delimiter, quote and encoding.")
                }
                try window.advance(from: splitter.start)
                splitter.start = 0
            case .ragged(let found) where found <= mostColumns:
                let columns = try names(&splitter, window.text, found, stream, path)
                var rules = recordRules
                // Columns without a name at the end of the header have nothing in the records either.
                rules.emptyTail = max(rules.emptyTail, found - columns.count)
                if columns.count > 1 {
                    rules.header = Array(
                        UnsafeBufferPointer(
                            start: window.text + splitter.start, count: splitter.recordEnd - splitter.start))
                }
                return FileHead(columns: columns, start: splitter.next, line: splitter.nextLine, rules: rules)
            case .ragged, .full:
                throw broken(
                    .sourceBadHeader, "the header has more than \(mostColumns) columns",
                    advice: "Check the stream's delimiter, or have fewer columns sent.")
            default:
                throw broken(
                    .sourceBadHeader, "the header cannot be read",
                    advice: "Check the stream's delimiter, quote, encoding and preamble.")
            }
        }
    }

    /// The delimiter that a first line of `sep=;` states, as Excel writes and reads it.
    private static func statedDelimiter(_ window: borrowing TextWindow) -> UInt8? {
        let count = min(window.end, 8)
        let head = UnsafeBufferPointer(start: UnsafePointer(window.text), count: count)
        var line = Array(head.prefix { $0 != 10 && $0 != 13 })
        guard line.count < count || window.isLast else { return nil }
        if line.count == 7, line.first == 0x22, line.last == 0x22 { line = Array(line[1..<6]) }
        let prefix = Array("sep=".utf8)
        guard line.count == 5, line.prefix(4).map({ $0 | 0x20 }) == prefix.map({ $0 | 0x20 }) else { return nil }
        let delimiter = line[4]
        let isLetter = 0x61...0x7A ~= delimiter | 0x20 || 0x30...0x39 ~= delimiter
        return delimiter < 0x80 && delimiter != 0x22 && !isLetter ? delimiter : nil
    }

    private static func names(
        _ splitter: inout RecordSplitter, _ text: UnsafePointer<UInt8>, _ found: Int, _ stream: CSVStream,
        _ path: String
    ) throws -> [String] {
        var names: [String] = []
        let fields = splitter.fields
        func name(_ index: Int) -> String {
            let field = fields[index]
            let bytes = UnsafeBufferPointer(start: text + Int(field.offset), count: max(0, Int(field.length)))
            return String(decoding: bytes, as: UTF8.self)
        }
        var seen: Set<String> = []
        var named = found
        while named > 1, name(named - 1).allSatisfy(\.isWhitespace) { named -= 1 }
        for index in 0..<named {
            let field = fields[index]
            let name = name(index)
            var column: Int {
                String(
                    decoding: UnsafeBufferPointer(
                        start: text + splitter.start, count: max(0, Int(field.offset) - splitter.start)), as: UTF8.self
                ).count + 1
            }
            if let problem = HeaderNames.problem(name, at: index, &seen) {
                throw CSVError.make(
                    .sourceBadHeader, problem.message, path, line: Int(splitter.line), column: column,
                    advice: problem.advice)
            }
            names.append(name)
        }
        if let expected = stream.columns, let change = HeaderNames.change(names, expected) {
            throw CSVError.make(
                .sourceHeaderChanged, change, path, line: Int(splitter.line), advice: HeaderNames.changeAdvice)
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
