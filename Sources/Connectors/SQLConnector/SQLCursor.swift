import Foundation
import HeatModel
import Records

/// Where a stream with a cursor column stands, as the JSON text of a ``Cursor``.
///
/// A stream is first loaded in the order of its key (`after` is the last key read, `high` the greatest cursor value in the
/// snapshot of the first pull), then followed by its cursor column (`from` is the last value seen).
struct SQLCursor: Codable, Equatable {
    enum Phase: String, Codable { case load, follow }

    var v = 1
    var phase: Phase
    var after: [String]?
    var high: String?
    var from: String?
    /// `trimmed` where the key has columns of `char(n)`, whose blanks stood in the keys of records that earlier versions pulled.
    var keys: String?
    /// Of a load the types of the key's columns: in the order of another type `after` stands elsewhere.
    var types: [String]?
    /// Rows by which the next pull sees whether the table is still the same.
    var witness: CursorWitness?

    /// The load as it goes on under a key of these types: from the begin where they are others by now.
    func loading(by types: [String]) -> SQLCursor {
        var cursor = self
        if let before = self.types, before != types { cursor.after = nil }
        cursor.types = types
        return cursor
    }

    static func load(after: [String]?, high: String?) -> SQLCursor { SQLCursor(phase: .load, after: after, high: high) }
    static func follow(from: String?) -> SQLCursor { SQLCursor(phase: .follow, from: from) }

    /// - Throws: ``HearthError`` `source.badCursor` when the text is not one of ours or does not fit the stream's key.
    static func read(_ cursor: Cursor, keyCount: Int, place: Place) throws -> SQLCursor {
        guard let read = try? JSONDecoder().decode(SQLCursor.self, from: Data(cursor.text.utf8)), read.v == 1,
            read.after.map({ $0.count == keyCount }) ?? true
        else {
            throw HearthError(
                .sourceBadCursor, "the stored cursor does not fit this stream", at: place,
                advice: "If the stream's key or driver was changed, pull it once in full.")
        }
        return read
    }

    func written() -> Cursor {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(self)) ?? Data()
        return Cursor(String(decoding: data, as: UTF8.self))
    }
}
