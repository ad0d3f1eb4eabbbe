/// A prepared statement of a store's database, used on the thread of its connection. Its parameters are written `?1`, `?2` …, in whatever
/// form the database itself has them; what is bound stays bound until it is bound anew.
package protocol SQLStatement: AnyObject {
    @discardableResult func bind(_ index: Int32, _ value: Int64) -> Self
    @discardableResult func bind(_ index: Int32, _ value: Int64?) -> Self
    /// The bytes must stay where they are until the statement is reset.
    @discardableResult func bind(_ index: Int32, blob bytes: UnsafeRawBufferPointer) -> Self
    /// UTF-8, which must stay where it is until the statement is reset.
    @discardableResult func bind(_ index: Int32, text bytes: UnsafeRawBufferPointer) -> Self
    @discardableResult func bind(_ index: Int32, _ text: String?) -> Self
    @discardableResult func bind(_ index: Int32, blob bytes: [UInt8]?) -> Self

    /// Whether there is a row; after false the statement is reset.
    func step() throws -> Bool
    /// Steps to the end.
    func run() throws
    /// Steps to the end, and returns how many rows that changed.
    func changed() throws -> Int64
    func reset()

    func int(_ column: Int32) -> Int64
    func isNull(_ column: Int32) -> Bool
    /// Valid until the next step or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer
}

extension SQLStatement {
    package func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }
    package func blob(_ column: Int32) -> [UInt8] { Array(bytes(column)) }
    package func optionalBlob(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }
    package func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
    package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
}
