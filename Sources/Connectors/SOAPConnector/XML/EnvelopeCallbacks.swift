import CLibXML2
import Glibc
import Records

// The parser's callbacks. Whatever is rare goes to the reader (`owner`), which may allocate; the rest works on the core alone.

typealias XMLText = UnsafePointer<xmlChar>
typealias XMLAttributes = UnsafeMutablePointer<UnsafePointer<xmlChar>?>

func envelopeStartElement(
    _ context: UnsafeMutableRawPointer?, _ local: XMLText?, _ prefix: XMLText?, _ namespace: XMLText?,
    _ namespaceCount: Int32,
    _ namespaces: XMLAttributes?, _ attributeCount: Int32, _ defaulted: Int32, _ attributes: XMLAttributes?
) {
    let core = context.unsafelyUnwrapped.assumingMemoryBound(to: EnvelopeCore.self)
    core.pointee.depth += 1
    if attributeCount &+ namespaceCount > core.pointee.maxAttributes {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.stopTooManyAttributes() }
        return
    }
    if core.pointee.phase == .record {
        if core.pointee.isLearning, let local {
            core.pointee.owner._withUnsafeGuaranteedRef {
                $0.plain?.learn(
                    local, prefix, namespace, namespaces: namespaceCount, attributes: attributeCount, attributes)
            }
        }
        if core.pointee.skip > 0 {
            core.pointee.skip += 1
            if core.pointee.depth > core.pointee.maxDepth {
                core.pointee.owner._withUnsafeGuaranteedRef { $0.stopTooDeep() }
            }
            return
        }
        let nodes = core.pointee.nodes
        var child = nodes[Int(core.pointee.nodeStack[Int(core.pointee.level)])].firstChild
        while child >= 0, !nodes[Int(child)].name.matches(local, namespace) { child = nodes[Int(child)].nextSibling }
        if child < 0 {
            if local == core.pointee.foreign.include, namespace == core.pointee.foreign.xop {
                markBad(core, .attachment)
            }
            core.pointee.skip = 1
            return
        }
        core.pointee.level += 1
        openNode(core, child, attributeCount, attributes)
        return
    }
    startOutside(core, local, namespace, attributeCount, attributes)
    if core.pointee.plainAt >= 0 { return }
    let isRecord = core.pointee.phase == .record
    guard isRecord || core.pointee.knowsRecord, let local else { return }
    core.pointee.owner._withUnsafeGuaranteedRef {
        if isRecord {
            $0.recordBegins(local, prefix, namespace, namespaceCount, attributeCount, attributes)
        } else {
            $0.forgetRecord()
        }
    }
}

func envelopeEndElement(
    _ context: UnsafeMutableRawPointer?, _ local: XMLText?, _ prefix: XMLText?, _ namespace: XMLText?
) {
    let core = context.unsafelyUnwrapped.assumingMemoryBound(to: EnvelopeCore.self)
    core.pointee.depth -= 1
    if core.pointee.phase == .record {
        if core.pointee.skip > 0 {
            core.pointee.skip -= 1
            return
        }
        closeNode(core)
        if core.pointee.level == 0 {
            if core.pointee.isLearning { core.pointee.owner._withUnsafeGuaranteedRef { $0.recordIsLearned() } }
            endRecord(core)
        } else {
            core.pointee.level -= 1
        }
        return
    }
    endOutside(core)
    if core.pointee.knowsRecord { core.pointee.owner._withUnsafeGuaranteedRef { $0.forgetRecord() } }
}

func envelopeCharacters(_ context: UnsafeMutableRawPointer?, _ text: XMLText?, _ length: Int32) {
    let core = context.unsafelyUnwrapped.assumingMemoryBound(to: EnvelopeCore.self)
    if core.pointee.capturing > 0 {
        if core.pointee.bad == .tooLarge { return }
        core.pointee.bytes.append(text.unsafelyUnwrapped, Int(length))
    } else if core.pointee.openSlot >= 0 {
        appendSlot(core, text.unsafelyUnwrapped, Int(length))
    } else if core.pointee.phase == .body {
        textOutside(core, text.unsafelyUnwrapped, Int(length))
    } else if core.pointee.phase == .fault {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.faultText(text.unsafelyUnwrapped, Int(length)) }
    }
}

