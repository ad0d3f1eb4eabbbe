import HeatModel

/// A repair order as the dispatch system states it.
struct WorkOrderFacts: Sendable {
    /// How the order names its account.
    enum Link: Sendable { case number, crosswalk, address, ambiguous, stray }

    struct Event: Sendable {
        var number: Int
        var state: String
        var at: LocalTime
        var actor: String
        var note: String
        /// What the caller that caused it put into the free field.
        var reference = ""
        var role = Role.step

        enum Role: Sendable {
            case step
            /// Repeats the present state to say something else.
            case note
            /// The work begins anew.
            case reopening
        }
    }

    var ordinal: Int
    var number: String
    var account: AccountFacts
    var link: Link
    var kind: String
    var isUrgent: Bool
    var events: [Event]
    var crew: String
    var technician: String
    var technicianNumber: String
    /// Metres to the address, while the technician is on the way.
    var distance: Int?
    var result: String
    var satisfaction: String
    var fee: Fen
    var description: String
    var phone: String?
    var updatedAt: LocalTime
    /// What a caller put into the free field of an order that it made.
    var reference = ""
    var remark = ""
    /// The time that a caller wished for.
    var appointed: LocalTime?

    /// When this state was reached, since the order was last opened.
    func time(of state: String) -> LocalTime? {
        let opened = events.lastIndex { $0.role == .reopening } ?? 0
        return events[opened...].last { $0.state == state && $0.role != .note }?.at
    }

    static let kinds: Set = ["不热", "不够热", "漏水", "测温", "停供", "复供", "阀门", "其他"]
    static let states = ["待派工", "已安排", "已派单", "已出发", "已到达", "处理中", "已解决", "已回访"]
    static let cancelled = "已取消"
}

extension Estate {
    /// Number of work orders in the past twelve months.
    package var workOrderCount: Int { (options.accounts * 15 + 99) / 100 }

    static func workOrderNumber(_ ordinal: Int) -> String { "WX" + Digits.padded(20_000_001 + ordinal, 9) }

    /// The newest orders are still open.
    private var openTail: Int { max(3, workOrderCount / 100) }

    /// From this ordinal on orders may be open.
    var firstOpenOrder: Int { max(0, workOrderCount - openTail) }

    /// Ordinals of the orders that can still move on.
    var openWorkOrders: [Int] {
        let all = max(0, workOrderCount - openTail)..<workOrderCount
        return all.filter { faults.byWorkOrder[$0] == nil && stage($0) < WorkOrderFacts.states.count - 1 }
    }

    /// How far an order has come on the first day; −1 for cancelled.
    private func stage(_ ordinal: Int) -> Int {
        var random = SplitMix64(seed: options.seed, subject: .workOrder, index: ordinal)
        _ = random.next()
        if ordinal >= workOrderCount - openTail { return random.below(7) }
        // A repair is followed up by a call, unless that is what was planted.
        if faults.byWorkOrder[ordinal] == .notFollowedUp { return 6 }
        return random.chance(30) ? -1 : 7
    }

    func accountIndex(ofWorkOrder ordinal: Int) -> Int {
        var random = SplitMix64(seed: options.seed, subject: .workOrder, index: ordinal)
        var index = random.below(options.accounts)
        // An account that one of the systems does not know has no orders here: its rows are counted by its own fault.
        while faults.byAccount[index] == .billingOnlyAccount { index = (index + 1) % options.accounts }
        return index
    }

    func createdAt(_ ordinal: Int) -> LocalTime {
        let morning = LocalTime(options.today, second: 32_400)
        let age = workOrderCount - 1 - ordinal
        if age < openTail { return morning.adding(seconds: -14_400 - age * 216_000 / openTail) }
        let older = max(1, workOrderCount - openTail)
        return morning.adding(seconds: -259_200 - (age - openTail) * 30_000_000 / older)
    }

