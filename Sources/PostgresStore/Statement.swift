import CLibPQ
import HeatModel
import StoreSQL

/// A prepared statement: parameters and columns go as PostgreSQL's binary forms. It is prepared when it is first run, with the types of what
/// is bound then.
final class Statement: SQLStatement {
    /// The numbers of types in PostgreSQL's catalogue.
    enum Kind: UInt32 {
        case integer = 20
        case bytes = 17
        case text = 25
        case integers = 1016
        case byteStrings = 1001
        case texts = 1009
    }

    private struct Parameter {
        var kind = Kind.integer
        var isNull = true
        var number: Int64 = 0
        var bytes: [UInt8] = []
    }

    private unowned let connection: Connection
    private let sql: String
    private var parameters: [Parameter] = []
    private var prepared: (name: String, kinds: [Kind])?
    private var result: OpaquePointer?
    private var row: Int32 = -1
    private var count: Int32 = 0
    /// Name of the open cursor, and whether it may have more.
    private var cursor: String?
    private let isScan: Bool
    /// Rows of a cursor that are fetched at once.
    private static let rowsAtOnce = 1000

    init(_ connection: Connection, _ sql: String, isScan: Bool = false) {
        self.connection = connection
        self.sql = sql.replacing(/\?(\d+)/) { "$\($0.1)" }
        self.isScan = isScan
    }

    deinit { PQclear(result) }

    // MARK: Binding

