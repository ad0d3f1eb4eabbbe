import CLibXML2
import Records

// What the callbacks do outside of records: the envelope's own elements, a fault, the places that paths name.

func startOutside(
    _ core: UnsafeMutablePointer<EnvelopeCore>, _ local: XMLText?, _ namespace: XMLText?, _ attributeCount: Int32,
    _ attributes: XMLAttributes?
) {
    let depth = core.pointee.depth
    if depth > core.pointee.maxDepth {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.stopTooDeep() }
        return
    }
    if core.pointee.hasOutsideText { core.pointee.owner._withUnsafeGuaranteedRef { $0.outsideTextEnds() } }
    core.pointee.stack[Int(depth)] = InternedName(local: local, namespace: namespace, isAnyNamespace: false)
    let isSOAP = namespace != nil && (namespace == core.pointee.soap11 || namespace == core.pointee.soap12)
    switch core.pointee.phase {
    case .start:
        guard isSOAP, local == core.pointee.envelope else {
            core.pointee.owner._withUnsafeGuaranteedRef { $0.stopNotSOAP() }
            return
        }
        core.pointee.phase = .envelope
    case .envelope:
        guard depth == EnvelopeCore.bodyDepth, isSOAP else { return }
        if local == core.pointee.body {
            core.pointee.phase = .body
            core.pointee.owner._withUnsafeGuaranteedRef { $0.sawBody() }
        } else if local == core.pointee.header {
            core.pointee.phase = .header
        }
    case .body:
        if depth == EnvelopeCore.bodyDepth + 1, isSOAP, local == core.pointee.fault {
            core.pointee.phase = .fault
            core.pointee.owner._withUnsafeGuaranteedRef { $0.faultBegins() }
            return
        }
        core.pointee.sawBodyChild = true
        if core.pointee.innerDepth > 0 {
            core.pointee.owner._withUnsafeGuaranteedRef { $0.innerHoldsElements() }
            return
        }
        matchOutside(core, local, namespace, attributeCount, attributes)
    case .fault: core.pointee.owner._withUnsafeGuaranteedRef { $0.faultElement(local) }
    case .header, .record, .done: break
    }
}

func endOutside(_ core: UnsafeMutablePointer<EnvelopeCore>) {
    let depth = core.pointee.depth
    if core.pointee.hasOutsideText { core.pointee.owner._withUnsafeGuaranteedRef { $0.outsideTextEnds() } }
    if depth < core.pointee.innerDepth {
        core.pointee.innerDepth = 0
        core.pointee.owner._withUnsafeGuaranteedRef { $0.innerEnds() }
    }
    if depth < core.pointee.parentDepth { core.pointee.parentDepth = 0 }
    if core.pointee.openSlot >= 0, depth < core.pointee.openSlotDepth { core.pointee.openSlot = -1 }
    switch core.pointee.phase {
    case .header, .body:
        if core.pointee.role == .inner {
            if depth == EnvelopeCore.bodyDepth { core.pointee.phase = .done }
        } else if depth < EnvelopeCore.bodyDepth {
            core.pointee.phase = .envelope
        }
    case .envelope: if depth == 0 { core.pointee.phase = .done }
    case .fault:
        if depth < EnvelopeCore.bodyDepth {
            core.pointee.phase = .envelope
        } else {
            core.pointee.owner._withUnsafeGuaranteedRef { $0.faultElementEnds() }
        }
    case .start, .record, .done: break
    }
}