/// Attribute values outside of records and the texts of slots are few and bounded.
private func appendSlot(_ core: UnsafeMutablePointer<EnvelopeCore>, _ text: XMLText, _ length: Int) {
    var index = core.pointee.openSlot
    while index >= 0 {
        let slot = core.pointee.slots + Int(index)
        if slot.pointee.bytes.count + length <= EnvelopeCore.slotLimit { slot.pointee.bytes.append(text, length) }
        index = slot.pointee.next
    }
}

// MARK: Inside a record

@inline(__always)
private func openNode(
    _ core: UnsafeMutablePointer<EnvelopeCore>, _ node: Int32, _ attributeCount: Int32, _ attributes: XMLAttributes?
) {
    let level = Int(core.pointee.level)
    core.pointee.nodeStack[level] = node
    let it = core.pointee.nodes + Int(node)
    it.pointee.hits &+= 1
    var isNil = false
    if attributeCount > 0 { isNil = takeAttributes(core, it, attributeCount, attributes.unsafelyUnwrapped) }
    let field = it.pointee.textField
    var start = EnvelopeCore.noCapture
    if field >= 0 && !isNil {
        start = UInt32(truncatingIfNeeded: core.pointee.bytes.count)
        if !core.pointee.row[Int(field)].isNone { start = repeatedField(core, field, start) }
        if start != EnvelopeCore.noCapture { core.pointee.capturing += 1 }
    }
    core.pointee.startStack[level] = start
}

@inline(__always)
private func closeNode(_ core: UnsafeMutablePointer<EnvelopeCore>) {
    let level = Int(core.pointee.level)
    let start = core.pointee.startStack[level]
    if start == EnvelopeCore.noCapture { return }
    core.pointee.capturing -= 1
    let field = Int(core.pointee.nodes[Int(core.pointee.nodeStack[level])].textField)
    let length = core.pointee.bytes.count - Int(start)
    var range = ByteRange(offset: start, length: Int32(truncatingIfNeeded: length))
    if core.pointee.trims { range = trimmed(core.pointee.bytes.start, range) }
    core.pointee.row[field] = range
}

private func trimmed(_ bytes: UnsafeMutablePointer<UInt8>, _ range: ByteRange) -> ByteRange {
    var offset = Int(range.offset)
    var end = offset + Int(range.length)
    while offset < end, bytes[offset] <= 0x20 { offset += 1 }
    while end > offset, bytes[end - 1] <= 0x20 { end -= 1 }
    return ByteRange(offset: UInt32(offset), length: Int32(end - offset))
}

/// Where the text of a second occurrence begins, or `noCapture` if it is not taken.
@inline(never)
private func repeatedField(_ core: UnsafeMutablePointer<EnvelopeCore>, _ field: Int32, _ start: UInt32) -> UInt32 {
    switch core.pointee.repeated[Int(field)] {
    case 1: return EnvelopeCore.noCapture
    case 2: return start
    case 3:
        let old = core.pointee.row[Int(field)]
        let text = core.pointee.bytes.slice(Int(old.offset)..<Int(old.offset) + Int(old.length))
        core.pointee.bytes.append(text)
        core.pointee.bytes.append(core.pointee.owner._withUnsafeGuaranteedRef { $0.separator(of: field) })
        return start
    default:
        markBad(core, .repeated)
        core.pointee.badField = field
        return EnvelopeCore.noCapture
    }
}

func markBad(_ core: UnsafeMutablePointer<EnvelopeCore>, _ bad: EnvelopeCore.Bad) {
    if core.pointee.bad == .none || bad == .tooLarge { core.pointee.bad = bad }
}

