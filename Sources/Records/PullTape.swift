import HeatModel

/// What is needed beside the bytes of a file, an envelope or a result to read it again.
public struct PulledPiece: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
        /// A file, byte for byte.
        case file
        /// The body of one answer, decompressed where it came compressed.
        case envelope
        /// Rows in the text format of PostgreSQL's COPY, one a line.
        case rows
    }

    public var kind: Kind
    /// As the origin is named.
    public var name: String
    /// Names of the columns, where the bytes do not tell them.
    public var columns: [String]
    /// What only the connector that pulled it understands.
    public var facts: [String: String]

    public init(kind: Kind, name: String, columns: [String] = [], facts: [String: String] = [:]) {
        self.kind = kind
        self.name = name
        self.columns = columns
        self.facts = facts
    }
}

/// Takes down the exact bytes of a pull, as they come from the system. Used by the pull's thread alone.
///
/// All bytes that a batch is made from, and all before them, are written before the batch is delivered.
public protocol PullTape: Sendable {
    /// Begins a file, an envelope or a result. One that was not ended was broken off.
    func begin(_ piece: PulledPiece) throws
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// The piece came to its end.
    func end() throws
}

/// What a tape has taken down, piece by piece. Used by one thread.
public protocol PulledPieces: AnyObject {
    /// The next piece, nil after the last. What was not read of the one before is passed over.
    func next() throws -> PulledPiece?
    /// The next bytes of the piece; 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
    /// Whether the piece came to its end when it was pulled.
    var isWhole: Bool { get }
}

extension Connector {
    public func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        throw HearthError(
            .sourceCannotReplay, "source \(source) cannot read again what it has pulled", at: .address(source))
    }
}
