package import Records

/// One stream of a SOAP service: an operation, and what of its answer is a record.
package struct SOAPStream: Sendable {
    /// `workOrders`
    package var name: String
    /// Name of the operation, as it stands in origins and messages; taken from the body's element if empty.
    package var operation: String
    /// The `SOAPAction`; nil sends an empty one in SOAP 1.1 and none in 1.2.
    package var action: String?
    /// What stands in `soap:Body`, with placeholders (`{{cursor}}`, `{{page}}`, `{{pageSize}}`, `{{token}}`, `{{windowStart}}`,
    /// `{{windowEnd}}`), filled XML-escaped. A body that is itself an `Envelope` is sent as it is and names `{{security}}` where
    /// the WS-Security header goes.
    package var body: String
    /// Path of a record: `d:WorkOrder`, `d:WorkOrder/d:Events/d:Event`; from `soap:Body` on if it begins with `/`.
    package var recordPath: String
    package var fields: [SOAPField]
    /// Columns that make a record's key, for `discover`.
    package var key: [String]
    package var paging: SOAPPaging
    /// What makes the stream incremental; nil reads all of it every time.
    package var cursor: SOAPCursorField?
    /// Where the system states how many records there are: `d:Result/@total`.
    package var total: SOAPTotal?
    /// Whether one answer (no paging, no cursor) states the whole stream, so that a key it lacks has vanished.
    package var isSnapshot: Bool
    /// Drops white space at both ends of a field.
    package var trimsWhitespace: Bool
    /// Path of the element whose text is itself an XML document; `recordPath` then counts in that document, from its root.
    package var innerPath: String?
    /// What the answer says where the service did as it was asked; nil where it does not say.
    package var success: SOAPSuccess?
    /// How the records of one account are asked for; nil where they are not.
    package var fresh: Fresh?

    /// The request for one account's records, `{{account}}` in it. Its answer is read as any other of the stream.
    package struct Fresh: Sendable {
        package var operation: String?
        package var action: String?
        package var body: String
        package var key: AccountKey
    }

    /// The stream of one account's records: pages only where the request names them, and no cursor.
    func ofAccount(_ fresh: Fresh) -> SOAPStream {
        var stream = self
        stream.body = fresh.body
        stream.operation = fresh.operation ?? operation
        stream.action = fresh.action ?? action
        stream.cursor = nil
        stream.isSnapshot = false
        let isPaged = fresh.body.contains("{{page}}") || fresh.body.contains("{{token}}")
        if !isPaged { stream.paging = .none }
        return stream
    }

    package init(
        name: String, operation: String = "", action: String? = nil, body: String, recordPath: String,
        fields: [SOAPField],
        key: [String] = [], paging: SOAPPaging = .none, cursor: SOAPCursorField? = nil, total: SOAPTotal? = nil,
        isSnapshot: Bool = false, trimsWhitespace: Bool = false, innerPath: String? = nil, success: SOAPSuccess? = nil
    ) {
        self.innerPath = innerPath
        self.success = success
        self.name = name
        self.operation = operation
        self.action = action
        self.body = body
        self.recordPath = recordPath
        self.fields = fields
        self.key = key
        self.paging = paging
        self.cursor = cursor
        self.total = total
        self.isSnapshot = isSnapshot
        self.trimsWhitespace = trimsWhitespace
    }
}

/// A column and where its text stands, seen from the record's element.
package struct SOAPField: Sendable {
    /// What happens where a record holds the element more than once.
    package enum Repeated: Hashable, Sendable {
        /// The record is a defect (`record.repeatedElement`): nothing is dropped silently.
        case reject
        case first
        case last
        /// All texts in order, with this between them.
        case join(String)
    }

    package var name: String
    /// `@id`, `d:AccountNo`, `d:Engineer/@no`, `a/b`, `.`, `../@id`, `../../d:AccountNo`.
    package var path: String
    package var repeated: Repeated
    /// Whether no record may have it for a while, although many had it before. Otherwise such a change fails the pull: an upgrade
    /// that renames an element must not empty a column.
    package var isOptional: Bool

    package init(_ name: String, _ path: String, repeated: Repeated = .reject, isOptional: Bool = false) {
        self.isOptional = isOptional
        self.name = name
        self.path = path
        self.repeated = repeated
    }
}

/// The column whose greatest value seen becomes the next `{{cursor}}`.
package struct SOAPCursorField: Sendable {
    package enum Order: String, Sendable, CaseIterable {
        /// RFC 3339 instants, by the moment, or local times and days (`2026-11-22 08:00:00`, `2026-11-22`).
        case instant
        /// Numbers; digits that a clock wrote are bounded by the present.
        case number
        /// By bytes, where that is the order of what they say.
        case text
    }

    /// Name of a column. With ``SOAPPaging/window(_:)`` it is not read: the window's end is the cursor.
    package var column: String
    package var order: Order
    /// What is asked again for the sake of late commits: seconds of an instant, or a number's amount.
    package var lookback: Int64
    /// `{{cursor}}` of a first pull.
    package var startsAt: String
    /// The spelling of the values, where it is none of `order`'s: `yyyyMMddHHmmss`, `yyyy/M/d H:mm:ss`.
    package var spelling: CursorOrder?

    /// How the values are judged.
    var judged: CursorOrder {
        if let spelling { return spelling }
        switch order {
        case .instant: return .instant
        case .number: return .number
        case .text: return .text
        }
    }

    package init(
        column: String, order: Order = .instant, lookback: Int64 = 0, startsAt: String = "",
        spelling: CursorOrder? = nil
    ) {
        self.spelling = spelling
        self.column = column
        self.order = order
        self.lookback = lookback
        self.startsAt = startsAt
    }
}

/// The result code that services of this kind send under HTTP status 200.
package struct SOAPSuccess: Sendable {
    /// `d:Result/d:Code`
    package var path: String
    /// The texts that mean success: `["0"]`.
    package var values: [String]
    /// Where the service says what is wrong; nil takes what stands beside the code.
    package var messagePath: String?

    package init(path: String, values: [String], messagePath: String? = nil) {
        self.path = path
        self.values = values
        self.messagePath = messagePath
    }
}

package struct SOAPTotal: Sendable {
    package enum Scope: String, Sendable, CaseIterable {
        /// Of the records in this envelope.
        case envelope
        /// Of the records in all pages together.
        case pass
    }

    /// `d:Result/@total`
    package var path: String
    package var scope: Scope

    package init(path: String, scope: Scope = .envelope) {
        self.path = path
        self.scope = scope
    }
}
