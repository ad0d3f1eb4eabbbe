import HeatModel
import Records

/// Fills one batch after another of one origin and hands them over.
struct BatchBuilder: ~Copyable {
    /// Where they are known only once something was read, set before the first record.
    var columns: [String]
    private let origin: Origin
    private let request: PullRequest
    private let deliver: ((consuming RawBatch) throws -> Void)?
    private var bytes: [UInt8] = []
    private var fields: [ByteRange] = []
    private var ordinals: [Int64] = []
    private var defects: [RecordDefect] = []
    private var defectBytes = 0
    private let byteRoom: Int
    private(set) var records: Int64 = 0

    /// Without `deliver` it only counts.
    init(
        columns: [String], origin: Origin, request: PullRequest, deliver: ((consuming RawBatch) throws -> Void)?
    ) {
        self.columns = columns
        self.origin = origin
        self.request = request
        self.deliver = deliver
        byteRoom = min(max(request.batchBytes, 1), 1 << 30)
    }

    var base: Int { deliver == nil ? 0 : bytes.count }
    private var batchRecords: Int { ordinals.count + defects.count }
    var rowsLeft: Int { deliver == nil ? Int.max : max(1, request.batchRows) - batchRecords }
    var bytesLeft: Int { deliver == nil ? 1 << 30 : byteRoom - bytes.count - defectBytes }
    var isEmpty: Bool { batchRecords == 0 }

    mutating func append(
        text: UnsafeBufferPointer<UInt8>, fields newFields: UnsafeBufferPointer<ByteRange>,
        ordinals newOrdinals: UnsafeBufferPointer<Int64>
    ) {
        records += Int64(newOrdinals.count)
        if deliver == nil { return }
        if bytes.capacity == 0 {
            bytes.reserveCapacity(min(byteRoom, Int(origin.byteCount ?? 0) * 2, 8 << 20))
            fields.reserveCapacity(min(request.batchRows, byteRoom / 16, 1 << 16) * columns.count)
            ordinals.reserveCapacity(min(request.batchRows, 1 << 16))
        }
        bytes.append(contentsOf: text)
        fields.append(contentsOf: newFields)
        ordinals.append(contentsOf: newOrdinals)
    }

    mutating func append(_ defect: RecordDefect) {
        records += 1
        if deliver == nil { return }
        defectBytes += defect.raw.count
        defects.append(defect)
    }

    /// Hands over what there is, and starts the next batch.
    mutating func flush(endsOrigin: Bool) throws {
        guard let deliver else { return }
        if request.isCancelled() { throw CSVError.cancelled }
        let batch = RawBatch(
            columns: columns, origin: origin, bytes: bytes, fields: fields, ordinals: ordinals, defects: defects,
            endsOrigin: endsOrigin)
        bytes = []
        fields = []
        ordinals = []
        defects = []
        defectBytes = 0
        try deliver(batch)
    }
}
