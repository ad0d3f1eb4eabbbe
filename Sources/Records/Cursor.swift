/// How far a stream has been read. Only the connector that made it understands the text; the store keeps it in the
/// same transaction as the records before it.
public struct Cursor: Hashable, Sendable {
    public let text: String
    public init(_ text: String) { self.text = text }
}
