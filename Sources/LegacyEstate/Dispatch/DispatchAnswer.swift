import HeatModel

/// One page of an operation's answer, as XML in pieces of some tens of kilobytes.
struct DispatchAnswer: Sendable {
    enum Operation: String, Sendable, CaseIterable {
        case workOrders = "QueryWorkOrders"
        case temperatures = "QueryTemperatures"
        case outages = "QueryOutages"

        /// The element around the records of an answer.
        var list: StaticString {
            switch self {
            case .workOrders: "WorkOrders"
            case .temperatures: "Temperatures"
            case .outages: "Outages"
            }
        }

        var response: StaticString {
            switch self {
            case .workOrders: "QueryWorkOrdersResponse"
            case .temperatures: "QueryTemperaturesResponse"
            case .outages: "QueryOutagesResponse"
            }
        }
    }

    static let namespace = "http://dispatch.nuancheng.example/ws/2026"
    static let maximumPageSize = 10_000
    private static let pieceBytes = 64 << 10

    private let orders: DispatchOrders
    let operation: Operation
    let page: Int
    let pageSize: Int
    /// The moment of which the data are; nil says none.
    let asOf: LocalTime?
    /// Whether the caller speaks SOAP 1.2.
    let is12: Bool
    /// Ordinals of all records that the query selects.
    private let selected: Selection

    private enum Selection: Sendable {
        case all(Int)
        case some([Int])

        var count: Int {
            switch self {
            case .all(let count): count
            case .some(let ordinals): ordinals.count
            }
        }

        subscript(_ index: Int) -> Int {
            switch self {
            case .all: index
            case .some(let ordinals): ordinals[index]
            }
        }
    }

    init(
        orders: DispatchOrders, operation: Operation, wanted: DispatchOrders.Wanted, page: Int, pageSize: Int,
        is12: Bool, asOf: LocalTime? = nil, index: TemperatureIndex? = nil
    ) {
        self.orders = orders
        self.operation = operation
        self.page = page
        self.pageSize = pageSize
        self.is12 = is12
        self.asOf = asOf
        let estate = orders.estate
        switch operation {
        case .workOrders:
            selected = orders.select(wanted).map { .some($0) } ?? .all(orders.count)
        case .temperatures:
            let index = index ?? TemperatureIndex(estate)
            selected = wanted.since.map { .some(index.ordinals(since: $0)) } ?? .all(estate.temperatureCount)
        case .outages:
            let all = estate.outageCount
            selected =
                wanted.since.map { since in .some((0..<all).filter { estate.outage($0).updatedAt >= since }) }
                ?? .all(all)
        }
    }

    /// The envelope, piece by piece.
    func pieces() -> Pieces { Pieces(self) }

    struct Pieces: Sequence, IteratorProtocol {
        private let answer: DispatchAnswer
        private let end: Int
        private var index: Int
        private var isDone = false
        private var xml = XMLText()

        fileprivate init(_ answer: DispatchAnswer) {
            self.answer = answer
            let count = answer.selected.count
            let (skipped, overflow) = (answer.page - 1).multipliedReportingOverflow(by: answer.pageSize)
            index = overflow ? count : Swift.min(skipped, count)
            end = Swift.min(index + answer.pageSize, count)
            begin()
        }

        private mutating func begin() {
            xml.markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"")
            xml.escaped(SOAPEnvelope.namespace(answer.is12))
            xml.markup("\" xmlns:d=\"")
            xml.escaped(DispatchAnswer.namespace)
            xml.markup("\"><soap:Body>")
            xml.open(answer.operation.response)
            xml.markup("<d:Page")
            xml.attribute("number", String(answer.page))
            xml.attribute("size", String(answer.pageSize))
            xml.attribute("total", String(answer.selected.count))
            if let asOf = answer.asOf {
                xml.markup(" asOf=\"")
                xml.time(asOf)
                xml.markup("\"")
            }
            xml.markup(">")
            xml.element("HasMore", end < answer.selected.count ? "true" : "false")
            xml.close("Page")
            xml.open(answer.operation.list)
        }

