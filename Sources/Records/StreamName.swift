/// A stream of a configured source: `billing.charges`.
public struct StreamName: Hashable, Sendable, CustomStringConvertible {
    public let source: String
    public let stream: String

    public init(source: String, stream: String) {
        self.source = source
        self.stream = stream
    }

    /// Reads `source.stream`; nil where either part is empty.
    public init?(_ text: String) {
        guard let dot = text.firstIndex(of: "."), dot != text.startIndex, text.index(after: dot) != text.endIndex else {
            return nil
        }
        self.init(source: String(text[..<dot]), stream: String(text[text.index(after: dot)...]))
    }

    public var description: String { "\(source).\(stream)" }
}
