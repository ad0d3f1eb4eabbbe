import HeatModel

/// Every path of a stream, parsed and checked against the others.
struct StreamPaths: Sendable {
    /// What a place outside the records holds.
    enum Slot: Hashable, Sendable {
        case total
        case hasMore
        case nextToken
        case pageCount
        case success
        case message
        /// Index of a field that looks at an ancestor, and how many elements above the record it looks.
        case ancestor(field: Int, ups: Int)
    }

    var record: XMLPath
    /// Paths below the record, by field; nil where the field looks at an ancestor.
    var fields: [XMLPath?] = []
    var outer: [(path: XMLPath, slot: Slot)] = []
    /// The element whose text is a document that holds the records.
    var inner: XMLPath?

    init(_ stream: SOAPStream, namespaces: [String: String]) throws {
        let subject = "stream \(stream.name)"
        record = try XMLPath(stream.recordPath, namespaces: namespaces, of: subject)
        if record.elements.isEmpty || record.attribute != nil || record.ups > 0 {
            throw Self.bad("\(subject): record must name an element")
        }
        if stream.fields.isEmpty { throw Self.bad("\(subject) has no fields") }
        for (index, field) in stream.fields.enumerated() {
            let name = "\(subject), field \(field.name)"
            let path = try XMLPath(field.path, namespaces: namespaces, of: name)
            if path.isAnchored { throw Self.bad("\(name): the path counts from the record and may not begin with /") }
            if path.ups == 0 {
                if let other = fields.firstIndex(of: path), stream.fields[other].repeated != field.repeated {
                    throw Self.bad(
                        "\(name): reads what field \(stream.fields[other].name) reads, and repeated is another")
                }
                if let other = fields.firstIndex(where: { $0?.hides(path) ?? false }) {
                    throw Self.bad(
                        "\(name): reads an element that field \(stream.fields[other].name) names otherwise; write one prefix in both"
                    )
                }
                fields.append(path)
                continue
            }
            guard path.ups < record.elements.count else {
                throw Self.bad(
                    "\(name): goes \(path.ups) up, and record names only \(record.elements.count - 1) elements above the record"
                )
            }
            var absolute = XMLPath(recordUp: path.ups, of: record)
            let onRecordPath = Array(record.elements[absolute.elements.count...].prefix(path.elements.count))
            absolute.elements += path.elements
            absolute.attribute = path.attribute
            if path.attribute == nil, path.elements.isEmpty || onRecordPath == path.elements {
                throw Self.bad("\(name): is the text of an element that holds the records")
            }
            fields.append(nil)
            outer.append((absolute, .ancestor(field: index, ups: path.ups)))
        }
        for (index, field) in stream.fields.enumerated() {
            guard case .join = field.repeated, let path = fields[index] else { continue }
            let isInside = fields.contains { other in
                guard let other, other.attribute == nil, other.elements.count < path.elements.count else {
                    return false
                }
                return Array(path.elements.prefix(other.elements.count)) == other.elements
            }
            if isInside {
                throw Self.bad("\(subject), field \(field.name): cannot be joined inside another field's text")
            }
        }
        if let total = stream.total {
            outer.append((try XMLPath(total.path, namespaces: namespaces, of: "\(subject), total"), .total))
        }
        func add(_ path: String?, _ name: String, _ slot: Slot) throws {
            guard let path else { return }
            outer.append((try XMLPath(path, namespaces: namespaces, of: "\(subject), \(name)"), slot))
        }
        switch stream.paging {
        case .pages(let pages):
            try add(pages.hasMorePath, "hasMore", .hasMore)
            try add(pages.countPath, "count", .pageCount)
        case .token(let token): try add(token.nextTokenPath, "next", .nextToken)
        case .none, .window: break
        }
        try add(stream.success?.path, "success", .success)
        try add(stream.success?.messagePath, "message", .message)
        if let path = stream.innerPath {
            let inner = try XMLPath(path, namespaces: namespaces, of: "\(subject), inner")
            if inner.elements.isEmpty || inner.attribute != nil || inner.ups > 0 {
                throw Self.bad("\(subject): inner must name an element")
            }
            self.inner = inner
        }
        for (path, _) in outer where path.elements.isEmpty || path.ups > 0 {
            throw Self.bad("\(subject): a path outside the records must name an element")
        }
    }

    private static func bad(_ message: String) -> HearthError {
        HearthError(.configBadPath, message)
    }
}

extension XMLPath {
    /// Whether one element may be meant by both, once with a namespace and once with any: it would be found for one of them only.
    fileprivate func hides(_ other: XMLPath) -> Bool {
        guard let (mine, its) = zip(elements, other.elements).first(where: { $0 != $1 }) else { return false }
        return mine.local == its.local && (mine.isAnyNamespace || its.isAnyNamespace)
    }

    /// The element so many steps above the record.
    fileprivate init(recordUp ups: Int, of record: XMLPath) {
        self = record
        elements.removeLast(ups)
    }
}