        mutating func next() -> [UInt8]? {
            if isDone { return nil }
            let estate = answer.orders.estate
            while index < end, xml.bytes.count < DispatchAnswer.pieceBytes {
                let ordinal = answer.selected[index]
                switch answer.operation {
                case .workOrders: estate.append(answer.orders.order(ordinal), to: &xml)
                case .temperatures: estate.append(estate.temperature(ordinal), to: &xml)
                case .outages: estate.append(estate.outage(ordinal), to: &xml)
                }
                index += 1
            }
            if index == end {
                isDone = true
                xml.close(answer.operation.list)
                xml.close(answer.operation.response)
                xml.markup("</soap:Body></soap:Envelope>\n")
            }
            let piece = xml.bytes
            xml.removeAll()
            return piece
        }
    }
}

extension Estate {
    /// Orders that changed at this moment or later. Creation rises with the ordinal and no order is open for ten days.
    func workOrders(updatedSince since: LocalTime) -> [Int] {
        let longest = 10 * 86_400
        return (0..<workOrderCount).filter { ordinal in
            if changesPlan.byWorkOrder.contains(ordinal) { return changeTime >= since }
            return createdAt(ordinal).adding(seconds: longest) >= since && workOrder(ordinal).updatedAt >= since
        }
    }

    func append(_ order: WorkOrderFacts, to xml: inout XMLText) {
        let account = order.account
        xml.markup("<d:WorkOrder")
        xml.attribute("id", order.number)
        xml.markup(">")
        switch order.link {
        case .number: xml.element("AccountNo", account.number)
        case .stray: xml.element("AccountNo", AccountFacts.strayNumber(account.index))
        case .crosswalk: xml.element("BillingId", String(account.billingID))
        case .address, .ambiguous: break
        }
        if order.link != .stray, order.link != .crosswalk {
            xml.element("Community", account.communityName)
            xml.element("Address", addressText(account, ordinal: order.ordinal, withUnit: order.link != .ambiguous))
        }
        xml.element("Phone", order.phone)
        xml.element("Type", order.kind)
        xml.element("Emerge", order.isUrgent ? "1" : "0")
        xml.element("State", order.events.last?.state)
        xml.element("CreatedAt", order.events.first?.at)
        xml.element("AppointTime", order.appointed ?? order.time(of: "已安排").map { $0.adding(seconds: 7_200) })
        xml.element("DispatchTime", order.time(of: "已派单"))
        xml.element("ExecuteTime", order.time(of: "处理中"))
        xml.element("EndTime", order.time(of: "已解决"))
        xml.element("Crew", order.crew.isEmpty ? nil : order.crew)
        if order.time(of: "已派单") != nil {
            xml.markup("<d:Engineer")
            xml.attribute("no", order.technicianNumber)
            xml.markup(">")
            xml.escaped(order.technician)
            xml.markup("</d:Engineer>")
        }
        if let distance = order.distance {
            xml.markup("<d:Position")
            xml.attribute("distance", String(distance))
            xml.markup(" at=\"")
            xml.time(order.updatedAt)
            xml.markup("\"/>")
        }
        xml.element("Outcome", order.result.isEmpty ? nil : order.result)
        xml.element("VisitTime", order.time(of: "已回访"))
        xml.element("Satisfy", order.satisfaction.isEmpty ? nil : order.satisfaction)
        var fee: [UInt8] = []
        fee.append(units: order.fee.amount, places: 2)
        xml.element("Fee", String(decoding: fee, as: UTF8.self))
        xml.element("Description", order.description)
        xml.element("UpdatedAt", order.updatedAt)
        xml.element("ExternalRef", order.reference.isEmpty ? nil : order.reference)
        xml.element("Remark", order.remark.isEmpty ? nil : order.remark)
        xml.open("Events")
        for event in order.events {
            xml.markup("<d:Event")
            xml.attribute("no", String(event.number))
            xml.markup(">")
            xml.element("State", event.state)
            xml.element("At", event.at)
            xml.element("Actor", event.actor)
            xml.element("Note", event.note.isEmpty ? nil : event.note)
            xml.element("Ref", event.reference.isEmpty ? nil : event.reference)
            xml.markup("</d:Event>")
        }
        xml.close("Events")
        xml.markup("</d:WorkOrder>\n")
    }

    func append(_ reading: TemperatureFacts, to xml: inout XMLText) {
        xml.markup("<d:Temperature")
        xml.attribute("id", reading.id)
        xml.markup(">")
        xml.element("AccountNo", reading.accountNumber)
        xml.element("Celsius", reading.celsius)
        xml.element("MeasuredAt", reading.at)
        xml.element("Method", reading.method)
        xml.element("Place", reading.place)
        xml.element("WorkOrderNo", reading.workOrder)
        xml.markup("</d:Temperature>\n")
    }
}
