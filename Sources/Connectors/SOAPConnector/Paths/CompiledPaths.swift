import CLibXML2
import Records

/// A stream's paths as the arrays that the callbacks walk, with names interned in one parser's dictionary.
final class CompiledPaths {
    let paths: StreamPaths
    let depth: Int
    let slots: [StreamPaths.Slot]
    let role: EnvelopeCore.Role
    /// Elements that lead to fields, the record among them.
    private(set) var nodeCount = 0

    init(_ paths: StreamPaths, depth: Int, role: EnvelopeCore.Role) {
        self.role = role
        self.paths = paths
        self.depth = max(8, min(depth, 2000))
        var slots: [StreamPaths.Slot] = []
        for (_, slot) in paths.outer where !slots.contains(slot) {
            // What surrounds a document in a text holds no records.
            if case .ancestor = slot, role == .outer { continue }
            slots.append(slot)
        }
        self.slots = slots
    }

    /// Makes the core; `free` undoes it.
    func core(
        parser: xmlParserCtxtPtr, owner: Unmanaged<SOAPEnvelopeReader>, stream: SOAPStream, reading: SOAPReading
    ) -> EnvelopeCore {
        func intern(_ text: String?) -> UnsafePointer<UInt8>? {
            text.flatMap { xmlDictLookup(parser.pointee.dict, $0, -1) }
        }
        func name(_ step: XMLPath.Step) -> InternedName {
            InternedName(
                local: intern(step.local), namespace: intern(step.namespace), isAnyNamespace: step.isAnyNamespace)
        }
        let unused = InternedName(local: nil, namespace: nil, isAnyNamespace: false)

        // Outside: the record itself last, after what its ancestors' attributes fill.
        var patterns: [OuterPattern] = []
        var steps: [InternedName] = []
        func add(_ path: XMLPath, _ kind: OuterPattern.Kind, slot: Int32) {
            patterns.append(
                OuterPattern(
                    kind: kind, isAnchored: path.isAnchored, hasAttribute: path.attribute != nil,
                    attribute: path.attribute.map(name) ?? unused, firstStep: Int32(steps.count),
                    stepCount: Int32(path.elements.count), slot: slot))
            steps += path.elements.map(name)
        }
        var deepest = 0
        for case .ancestor(_, let ups) in slots where role != .outer { deepest = max(deepest, ups) }
        for ups in stride(from: deepest, to: 0, by: -1) {
            var ancestor = paths.record
            ancestor.elements.removeLast(ups)
            add(ancestor, .reset, slot: Int32(ups))
        }
        for (path, slot) in paths.outer {
            if let index = slots.firstIndex(of: slot) { add(path, .slot, slot: Int32(index)) }
        }
        if role == .outer {
            if let inner = paths.inner { add(inner, .inner, slot: -1) }
        } else {
            if paths.record.elements.count > 1 {
                var parent = paths.record
                parent.elements.removeLast()
                add(parent, .parent, slot: -1)
            }
            add(paths.record, .record, slot: -1)
        }

        // Below the record: a tree of the elements that lead to fields.
        var nodes = [RecordNode(name: unused)]
        var attributes: [[AttributeTarget]] = [[]]
        var twins: [TwinField] = []
        for (index, path) in paths.fields.enumerated() {
            guard let path else { continue }
            var at: Int32 = 0
            for step in path.elements { at = Self.child(of: at, name(step), &nodes, &attributes) }
            if let attribute = path.attribute {
                attributes[Int(at)].append(AttributeTarget(name: name(attribute), field: Int32(index)))
            } else if nodes[Int(at)].textField >= 0 {
                twins.append(TwinField(from: nodes[Int(at)].textField, to: Int32(index)))
            } else {
                nodes[Int(at)].textField = Int32(index)
            }
        }
        var flat: [AttributeTarget] = []
        for index in nodes.indices {
            nodes[index].firstAttribute = Int32(flat.count)
            nodes[index].attributeCount = Int32(attributes[index].count)
            flat += attributes[index]
        }

        nodeCount = nodes.count

        let slotValues = slots.map { slot in
            var value = SlotValue()
            if case .ancestor(let field, let ups) = slot {
                value.field = Int32(field)
                value.ups = Int32(ups)
            }
            return value
        }
        let rowCapacity = min(reading.batchRows, 1024)
        let columns = stream.fields.count
        let fields = UnsafeMutablePointer<ByteRange>.allocate(capacity: rowCapacity * columns)
        var core = EnvelopeCore(
            parser: parser, owner: owner, maxDepth: Int32(depth), envelope: intern("Envelope"),
            header: intern("Header"),
            body: intern("Body"), fault: intern("Fault"), soap11: intern(SOAPVersion.v11.namespace),
            soap12: intern(SOAPVersion.v12.namespace),
            schemaInstance: intern("http://www.w3.org/2001/XMLSchema-instance"),
            nilName: intern("nil"), stack: .allocate(capacity: depth + 3), patterns: Self.copy(patterns),
            patternCount: patterns.count, steps: Self.copy(steps), slots: Self.copy(slotValues), slotCount: slots.count,
            ancestorSlots: deepest > 0, nodes: Self.copy(nodes), attributes: Self.copy(flat),
            twins: Self.copy(twins), twinCount: twins.count, nodeStack: .allocate(capacity: depth + nodes.count + 3),
            startStack: .allocate(capacity: depth + nodes.count + 3),
            row: fields, maxRecordBytes: reading.limits.recordBytes, columnCount: columns,
            bytes: ByteStore(capacity: min(reading.batchBytes, 1 << 20)), side: ByteStore(capacity: 256),
            fields: fields, ordinals: .allocate(capacity: rowCapacity),
            rowCapacity: rowCapacity, batchRows: reading.batchRows, batchBytes: reading.batchBytes,
            remaining: reading.limit ?? Int.max, trims: stream.trimsWhitespace,
            repeated: Self.copy(stream.fields.map { Self.code(of: $0.repeated) }))
        core.role = role
        core.maxAttributes = Int32(clamping: max(1, reading.limits.attributes))
        core.successSlot = Int32(slots.firstIndex(of: .success) ?? -1)
        core.foreign = EnvelopeCore.Foreign(
            href: intern("href"), ref: intern("ref"), include: intern("Include"),
            encoding11: intern("http://schemas.xmlsoap.org/soap/encoding/"),
            encoding12: intern("http://www.w3.org/2003/05/soap-encoding"),
            xop: intern("http://www.w3.org/2004/08/xop/include"), schema: intern("http://www.w3.org/2001/XMLSchema"),
            xml: intern("http://www.w3.org/XML/1998/namespace"))
        if role == .inner {
            core.phase = .body
            core.depth = EnvelopeCore.bodyDepth
        }
        return core
    }

