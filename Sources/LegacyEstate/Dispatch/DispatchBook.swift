import Foundation
import HeatModel
import Synchronization

/// What callers have written into the dispatch system since it was set up: new orders, and changes of orders.
///
/// It knows no idempotency key: the same request twice makes two orders. With a journal everything is on the disk before it is
/// answered, and comes back when the service is started again.
final class DispatchBook: Sendable {
    /// Why a request is refused: a code of the system and its words.
    struct Refusal: Error, Equatable {
        var code: Int
        var words: String

        static let unknownAccount = Refusal(code: 1001, words: "户号不存在")
        static let unknownOrder = Refusal(code: 1002, words: "工单不存在")
        static let orderIsClosed = Refusal(code: 1003, words: "工单已结束,不能修改或取消")
        static let orderIsOpen = Refusal(code: 1004, words: "工单未完成,不能重开或回访")
        static let unknownKind = Refusal(code: 1005, words: "报修类型不正确")
        static let isVisited = Refusal(code: 1006, words: "工单已回访")
        static let badSatisfaction = Refusal(code: 1007, words: "满意度不正确")
        static let badTime = Refusal(code: 1008, words: "预约时间不正确")
    }

    private struct State {
        var journal: DispatchJournal?
        var entries: [DispatchEntry] = []
    }

    private let state: Mutex<State>

    /// - Parameter journal: a file that is made where it is not there; nil keeps everything in memory.
    init(journal path: String? = nil) throws {
        // The journal is used under the lock alone.
        nonisolated(unsafe) let journal = try path.map { try DispatchJournal(path: $0) }
        state = Mutex(State(journal: journal, entries: journal?.entries ?? []))
    }

    /// A book without a journal.
    init() { state = Mutex(State()) }

    /// Everything that was written until now, in order; with `until` only what took effect by then, in milliseconds since 1970.
    func entries(until: Int64? = nil) -> [DispatchEntry] {
        let entries = state.withLock { $0.entries }
        guard let until else { return entries }
        return entries.filter { $0.at <= until }
    }

    /// Checks a request against the orders as they stand and writes it down.
    /// - Returns: the number of the order.
    /// - Throws: ``Refusal``, or what the journal's file throws.
    func write(_ request: DispatchEntry, in estate: Estate) throws -> String {
        try state.withLock { state in
            var entry = request
            entry.at = Int64((Date().timeIntervalSince1970 * 1000).rounded())
            let shown = DispatchOrders(estate, state.entries)
            if entry.operation == .create {
                guard entry.account.flatMap({ estate.truth(account: $0) }) != nil else { throw Refusal.unknownAccount }
                guard WorkOrderFacts.kinds.contains(entry.kind ?? "") else { throw Refusal.unknownKind }
                entry.order = Estate.workOrderNumber(shown.count)
            } else {
                guard let order = shown.order(number: entry.order) else { throw Refusal.unknownOrder }
                try Self.check(entry, on: order)
            }
            if let journal = state.journal { try journal.append(entry) }
            state.entries.append(entry)
            return entry.order
        }
    }

    private static func check(_ entry: DispatchEntry, on order: WorkOrderFacts) throws(Refusal) {
        let current = order.events.last?.state
        let isDone = current == "已解决" || current == "已回访"
        switch entry.operation {
        case .create: break
        case .advance:
            if isDone || current == WorkOrderFacts.cancelled { throw .orderIsClosed }
            if let state = entry.state, !WorkOrderFacts.states.contains(state) { throw .unknownKind }
        case .amend, .cancel: if isDone || current == WorkOrderFacts.cancelled { throw .orderIsClosed }
        case .reopen: if !isDone { throw .orderIsOpen }
        case .visit:
            if current == "已回访" { throw .isVisited }
            if !isDone { throw .orderIsOpen }
            if !["满意", "一般", "不满意"].contains(entry.satisfaction ?? "") { throw .badSatisfaction }
        }
    }
}

/// The orders as they stand: the estate's own, and what was written since.
struct DispatchOrders: Sendable {
    let estate: Estate
    /// What made the new orders, in their order.
    private var made: [DispatchEntry] = []
    /// What was done to an order after it was made, by ordinal.
    private var changes: [Int: [DispatchEntry]] = [:]

    init(_ estate: Estate, _ entries: [DispatchEntry]) {
        self.estate = estate
        for entry in entries {
            if entry.operation == .create {
                made.append(entry)
            } else if let ordinal = Self.ordinal(entry.order) {
                changes[ordinal, default: []].append(entry)
            }
        }
    }

    var count: Int { estate.workOrderCount + made.count }

    private static func ordinal(_ number: String) -> Int? {
        guard number.hasPrefix("WX"), let value = Int(number.dropFirst(2)), value > 20_000_000 else { return nil }
        let ordinal = value - 20_000_001
        return Estate.workOrderNumber(ordinal) == number ? ordinal : nil
    }

    func order(number: String) -> WorkOrderFacts? {
        Self.ordinal(number).flatMap { $0 < count ? order($0) : nil }
    }