/// Takes the attributes that are fields; true if `xsi:nil` says that the element is NULL.
private func takeAttributes(
    _ core: UnsafeMutablePointer<EnvelopeCore>, _ node: UnsafeMutablePointer<RecordNode>, _ count: Int32,
    _ list: XMLAttributes
) -> Bool {
    var isNil = false
    for index in 0..<Int(count) {
        let local = list[index * 5]
        let namespace = list[index * 5 + 2]
        let first = Int(node.pointee.firstAttribute)
        var target = first
        var isTaken = false
        while target < first + Int(node.pointee.attributeCount) {
            let wanted = core.pointee.attributes + target
            target += 1
            guard wanted.pointee.name.matches(local, namespace), let value = list[index * 5 + 3],
                let end = list[index * 5 + 4]
            else { continue }
            isTaken = true
            wanted.pointee.hits &+= 1
            let (plain, length) = attributeValue(core, value, end - value)
            takeAttribute(core, wanted.pointee.field, plain, length)
        }
        if local == core.pointee.nilName, namespace == core.pointee.schemaInstance { isNil = isXMLTrue(list, index) }
        if !isTaken, pointsElsewhere(core, local, namespace, list[index * 5 + 3]) { markBad(core, .elsewhere) }
    }
    return isNil
}

@inline(__always)
func attributeValue(_ core: UnsafeMutablePointer<EnvelopeCore>, _ value: XMLText, _ length: Int) -> (XMLText, Int) {
    if memchr(value, 0x26, length) == nil { return (value, length) }
    return core.pointee.owner._withUnsafeGuaranteedRef { $0.plainAttribute(value, length) }
}

private func takeAttribute(_ core: UnsafeMutablePointer<EnvelopeCore>, _ field: Int32, _ value: XMLText, _ length: Int)
{
    if core.pointee.bad == .tooLarge { return }
    let field = Int(field)
    let old = core.pointee.row[field]
    if !old.isNone {
        switch core.pointee.repeated[field] {
        case 1: return
        case 2: break
        case 3:
            // The joined text goes where the texts of attributes inside captured elements go.
            let isSide = old.offset & EnvelopeCore.sideFlag != 0
            let from = Int(old.offset & ~EnvelopeCore.sideFlag)
            let text = (isSide ? core.pointee.side : core.pointee.bytes).slice(from..<from + Int(old.length))
            let offset = core.pointee.side.count
            core.pointee.side.append(text)
            core.pointee.side.append(core.pointee.owner._withUnsafeGuaranteedRef { $0.separator(of: Int32(field)) })
            core.pointee.side.append(value, length)
            core.pointee.row[field] = ByteRange(
                offset: UInt32(offset) | EnvelopeCore.sideFlag, length: Int32(core.pointee.side.count - offset))
            return
        default:
            markBad(core, .repeated)
            core.pointee.badField = Int32(field)
            return
        }
    }
    if core.pointee.capturing == 0 {
        core.pointee.row[field] = ByteRange(offset: UInt32(core.pointee.bytes.count), length: Int32(length))
        core.pointee.bytes.append(value, length)
    } else {
        core.pointee.row[field] = ByteRange(
            offset: UInt32(core.pointee.side.count) | EnvelopeCore.sideFlag, length: Int32(length))
        core.pointee.side.append(value, length)
    }
}

/// `href="#id"` of SOAP 1.1's encoding, `enc:ref="id"` of 1.2's: the content stands in another element.
private func pointsElsewhere(
    _ core: UnsafeMutablePointer<EnvelopeCore>, _ local: XMLText?, _ namespace: XMLText?, _ value: XMLText?
) -> Bool {
    if local == core.pointee.foreign.href, namespace == nil { return value?.pointee == 0x23 }
    return local == core.pointee.foreign.ref && namespace != nil && namespace == core.pointee.foreign.encoding12
}

private func isXMLTrue(_ list: XMLAttributes, _ index: Int) -> Bool {
    guard let value = list[index * 5 + 3], let end = list[index * 5 + 4] else { return false }
    let length = end - value
    return (length == 1 && value[0] == 0x31) || (length == 4 && memcmp(value, "true", 4) == 0)
}