private func matchOutside(
    _ core: UnsafeMutablePointer<EnvelopeCore>, _ local: XMLText?, _ namespace: XMLText?, _ attributeCount: Int32,
    _ attributes: XMLAttributes?
) {
    var isRecord = false
    var meanings = 0
    for index in 0..<core.pointee.patternCount {
        let pattern = core.pointee.patterns + index
        let last = core.pointee.steps + Int(pattern.pointee.firstStep + pattern.pointee.stepCount - 1)
        guard last.pointee.matches(local, namespace), ancestorsMatch(core, pattern) else {
            if pattern.pointee.kind == .record, last.pointee.local == local, !core.pointee.sawStranger,
                !last.pointee.matches(local, namespace)
            {
                core.pointee.sawStranger = true
                core.pointee.strangerNamespace = namespace
            }
            continue
        }
        meanings += 1
        switch pattern.pointee.kind {
        case .record: isRecord = true
        case .parent:
            core.pointee.parents += 1
            if core.pointee.parentDepth == 0 { core.pointee.parentDepth = core.pointee.depth }
        case .inner:
            core.pointee.owner._withUnsafeGuaranteedRef {
                $0.innerBegins(isNil: isNil(core, attributeCount, attributes))
            }
        case .reset: forget(core, ups: pattern.pointee.slot)
        case .slot:
            let slot = core.pointee.slots + Int(pattern.pointee.slot)
            if pattern.pointee.slot == core.pointee.successSlot {
                core.pointee.owner._withUnsafeGuaranteedRef {
                    $0.noteSuccessPlace(isAttribute: pattern.pointee.hasAttribute)
                }
            }
            if pattern.pointee.hasAttribute {
                takeSlot(core, slot, pattern, attributeCount, attributes)
            } else if core.pointee.openSlot < 0 || core.pointee.openSlotDepth == core.pointee.depth {
                slot.pointee.wasFound = true
                if slot.pointee.field >= 0, !slot.pointee.isNull { continue }
                slot.pointee.bytes.count = 0
                slot.pointee.isPlaced = false
                slot.pointee.isNull = isNil(core, attributeCount, attributes)
                if slot.pointee.isNull { continue }
                slot.pointee.next = core.pointee.openSlot
                core.pointee.openSlot = pattern.pointee.slot
                core.pointee.openSlotDepth = core.pointee.depth
            }
        }
    }
    if isRecord {
        core.pointee.isRecordAlone = meanings == 1
        beginRecord(core, attributeCount, attributes)
    } else if attributeCount > 0, core.pointee.outsideLeft > 0, let attributes,
        namespace == nil || namespace != core.pointee.foreign.schema
    {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.outsideAttributes(Int(attributeCount), attributes) }
    }
}

/// Text in the body that stands in no record and that no path names: mostly the line breaks between records.
@inline(never)
func textOutside(_ core: UnsafeMutablePointer<EnvelopeCore>, _ text: XMLText, _ length: Int) {
    if core.pointee.innerDepth > 0 {
        core.pointee.owner._withUnsafeGuaranteedRef { $0.innerText(text, length) }
        return
    }
    if core.pointee.outsideLeft <= 0 { return }
    var at = 0
    if !core.pointee.hasOutsideText { while at < length, text[at] <= 0x20 { at += 1 } }
    if at < length { core.pointee.owner._withUnsafeGuaranteedRef { $0.outsideText(text + at, length - at) } }
}

private func ancestorsMatch(_ core: UnsafeMutablePointer<EnvelopeCore>, _ pattern: UnsafeMutablePointer<OuterPattern>)
    -> Bool
{
    let count = pattern.pointee.stepCount
    let depth = core.pointee.depth
    let inside = depth - EnvelopeCore.bodyDepth
    if pattern.pointee.isAnchored ? inside != count : inside < count { return false }
    var back: Int32 = 1
    while back < count {
        let step = core.pointee.steps + Int(pattern.pointee.firstStep + count - 1 - back)
        let open = core.pointee.stack[Int(depth - back)]
        if !step.pointee.matches(open.local, open.namespace) { return false }
        back += 1
    }
    return true
}

private func forget(_ core: UnsafeMutablePointer<EnvelopeCore>, ups: Int32) {
    for index in 0..<core.pointee.slotCount {
        let slot = core.pointee.slots + index
        if slot.pointee.field >= 0, slot.pointee.ups <= ups { slot.pointee.isNull = true }
    }
}

private func takeSlot(
    _ core: UnsafeMutablePointer<EnvelopeCore>, _ slot: UnsafeMutablePointer<SlotValue>,
    _ pattern: UnsafeMutablePointer<OuterPattern>, _ count: Int32,
    _ list: XMLAttributes?
) {
    guard let list else { return }
    if slot.pointee.field >= 0, !slot.pointee.isNull { return }
    for index in 0..<Int(count) where pattern.pointee.attribute.matches(list[index * 5], list[index * 5 + 2]) {
        guard let value = list[index * 5 + 3], let end = list[index * 5 + 4], end - value <= EnvelopeCore.slotLimit
        else { return }
        slot.pointee.wasFound = true
        slot.pointee.bytes.count = 0
        let (plain, length) = attributeValue(core, value, end - value)
        slot.pointee.bytes.append(plain, length)
        slot.pointee.isNull = false
        slot.pointee.isPlaced = false
        return
    }
}

private func isNil(_ core: UnsafeMutablePointer<EnvelopeCore>, _ count: Int32, _ list: XMLAttributes?) -> Bool {
    guard let list else { return false }
    for index in 0..<Int(count)
    where list[index * 5] == core.pointee.nilName && list[index * 5 + 2] == core.pointee.schemaInstance {
        guard let value = list[index * 5 + 3], let end = list[index * 5 + 4] else { return false }
        let text = UnsafeBufferPointer(start: value, count: end - value)
        return text.elementsEqual("true".utf8) || text.elementsEqual("1".utf8)
    }
    return false
}
