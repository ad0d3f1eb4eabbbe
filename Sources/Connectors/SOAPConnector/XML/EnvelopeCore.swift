import CLibXML2
import Glibc
import Records

/// An element or attribute name as the parser's dictionary holds it: equal names are equal pointers.
struct InternedName {
    var local: UnsafePointer<UInt8>?
    var namespace: UnsafePointer<UInt8>?
    var isAnyNamespace: Bool

    @inline(__always)
    func matches(_ otherLocal: UnsafePointer<UInt8>?, _ otherNamespace: UnsafePointer<UInt8>?) -> Bool {
        local == otherLocal && (isAnyNamespace || namespace == otherNamespace)
    }
}

/// An element below the record that leads to fields. Node 0 is the record itself.
struct RecordNode {
    var name: InternedName
    var firstChild: Int32 = -1
    var nextSibling: Int32 = -1
    /// Index into `nodeFields` and the number of text fields there.
    var textField: Int32 = -1
    var firstAttribute: Int32 = 0
    var attributeCount: Int32 = 0
    /// How often it stood in a record.
    var hits: Int64 = 0
}

/// An attribute that is a field (below the record) or a slot's value (outside of it).
struct AttributeTarget {
    var name: InternedName
    var field: Int32
    var hits: Int64 = 0
}

/// A path outside the records, matched from its end against the open elements.
struct OuterPattern {
    /// `parent` is the element that holds records, `inner` the one whose text is a document.
    enum Kind: UInt8 { case record, slot, reset, parent, inner }
    var kind: Kind
    var isAnchored: Bool
    var hasAttribute: Bool
    var attribute: InternedName
    var firstStep: Int32
    var stepCount: Int32
    /// The slot to fill, or the number of `ups` to forget.
    var slot: Int32
}

/// The bytes of a value found outside the records.
struct SlotValue {
    var bytes = ByteStore(capacity: 64)
    var isNull = true
    /// Whether the element or attribute stood anywhere in the answer.
    var wasFound = false
    /// Records below an ancestor's value that took it.
    var hits: Int64 = 0
    /// The range in the present batch, once a record there has used it.
    var range = ByteRange.none
    var isPlaced = false
    /// Another slot that the same element fills, while it is open; −1 for none.
    var next: Int32 = -1
    /// For an ancestor's value: the field it fills and how far above the record it stands. −1 otherwise.
    var field: Int32 = -1
    var ups: Int32 = 0
}

/// A field that takes what another one of the same path took.
struct TwinField {
    var from: Int32
    var to: Int32
}

/// Everything the parser's callbacks touch, in plain memory: no reference counts, no exclusivity checks.
///
/// It lives behind one pointer that ``SOAPEnvelopeReader`` owns; only the thread inside `read` or `finish` touches it.
struct EnvelopeCore {
    enum Phase: UInt8 { case start, envelope, header, body, record, fault, done }
    enum Bad: UInt8 { case none, encoding, character, repeated, tooLarge, reference, unbound, elsewhere, attachment }

    /// What of an answer is read: all of it; what stands around a document in a text; that document.
    enum Role { case whole, outer, inner }

    /// Names that mean that something stands elsewhere, and namespaces whose attributes say nothing of the answer's meaning.
    struct Foreign {
        var href: UnsafePointer<UInt8>?
        var ref: UnsafePointer<UInt8>?
        var include: UnsafePointer<UInt8>?
        var encoding11: UnsafePointer<UInt8>?
        var encoding12: UnsafePointer<UInt8>?
        var xop: UnsafePointer<UInt8>?
        var schema: UnsafePointer<UInt8>?
        var xml: UnsafePointer<UInt8>?
    }

    /// Where the depth of each part begins: envelope 1, body 2.
    static let bodyDepth: Int32 = 2
    static let noCapture = UInt32.max
    static let sideFlag = UInt32(1) << 31
    static let slotLimit = 65_536

    var parser: xmlParserCtxtPtr
    var owner: Unmanaged<SOAPEnvelopeReader>
    var phase = Phase.start
    var depth: Int32 = 0
    var maxDepth: Int32

    // Names that the envelope itself uses.
    var envelope: UnsafePointer<UInt8>?
    var header: UnsafePointer<UInt8>?
    var body: UnsafePointer<UInt8>?
    var fault: UnsafePointer<UInt8>?
    var soap11: UnsafePointer<UInt8>?
    var soap12: UnsafePointer<UInt8>?
    var schemaInstance: UnsafePointer<UInt8>?
    var nilName: UnsafePointer<UInt8>?

    // Outside the records.
    var stack: UnsafeMutablePointer<InternedName>
    var patterns: UnsafeMutablePointer<OuterPattern>
    var patternCount: Int
    var steps: UnsafeMutablePointer<InternedName>
    var slots: UnsafeMutablePointer<SlotValue>
    var slotCount: Int
    var ancestorSlots = false
    /// The slot whose text is being read, with those behind its `next`, and the depth of their element.
    var openSlot: Int32 = -1
    var openSlotDepth: Int32 = 0

    // What distinguishes an empty answer from a wrong one.
    var role = Role.whole
    var foreign = Foreign()
    var maxAttributes: Int32 = 1000
    /// The record's local name stood in this namespace instead.
    var strangerNamespace: UnsafePointer<UInt8>?
    var sawStranger = false
    var sawBodyChild = false
    var parents: Int64 = 0
    var parentDepth: Int32 = 0
    var successSlot: Int32 = -1
    /// Texts outside of records that are still taken down.
    var outsideLeft: Int32 = 64
    var hasOutsideText = false
    /// Depth of the element whose text is a document, while it is open.
    var innerDepth: Int32 = 0
    /// Where the first bare `&` stands that no record has answered for.
    var nextBare = Int.max

    // Records that are read without the parser: ``PlainRecords``.
    var passedOver = 0
    /// Where such a record is being read; −1 elsewhere.
    var plainAt = -1
    var isLearning = false
    var knowsRecord = false
    /// The element that begins means a record, and to no other path anything.
    var isRecordAlone = false

    // Inside a record.
    var nodes: UnsafeMutablePointer<RecordNode>
    var attributes: UnsafeMutablePointer<AttributeTarget>
    var twins: UnsafeMutablePointer<TwinField>
    var twinCount: Int
    var nodeStack: UnsafeMutablePointer<Int32>
    var startStack: UnsafeMutablePointer<UInt32>
    var level: Int32 = 0
    var skip: Int32 = 0
    var capturing: Int32 = 0
    var recordStart = 0
    var recordBytesStart = 0
    var row: UnsafeMutablePointer<ByteRange>
    var bad = Bad.none
    var badField: Int32 = -1
    var recordsFound: Int64 = 0
    var maxRecordBytes: Int

    // The batch.
    var columnCount: Int
    var bytes: ByteStore
    var side: ByteStore
    var fields: UnsafeMutablePointer<ByteRange>
    var ordinals: UnsafeMutablePointer<Int64>
    var rows = 0
    var rowCapacity: Int
    var defects = 0
    var batchRows: Int
    var batchBytes: Int
    var remaining = Int.max
    var handedOver = 0
    var trims: Bool

    /// How a field takes a second occurrence: 0 reject, 1 first, 2 last, 3 join.
    var repeated: UnsafeMutablePointer<UInt8>

    @inline(__always)
    var isBatchFull: Bool { rows + defects >= batchRows || bytes.count >= batchBytes }
}