func beginRecord(_ core: UnsafeMutablePointer<EnvelopeCore>, _ attributeCount: Int32, _ attributes: XMLAttributes?) {
    if core.pointee.isBatchFull { core.pointee.owner._withUnsafeGuaranteedRef { $0.flush() } }
    core.pointee.phase = .record
    core.pointee.recordsFound += 1
    core.pointee.recordStart = startOfTag(core)
    core.pointee.level = 0
    core.pointee.skip = 0
    core.pointee.capturing = 0
    core.pointee.bad = .none
    core.pointee.side.count = 0
    if core.pointee.rows == core.pointee.rowCapacity { core.pointee.owner._withUnsafeGuaranteedRef { $0.growRows() } }
    let columns = core.pointee.columnCount
    let row = core.pointee.fields + core.pointee.rows * columns
    core.pointee.row = row
    for index in 0..<columns { row[index] = .none }
    if core.pointee.ancestorSlots { placeAncestors(core) }
    core.pointee.recordBytesStart = core.pointee.bytes.count
    openNode(core, 0, attributeCount, attributes)
}

/// Ancestors' values stand once in a batch; every record below them points there.
func placeAncestors(_ core: UnsafeMutablePointer<EnvelopeCore>) {
    for index in 0..<core.pointee.slotCount {
        let slot = core.pointee.slots + index
        guard slot.pointee.field >= 0, !slot.pointee.isNull else { continue }
        if !slot.pointee.isPlaced {
            let length = slot.pointee.bytes.count
            var range = ByteRange(offset: UInt32(core.pointee.bytes.count), length: Int32(length))
            core.pointee.bytes.append(slot.pointee.bytes.start, length)
            if core.pointee.trims { range = trimmed(core.pointee.bytes.start, range) }
            slot.pointee.range = range
            slot.pointee.isPlaced = true
        }
        slot.pointee.hits &+= 1
        core.pointee.row[Int(slot.pointee.field)] = slot.pointee.range
    }
}

/// The parser stands behind the attributes of a start tag, none of which can hold a `<`.
@inline(__always)
private func startOfTag(_ core: UnsafeMutablePointer<EnvelopeCore>) -> Int {
    if core.pointee.plainAt >= 0 { return core.pointee.plainAt }
    let input = core.pointee.parser.pointee.input.unsafelyUnwrapped
    let base = input.pointee.base.unsafelyUnwrapped
    var at = input.pointee.cur.unsafelyUnwrapped
    while at > base, at.pointee != 0x3C { at -= 1 }
    return Int(input.pointee.consumed) + (at - base) + core.pointee.passedOver
}

/// How many bytes of UTF-8 have been read.
@inline(__always)
func position(_ core: UnsafeMutablePointer<EnvelopeCore>) -> Int {
    core.pointee.plainAt >= 0
        ? core.pointee.plainAt : XMLPush.position(core.pointee.parser) + core.pointee.passedOver
}

@inline(__always)
private func endRecord(_ core: UnsafeMutablePointer<EnvelopeCore>) {
    core.pointee.phase = .body
    let length = position(core) - core.pointee.recordStart
    if length > core.pointee.maxRecordBytes { markBad(core, .tooLarge) }
    if core.pointee.nextBare < core.pointee.recordStart + length {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.bareInRecord() }
    }
    if core.pointee.bad != .none {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.takeDefect() }
    } else {
        if core.pointee.side.count > 0 { settleSide(core) }
        for index in 0..<core.pointee.twinCount {
            let twin = core.pointee.twins[index]
            core.pointee.row[Int(twin.to)] = core.pointee.row[Int(twin.from)]
        }
        core.pointee.ordinals[core.pointee.rows] = core.pointee.recordsFound
        core.pointee.rows += 1
        if core.pointee.bytes.count > core.pointee.batchBytes, core.pointee.rows > 1 {
            core.pointee.owner._withUnsafeGuaranteedRef { $0.splitLastRow() }
        }
    }
    core.pointee.handedOver += 1
    if core.pointee.handedOver == core.pointee.remaining {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.stopAtLimit() }
    }
}

/// Attributes met inside a captured element's text are put behind it.
@inline(never)
private func settleSide(_ core: UnsafeMutablePointer<EnvelopeCore>) {
    for index in 0..<core.pointee.columnCount {
        let range = core.pointee.row[index]
        guard !range.isNone, range.offset & EnvelopeCore.sideFlag != 0 else { continue }
        core.pointee.row[index].offset = UInt32(core.pointee.bytes.count)
        core.pointee.bytes.append(
            core.pointee.side.start + Int(range.offset & ~EnvelopeCore.sideFlag), Int(range.length))
    }
}