    func free(_ core: UnsafeMutablePointer<EnvelopeCore>) {
        for index in 0..<core.pointee.slotCount { core.pointee.slots[index].bytes.free() }
        core.pointee.stack.deallocate()
        core.pointee.patterns.deallocate()
        core.pointee.steps.deallocate()
        core.pointee.slots.deallocate()
        core.pointee.nodes.deallocate()
        core.pointee.attributes.deallocate()
        core.pointee.twins.deallocate()
        core.pointee.nodeStack.deallocate()
        core.pointee.startStack.deallocate()
        core.pointee.bytes.free()
        core.pointee.side.free()
        core.pointee.fields.deallocate()
        core.pointee.ordinals.deallocate()
        core.pointee.repeated.deallocate()
    }

    private static func child(
        of parent: Int32, _ name: InternedName, _ nodes: inout [RecordNode], _ attributes: inout [[AttributeTarget]]
    ) -> Int32 {
        var at = nodes[Int(parent)].firstChild
        var last: Int32 = -1
        while at >= 0 {
            let other = nodes[Int(at)].name
            if other.local == name.local, other.namespace == name.namespace, other.isAnyNamespace == name.isAnyNamespace
            {
                return at
            }
            last = at
            at = nodes[Int(at)].nextSibling
        }
        let made = Int32(nodes.count)
        nodes.append(RecordNode(name: name))
        attributes.append([])
        if last < 0 { nodes[Int(parent)].firstChild = made } else { nodes[Int(last)].nextSibling = made }
        return made
    }

    private static func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        copy.initialize(from: elements, count: elements.count)
        return copy
    }

    private static func code(of repeated: SOAPField.Repeated) -> UInt8 {
        switch repeated {
        case .reject: 0
        case .first: 1
        case .last: 2
        case .join: 3
        }
    }
}
