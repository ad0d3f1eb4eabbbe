/// What went wrong, why, where, and what to do next: the one error type that crosses room borders.
///
/// `description` is safe for a log or a terminal: its maker puts no customer data and no secret into
/// `message`, `place` or `advice`. The underlying `cause` appears only in `debugDescription`.
public struct HearthError: Error, Sendable {
    /// A short, stable, bounded name such as `source.unreachable`, fit for a metrics label and for a program to test.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let name: String
        public init(_ name: String) { self.name = name }
        public var description: String { name }
        /// The part before the first dot: `config`, `source`, `record`, `match`, `store`, `run`, `usage`.
        public var area: Substring { name.prefix { $0 != "." } }
    }

    public var code: Code
    public var message: String
    public var place: Place?
    /// What to do next.
    public var advice: Advice?
    public var cause: (any Error)?

    public init(
        _ code: Code, _ message: String, at place: Place? = nil, advice: Advice? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.place = place
        self.advice = advice
        self.cause = cause
    }

    /// The same with an advice that is plain text.
    public init(
        _ code: Code, _ message: String, at place: Place? = nil, advice: String?, cause: (any Error)? = nil
    ) {
        self.init(code, message, at: place, advice: advice.map { Advice($0) }, cause: cause)
    }
}

extension HearthError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Actions of the advice are in plain words.
    public var description: String { description { $0.description } }

    /// The error as one line, with the advice's actions in a door's own words.
    public func description(naming action: (Advice.Action) -> String) -> String {
        var text = ""
        if let place { text += "\(place): " }
        text += "\(message) [\(code)]"
        if let advice { text += " — \(advice.text(naming: action))" }
        return text
    }

    public var debugDescription: String {
        guard let cause else { return description }
        return "\(description) (cause: \(String(reflecting: cause)))"
    }
}

/// Where in the outside world something stands.
public enum Place: Hashable, Sendable, CustomStringConvertible {
    /// Lines and columns count from 1; a column of 0 means that only the line is known, a line of 0 only the file.
    case file(String, line: Int, column: Int)
    case table(String, key: String?)
    /// The number of the envelope in the pull and of the record in the envelope, both from 1; record 0 is the envelope itself.
    case envelope(String, number: Int, record: Int)
    case address(String)

    public var description: String {
        switch self {
        case .file(let path, let line, let column):
            if line == 0 { return path }
            return column == 0 ? "\(path):\(line)" : "\(path):\(line):\(column)"
        case .table(let name, let key): return key.map { "\(name)[\($0)]" } ?? name
        case .envelope(let name, let number, let record):
            return record == 0 ? "\(name) envelope \(number)" : "\(name) envelope \(number) record \(record)"
        case .address(let address): return address
        }
    }
}