    func workOrder(_ ordinal: Int) -> WorkOrderFacts {
        let account = account(accountIndex(ofWorkOrder: ordinal))
        var random = SplitMix64(seed: options.seed, subject: .workOrder, index: ordinal + 500_000_000)
        let fault = faults.byWorkOrder[ordinal]
        var link = WorkOrderFacts.Link.number
        switch fault {
        case .ambiguousAddress: link = .ambiguous
        case .addressOnly, .strangerPhone: link = .address
        case .crosswalkOnly: link = .crosswalk
        case .orphanWorkOrder: link = .stray
        default:
            let roll = random.below(100)
            let isKnownToBilling = faults.byAccount[account.index] != .customerOnlyAccount
            if fault == nil, isKnownToBilling { link = roll < 80 ? .number : roll < 90 ? .crosswalk : .address }
        }

        let stage = stage(ordinal)
        let crewNumber = random.within(1...12)
        let technicianNumber = crewNumber * 10 + random.below(8)
        let technician = random.pick(["周师傅", "吴师傅", "郑师傅", "冯师傅", "蒋师傅", "沈师傅"])
        var at = createdAt(ordinal)
        var events: [WorkOrderFacts.Event] = []
        func add(_ state: String, _ note: String) {
            let isOffice = state == "待派工" || state == "已安排" || state == "已回访" || state == "已取消"
            events.append(
                .init(
                    number: events.count + 1, state: state, at: at, actor: isOffice ? "调度台" : technician, note: note))
        }
        let last = stage < 0 ? 1 : stage
        for step in 0...last {
            // In a hurry nobody books the way and the arrival.
            if step > 0 { at = at.adding(seconds: step == 7 ? 86_400 : random.within(420...2_700)) }
            if (step == 1 || step == 4), step != last, random.chance(350) { continue }
            add(WorkOrderFacts.states[step], step == 6 ? "已排气并清洗过滤器" : "")
        }
        if stage < 0 {
            at = at.adding(seconds: 3_600)
            add(WorkOrderFacts.cancelled, "用户来电取消")
        }
        if changesPlan.byWorkOrder.contains(ordinal) {
            at = changeTime
            add(WorkOrderFacts.states[stage + 1], "")
        }
        let kinds = ["不热", "不热", "不够热", "不够热", "漏水", "测温", "停供", "复供", "阀门", "其他"]
        let kind = fault == .unknownCode ? "ZZ?" : random.pick(kinds)
        let isDone = events.contains { $0.state == "已解决" }
        let state = events[events.count - 1].state
        return WorkOrderFacts(
            ordinal: ordinal, number: Self.workOrderNumber(ordinal), account: account, link: link, kind: kind,
            isUrgent: kind == "漏水" || random.chance(50), events: events, crew: "抢修\(crewNumber)班",
            technician: technician,
            technicianNumber: "JS" + Digits.padded(technicianNumber, 4),
            distance: state == "已出发" ? random.within(200...4_800) : nil,
            result: isDone ? random.pick(["已恢复供热", "更换阀门", "清洗过滤器后恢复", "室温达标,无需处理"]) : "",
            satisfaction: state == "已回访" ? random.pick(["满意", "满意", "满意", "一般", "不满意"]) : "",
            fee: Fen(isDone && random.chance(200) ? Int64(random.within(10...300)) * 100 : 0),
            description: random.pick([
                "客厅暖气片冰凉 & 卧室 <16 度", "用户反映\"一直不热\",已排气", "地暖分水器渗水", "要求上门测温", "阀门关不严 > 需更换",
                "楼上报停后家里变冷", "入户阀门疑似未开",
            ]), phone: fault == .strangerPhone ? PlantedText.strangerPhone(ordinal) : account.phones.first,
            updatedAt: at)
    }

    /// How an order's address is spelt; `withUnit` false leaves out what would make it unique.
    func addressText(_ account: AccountFacts, ordinal: Int, withUnit: Bool) -> String {
        var random = SplitMix64(seed: options.seed, subject: .spelling, index: ordinal + 700_000_000)
        let building = random.pick([
            "\(account.building)号楼", "\(account.building)#", "\(Digits.chinese(account.building))号楼",
            "\(account.building)栋",
            "\(account.building)幢", Digits.fullWidth("\(account.building)") + "号楼",
        ])
        let needsUnit = withUnit && account.unitsOfBuilding > 1
        let unit = needsUnit ? random.pick(["\(account.unit)单元", "\(Digits.chinese(account.unit))单元"]) : ""
        let room = random.pick([
            "\(account.room)", "\(account.room)室", "\(account.room)号", Digits.fullWidth("\(account.room)"),
        ])
        if needsUnit, random.chance(150) { return "\(account.building)-\(account.unit)-\(account.room)" }
        return building + unit + room
    }
}