    func order(_ ordinal: Int) -> WorkOrderFacts {
        let index = ordinal - estate.workOrderCount
        var order = index >= 0 ? estate.workOrder(made: made[index], ordinal: ordinal) : estate.workOrder(ordinal)
        for change in changes[ordinal] ?? [] { order.apply(change) }
        return order
    }

    /// The account that an order is about.
    private func account(_ ordinal: Int) -> String? {
        let index = ordinal - estate.workOrderCount
        return index >= 0 ? made[index].account : AccountFacts.number(estate.accountIndex(ofWorkOrder: ordinal))
    }

    /// What a query may ask for; nil asks for everything.
    struct Wanted: Sendable {
        var since: LocalTime?
        var account: String?
        /// The whole content of the free field, of the order or of one of its events.
        var reference: String?
        var createdFrom: LocalTime?
        var createdTo: LocalTime?
    }

    /// The ordinals that a query selects; nil for all of them.
    func select(_ wanted: Wanted) -> [Int]? {
        var ordinals: [Int]?
        if let since = wanted.since {
            let own = Set(estate.workOrders(updatedSince: since))
            let written = Set(changes.keys).union(estate.workOrderCount..<count)
            ordinals = own.union(written.filter { order($0).updatedAt >= since }).sorted()
        }
        if let account = wanted.account {
            ordinals = (ordinals ?? Array(0..<count)).filter { self.account($0) == account }
        }
        if let reference = wanted.reference {
            // The estate's own orders have none.
            let written = Set(changes.keys).union(estate.workOrderCount..<count).sorted()
            let found = written.filter { ordinal in
                let order = order(ordinal)
                return order.reference == reference || order.events.contains { $0.reference == reference }
            }
            ordinals = ordinals.map { known in found.filter(Set(known).contains) } ?? found
        }
        if wanted.createdFrom != nil || wanted.createdTo != nil {
            ordinals = (ordinals ?? Array(0..<count)).filter { ordinal in
                guard let created = order(ordinal).events.first?.at else { return false }
                return wanted.createdFrom.map { created >= $0 } ?? true
                    && wanted.createdTo.map { created <= $0 } ?? true
            }
        }
        return ordinals
    }
}

extension DispatchEntry {
    /// On the company's clock.
    var time: LocalTime { LocalTime(seconds: at / 1000 + 8 * 3600) }
}

extension Estate {
    /// An order that a caller made.
    func workOrder(made entry: DispatchEntry, ordinal: Int) -> WorkOrderFacts {
        let account = entry.account.flatMap { truth(account: $0) } ?? account(0)
        return WorkOrderFacts(
            ordinal: ordinal, number: entry.order, account: account, link: .number, kind: entry.kind ?? "其他",
            isUrgent: entry.isUrgent ?? false,
            events: [.init(number: 1, state: "待派工", at: entry.time, actor: "接口", note: "", reference: entry.reference)],
            crew: "", technician: "", technicianNumber: "", distance: nil, result: "", satisfaction: "", fee: .zero,
            description: entry.description ?? "", phone: entry.phone, updatedAt: entry.time, reference: entry.reference,
            remark: entry.note ?? "", appointed: entry.appointed.map { LocalTime(seconds: $0) })
    }
}

extension WorkOrderFacts {
    /// Has a change take effect that was checked.
    mutating func apply(_ change: DispatchEntry) {
        if change.operation == .advance { return advance(change) }
        var event = Event(
            number: (events.last?.number ?? 0) + 1, state: events.last?.state ?? "待派工", at: change.time, actor: "接口",
            note: change.note ?? "", reference: change.reference)
        switch change.operation {
        case .create, .advance: return
        case .amend:
            event.role = .note
            if let description = change.description { self.description = description }
            if let phone = change.phone { self.phone = phone }
            if let appointed = change.appointed { self.appointed = LocalTime(seconds: appointed) }
        case .cancel: event.state = Self.cancelled
        case .reopen:
            event.state = "待派工"
            event.role = .reopening
            result = ""
            satisfaction = ""
        case .visit:
            event.state = "已回访"
            satisfaction = change.satisfaction ?? ""
        }
        distance = nil
        events.append(event)
        updatedAt = max(updatedAt, change.time)
    }

    /// A crew that moves says where it is, and no more; one that has come somewhere else in its work says that, too.
    private mutating func advance(_ change: DispatchEntry) {
        if let crew = change.crew { self.crew = crew }
        if let technician = change.technician {
            self.technician = technician
            if technicianNumber.isEmpty { technicianNumber = "JS" + Digits.padded(ordinal % 10_000, 4) }
        }
        if let state = change.state {
            events.append(
                Event(
                    number: (events.last?.number ?? 0) + 1, state: state, at: change.time, actor: technician,
                    note: change.note ?? ""))
            if state == "已解决" { result = "已恢复供热" }
        }
        distance = change.distance
        updatedAt = max(updatedAt, change.time)
    }
}