    private func set(_ index: Int32, _ kind: Kind, _ change: (inout Parameter) -> Void) {
        let place = Int(index) - 1
        while parameters.count <= place { parameters.append(Parameter()) }
        parameters[place].kind = kind
        parameters[place].isNull = false
        change(&parameters[place])
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Self {
        set(index, .integer) { $0.number = value }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Self {
        set(index, .integer) {
            $0.number = value ?? 0
            $0.isNull = value == nil
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, blob bytes: UnsafeRawBufferPointer) -> Self {
        set(index, .bytes) { $0.bytes = Array(bytes) }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, text bytes: UnsafeRawBufferPointer) -> Self {
        set(index, .text) { $0.bytes = Self.storable(bytes) }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ text: String?) -> Self {
        set(index, .text) {
            $0.isNull = text == nil
            if var text { $0.bytes = text.withUTF8 { Self.storable(UnsafeRawBufferPointer($0)) } }
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, blob bytes: [UInt8]?) -> Self {
        set(index, .bytes) {
            $0.isNull = bytes == nil
            $0.bytes = bytes ?? []
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ list: ListParameter) -> Self {
        set(index, list.kind) { $0.bytes = list.encoded }
        return self
    }

    /// PostgreSQL's texts hold every character but NUL, which becomes the sign for what cannot be shown; and only whole UTF-8.
    static func storable(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        if !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil { return Array(bytes) }
        return Array(String(decoding: bytes, as: UTF8.self).replacing("\0", with: "\u{FFFD}").utf8)
    }

    // MARK: Running

    func step() throws -> Bool {
        if result == nil { try start() }
        row += 1
        if row >= count, cursor != nil { try fetch() }
        if row < count { return true }
        reset()
        return false
    }

    func run() throws {
        if result == nil { try start() }
        reset()
    }

    func changed() throws -> Int64 {
        if result == nil { try start() }
        defer { reset() }
        return PQcmdTuples(result).flatMap { Int64(String(cString: $0)) } ?? 0
    }

    func reset() {
        PQclear(result)
        result = nil
        row = -1
        count = 0
        if let cursor {
            self.cursor = nil
            // Where the transaction has failed it is gone already.
            _ = try? connection.execute("CLOSE \(cursor)")
        }
    }

    private func start() throws {
        if isScan, connection.isInTransaction {
            let name = connection.newName()
            let opened = try send { values, lengths, formats, kinds in
                PQsendQueryParams(
                    connection.handle, "DECLARE \(name) NO SCROLL CURSOR FOR \(sql)", Int32(parameters.count), kinds,
                    values, lengths, formats, 1)
            }
            PQclear(opened)
            cursor = name
            row = 0
            try fetch()
            row = -1
            return
        }
        let kinds = parameters.map(\.kind)
        if prepared?.kinds != kinds {
            let name = connection.newName()
            let made = connection.answer(
                sent: kinds.map(\.rawValue).withUnsafeBufferPointer {
                    PQsendPrepare(connection.handle, name, sql, Int32(kinds.count), $0.baseAddress)
                })
            defer { PQclear(made) }
            guard PQresultStatus(made) == PGRES_COMMAND_OK else {
                throw connection.failure(made)
            }
            prepared = (name, kinds)
        }
        guard let name = prepared?.name else { return }
        result = try send { values, lengths, formats, _ in
            PQsendQueryPrepared(connection.handle, name, Int32(parameters.count), values, lengths, formats, 1)
        }
        row = -1
        count = PQntuples(result)
    }

    private func fetch() throws {
        guard let cursor else { return }
        PQclear(result)
        result = nil
        let fetch = "FETCH \(Self.rowsAtOnce) FROM \(cursor)"
        result = connection.answer(sent: PQsendQueryParams(connection.handle, fetch, 0, nil, nil, nil, nil, 1))
        guard PQresultStatus(result) == PGRES_TUPLES_OK else { throw connection.failure(result) }
        row = 0
        count = PQntuples(result)
    }

    /// Lays the parameters side by side, and hands out where they are.
    private func send(
        _ call: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?, UnsafePointer<Oid>?
        ) -> Int32
    ) throws -> OpaquePointer? {
        var memory: [UInt8] = []
        memory.reserveCapacity(parameters.reduce(8) { $0 + max($1.bytes.count, 8) })
        var places: [Int?] = []
        var lengths: [Int32] = []
        for parameter in parameters {
            places.append(parameter.isNull ? nil : memory.count)
            let start = memory.count
            if parameter.kind == .integer {
                withUnsafeBytes(of: parameter.number.bigEndian) { memory.append(contentsOf: $0) }
            } else {
                memory.append(contentsOf: parameter.bytes)
            }
            lengths.append(Int32(memory.count - start))
        }
        memory.append(0)
        let formats = [Int32](repeating: 1, count: parameters.count)
        let kinds = parameters.map(\.kind.rawValue)
        let isSent = memory.withUnsafeBytes { memory in
            let base = memory.baseAddress!.assumingMemoryBound(to: CChar.self)
            return call(places.map { $0.map { base + $0 } }, lengths, formats, kinds)
        }
        let answer = connection.answer(sent: isSent)
        let status = PQresultStatus(answer)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            defer { PQclear(answer) }
            throw connection.failure(answer)
        }
        return answer
    }

    // MARK: Columns

    func isNull(_ column: Int32) -> Bool { PQgetisnull(result, row, column) == 1 }

    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    }

    /// Of the binary forms of bigint, integer, smallint and boolean; 0 for NULL.
    func int(_ column: Int32) -> Int64 {
        let bytes = bytes(column)
        switch bytes.count {
        case 8: return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case 4: return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case 2: return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case 1: return Int64(bytes[0])
        default: return 0
        }
    }
}

/// An array of one dimension in PostgreSQL's binary form: many rows' values as one parameter.
struct ListParameter {
    let kind: Statement.Kind
    private(set) var count: Int32 = 0
    private var hasNull = false
    private var bytes: [UInt8] = []

    init(_ kind: Statement.Kind) { self.kind = kind }

    static func numbers(_ numbers: some Sequence<Int64>) -> ListParameter {
        var list = ListParameter(.integers)
        for number in numbers { list.append(number) }
        return list
    }

    static func texts(_ texts: some Sequence<String>) -> ListParameter {
        var list = ListParameter(.texts)
        for text in texts { list.append(text) }
        return list
    }

    mutating func append(_ number: Int64?) {
        guard let number else { return appendNull() }
        append(length: 8)
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ part: UnsafeRawBufferPointer) {
        append(length: Int32(part.count))
        bytes.append(contentsOf: part)
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }

    mutating func append(text: UnsafeRawBufferPointer) {
        let part = Statement.storable(text)
        append(length: Int32(part.count))
        bytes.append(contentsOf: part)
    }

    mutating func appendNull() {
        hasNull = true
        append(length: -1)
    }

    private mutating func append(length: Int32) {
        count += 1
        withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Dimensions, whether there are NULLs, the elements' type, their count, the first index; then each with its length.
    var encoded: [UInt8] {
        let element: Statement.Kind =
            switch kind {
            case .texts: .text
            case .byteStrings: .bytes
            default: .integer
            }
        let head = [count == 0 ? 0 : 1, hasNull ? 1 : 0, Int32(element.rawValue)] + (count == 0 ? [] : [count, 1])
        var encoded: [UInt8] = []
        encoded.reserveCapacity(20 + bytes.count)
        for number in head { withUnsafeBytes(of: number.bigEndian) { encoded.append(contentsOf: $0) } }
        return encoded + bytes
    }
}
