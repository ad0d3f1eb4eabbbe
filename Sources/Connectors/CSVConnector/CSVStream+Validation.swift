import HeatModel

extension CSVStream {
    /// Throws `config.…` where the options contradict each other.
    package func validate() throws {
        func broken(_ option: String, _ message: String, _ advice: String) -> HearthError {
            HearthError(
                .configCsv, "\(option) \(message)", at: .address("stream \(name), \(option)"),
                advice: advice)
        }
        let special: Set<UInt8> = [10, 13]
        guard let first = delimiter.utf8.first, first < 0x80, !special.contains(first) else {
            throw broken(
                "delimiter", "must begin with an ASCII character other than a line's end", "Use a comma, a tab or |.")
        }
        if let quote {
            guard quote.utf8.count == 1, let byte = quote.utf8.first, byte < 0x80, !special.contains(byte),
                byte != first
            else {
                throw broken("quote", "must be one ASCII character other than the delimiter", "Use \" or none.")
            }
        }
        if let escape {
            guard escape.utf8.count == 1, let byte = escape.utf8.first, byte < 0x80, !special.contains(byte),
                byte != first,
                escape != quote
            else {
                throw broken(
                    "escape", "must be one ASCII character other than the delimiter and the quote", "Use \\ or none.")
            }
        }
        if case .date(let format?) = order, DateFormat(format) == nil {
            throw broken("order", "has a format without a year, or with unknown parts", "Use dd-MM-yyyy or yyyyMMdd.")
        }
        if case .number(let at?) = order, at < 1 {
            throw broken("order", "counts numbers from 1", "Use 1 for the first.")
        }
        if !hasHeader && (columns ?? []).isEmpty {
            throw broken("columns", "are needed where files have no header", "Name them in order.")
        }
        if let columns, Set(columns).count != columns.count {
            throw broken("columns", "hold a name twice", "Give each column a name of its own.")
        }
        if let columns, columns.count > FileHead.mostColumns {
            throw broken("columns", "are more than \(FileHead.mostColumns)", "Split the file.")
        }
        if preambleLines < 0 { throw broken("preambleLines", "must not be negative", "Use 0 for none.") }
        if maxRecordBytes < 1 { throw broken("maxRecordBytes", "must be positive", "Use 1048576.") }
        if let trailer {
            if trailer.prefix.isEmpty { throw broken("trailer", "has no prefix", "State how its line begins.") }
            if (trailer.sumField == nil) != (trailer.sumColumn == nil) {
                throw broken("trailer", "needs sumField and sumColumn together", "State both or none.")
            }
        }
    }
}
