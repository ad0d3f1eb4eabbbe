/// The kinds of canonical record, one source row each.
///
/// `account` and `premises` both state facts about an account: the first is billing's card of it, the second the
/// customer system's. Which system wins for which fact is said in `Mappings/unified.yaml`.
public enum EntityKind: String, Sendable, CaseIterable, Codable {
    case account
    case premises
    case season
    case charge
    case payment
    case meterReading
    case roomTemperature
    case suspension
    case disconnection
    case workOrder
    case workOrderEvent
    case outage
}

/// What a canonical field holds and how it is written in a record's canonical JSON body.
public enum FieldType: Hashable, Sendable {
    /// JSON string.
    case text
    /// JSON array of strings.
    case textList
    /// JSON string, one of these.
    case code([String])
    /// JSON string with exactly this many places: `"118.600"`.
    case decimal(places: UInt8)
    /// JSON integer; the JSON key ends in `_fen`.
    case fen
    /// JSON string with one place, in °C: `"19.2"`.
    case tenthsOfDegree
    /// JSON string `"2025-11-15"`.
    case date
    /// JSON string, RFC 3339 with offset.
    case instant
    /// JSON integer.
    case integer
    /// JSON `true` or `false`.
    case boolean
}

/// A field that a mapping may fill.
public struct FieldDefinition: Hashable, Sendable {
    /// As written in mapping files: `area.building`.
    public let name: String
    public let type: FieldType
    /// Unit of the number where it has one: `m2`, `m`, `yuan/m2`.
    public let unit: String?
    /// Personal data (PIPL art. 28): never in logs, errors or metrics, masked by default. A text is, unless its entry says that it is
    /// none.
    public let isPersonal: Bool
    /// The key in the canonical JSON body and in the account view: `area_building`, `due_fen`.
    public let jsonKey: String
    /// What a mapping file may still call it.
    public let formerName: String?
    /// In a few words, with what legacy systems call it.
    public let meaning: String

    init(
        _ name: String, _ type: FieldType, unit: String? = nil, personal: Bool? = nil, jsonKey: String? = nil,
        formerName: String? = nil, _ meaning: String
    ) {
        self.name = name
        self.type = type
        self.unit = unit
        self.isPersonal = personal ?? (type == .text || type == .textList)
        self.formerName = formerName
        self.meaning = meaning
        if let jsonKey {
            self.jsonKey = jsonKey
            return
        }
        var key = ""
        for character in name {
            if character == "." {
                key.append("_")
            } else if character.isUppercase {
                key.append("_" + character.lowercased())
            } else {
                key.append(character)
            }
        }
        self.jsonKey = type == .fen ? key + "_fen" : key
    }
}

extension EntityKind {
    /// Every field of this kind, in the order in which a canonical body writes them.
    public var fields: [FieldDefinition] { Self.catalogue[self]! }

    /// The field that a mapping file calls so, also by a former name.
    public func field(named name: String) -> FieldDefinition? {
        fields.first { $0.name == name } ?? fields.first { $0.formerName == name }
    }

    /// Whether a record of this kind belongs to an account: all but `season`, which describes a heating season of the company, and
    /// `outage`, which concerns places.
    public var belongsToAccount: Bool { self != .season && self != .outage }

    private static let accountFacts: [FieldDefinition] = [
        .init("class", .code(["resident", "unit"]), "用户类别: a household or a business"),
        .init("tariff", .text, personal: false, "价格编号: the tariff's own name in billing"),
        .init("city", .text, personal: false, "城市: chooses the tariff file"),
        .init("holder.name", .text, "户名"),
        .init("holder.phones", .textList, "联系电话"),
        .init("holder.idNumber", .text, "身份证号"),
        .init("flags.lowIncome", .boolean, "低保"),
        .init("flags.locked", .boolean, "稽查锁户"),
        .init("flags.blacklisted", .boolean, "黑名单"),
        .init("flags.elderly", .boolean, "老年用户"),
        .init("company", .text, personal: false, "供热公司"),
        .init("station", .text, personal: false, "换热站"),
        .init("networkNumber", .text, personal: false, "管网编号"),
        .init("community", .text, personal: false, "小区"),
        .init("building", .text, personal: false, "楼号"),
        .init("unit", .text, personal: false, "单元"),
        .init("floor", .text, personal: false, "楼层"),
        .init("room", .text, "室号"),
        .init("address", .text, "地址, whole, as it is written"),
        .init("area.building", .decimal(places: 3), unit: "m2", "建筑面积"),
        .init("area.inner", .decimal(places: 3), unit: "m2", "套内面积"),
        .init("area.usable", .decimal(places: 3), unit: "m2", "使用面积"),
        .init("area.billing", .decimal(places: 3), unit: "m2", "收费面积"),
        .init("area.suspended", .decimal(places: 3), unit: "m2", "停供面积"),
        .init("area.shared", .decimal(places: 3), unit: "m2", "公摊面积"),
        .init("area.ceilingHeight", .decimal(places: 3), unit: "m", "层高"),
        .init(
            "area.basis", .code(["building", "inner", "usable", "billing"]),
            "计费面积口径: which area is charged, where communities differ under one tariff"),
        .init("method", .code(["byArea", "metered", "twoPart"]), "计费方式: 按面积, 计量, 两部制"),
        .init(
            "heatSource", .text, personal: false,
            "热源: the word by which a tariff's `heatSource` distinguishes its prices, such as network or boiler"),
        .init("supply.state", .code(["normal", "stopped", "partial"]), "供热状态"),
        .init("supply.valve", .code(["open", "closed", "disconnected"]), "阀门状态"),
        .init("arrears", .fen, "累计欠费, as the card states it"),
        .init("openedOn", .date, "开户日期"),
        .init("updatedAt", .instant, "last change in the source"),
        .init("remark", .text, "备注"),
    ]

    private static let catalogue: [EntityKind: [FieldDefinition]] = [
        .account: accountFacts,
        .premises: accountFacts,
        .season: [
            .init("season", .text, personal: false, "采暖期, `2025-2026`"),
            .init("startsOn", .date, "first day of supply"),
            .init("endsOn", .date, "last day of supply"),
        ],
        .charge: [
            .init("number", .text, personal: false, "单号"),
            .init("season", .text, personal: false, "采暖期"),
            .init(
                "item",
                .code([
                    "heatByArea", "heatMetered", "heatBase", "heatExchanger", "sharedArea", "heightSurcharge",
                    "adjustment",
                    "lateFee", "reduction", "suspension", "other",
                ]), "费用类别: what the line is for"),
            .init("quantity", .decimal(places: 3), "数量, in `unit`"),
            .init("unit", .code(Charge.Unit.allCases.map(\.rawValue)), "unit of quantity and price, as published"),
            .init("unitPrice", .decimal(places: 3), unit: "yuan", "单价: 元 for one unit"),
            .init("due", .fen, "应缴"),
            .init("received", .fen, "实缴"),
            .init("arrears", .fen, "欠费"),
            .init("discount", .fen, "折扣"),
            .init("reduction", .fen, "核减"),
            .init("penalty", .fen, "违约金"),
            .init("tax", .fen, "税额"),
            .init("status", .code(["paid", "partlyPaid", "unpaid"]), "缴费状态"),
            .init("dueOn", .date, "缴费截止日"),
            .init("issuedAt", .instant, "出账时间"),
            .init("voided", .boolean, "作废"),
            .init("remark", .text, "备注"),
        ],
        .payment: [
            .init("number", .text, personal: false, "单号"),
            .init("season", .text, personal: false, "采暖期"),
            .init("paidAt", .instant, "缴费时间"),
            .init("amount", .fen, "缴费金额"),
            .init("channel", .code(["wechat", "alipay", "bankTransfer", "bankFile", "cash", "card", "other"]), "缴费方式"),
            .init("serial", .text, personal: false, "流水号"),
            .init("reconciled", .boolean, "已对账"),
            .init("invoiceNumber", .text, personal: false, "发票号"),
            .init("reversed", .boolean, "红冲"),
            .init("voided", .boolean, "作废"),
        ],
        .meterReading: [
            .init("meter", .text, personal: false, "表号"),
            .init("season", .text, personal: false, "采暖期"),
            .init("readAt", .instant, "抄表时间"),
            .init("startValue", .decimal(places: 3), "起始表数, in `unit`"),
            .init("endValue", .decimal(places: 3), "终止表数, in `unit`"),
            .init("consumption", .decimal(places: 3), "用热量, in `unit`"),
            .init(
                "unit", .code(MeterReading.Unit.allCases.map(\.rawValue)),
                "unit of the three values, as the meter shows it; never converted"),
            .init("flow", .decimal(places: 3), unit: "m3", "累计流量"),
            .init("supplyTemperature", .tenthsOfDegree, unit: "degC", "供水温度"),
            .init("returnTemperature", .tenthsOfDegree, unit: "degC", "回水温度"),
            .init("voided", .boolean, "作废"),
        ],
        .roomTemperature: [
            .init("celsius", .tenthsOfDegree, unit: "degC", "室温"),
            .init("measuredAt", .instant, "测温时间"),
            .init("method", .code(["visit", "device", "selfReported"]), "测温方式"),
            .init("place", .text, personal: false, "where in the flat: 客厅, 卧室"),
            .init("workOrder", .text, personal: false, "number of the work order that it belongs to"),
        ],
        .suspension: [
            .init("kind", .code(["full", "partial", "restore"]), "业务类型: 报停, 部分报停, 恢复"),
            .init("season", .text, personal: false, "采暖期"),
            .init("from", .date, "停供开始"),
            .init("to", .date, "停供结束"),
            .init(
                "suspendedShare", .decimal(places: 4), jsonKey: "ratio", formerName: "ratio",
                "停供比例: the share of the charged area that is suspended, 0 to 1; not the share of the fee that stays due, which is the tariff's rule"
            ),
            .init("reason", .text, "原因"),
            .init("requestedOn", .date, "申请日期"),
            .init("approvedOn", .date, "审核日期"),
            .init("state", .code(["requested", "approved", "rejected", "ended"]), "审核状态"),
            .init("voided", .boolean, "作废"),
        ],
        .disconnection: [
            .init("on", .date, "拆网日期"),
            .init("restorable", .boolean, "可恢复"),
            .init("state", .code(["requested", "approved", "disconnected", "restored"]), "状态"),
            .init("reason", .text, "原因"),
            .init("voided", .boolean, "作废"),
        ],
        .workOrder: [
            .init("number", .text, personal: false, "工单号"),
            .init(
                "kind", .code(["noHeat", "notWarm", "leak", "temperature", "stop", "restore", "valve", "other"]), "报修类型"
            ),
            .init("urgent", .boolean, "紧急"),
            .init("state", .code(WorkOrderState.allCases.map(\.rawValue)), "状态, after IEC 61968-6"),
            .init("createdAt", .instant, "报修时间"),
            .init("appointedAt", .instant, "预约时间"),
            .init("dispatchedAt", .instant, "派单时间"),
            .init("startedAt", .instant, "开始时间"),
            .init("completedAt", .instant, "完成时间"),
            .init("closedAt", .instant, "回访结案时间"),
            .init("crew", .text, personal: false, "班组"),
            .init("technician", .text, "维修师傅"),
            .init("technicianDistance", .integer, unit: "m", "distance of the technician from the flat"),
            .init("technicianSeenAt", .instant, "when that distance was true"),
            .init("result", .text, "处理结果"),
            .init("visitedAt", .instant, "上门时间"),
            .init("satisfaction", .code(["satisfied", "neutral", "dissatisfied"]), "满意度"),
            .init("fee", .fen, "维修费"),
            .init("description", .text, "报修内容"),
            .init("phone", .text, "来电号码"),
            .init("address", .text, "报修地址"),
        ],
        .workOrderEvent: [
            .init("workOrder", .text, personal: false, "number of the work order"),
            .init("state", .code(WorkOrderState.allCases.map(\.rawValue)), "state reached, after IEC 61968-6"),
            .init("at", .instant, "when"),
            .init("actor", .text, "who"),
            .init("note", .text, "note"),
        ],
        .outage: [
            .init("number", .text, personal: false, "停供编号"),
            .init("kind", .code(Outage.Kind.allCases.map(\.rawValue)), "计划检修, 故障抢修"),
            .init("state", .code(Outage.State.allCases.map(\.rawValue)), "状态"),
            .init("station", .text, personal: false, "换热站, where all of it is concerned"),
            .init("community", .text, personal: false, "小区"),
            .init("building", .text, personal: false, "楼号 in `community`, where it alone is concerned"),
            .init("cause", .text, personal: false, "停供原因, as it is published; no person's name belongs there"),
            .init("beginsAt", .instant, "停供时间"),
            .init("expectedEndAt", .instant, "预计恢复时间"),
            .init("endedAt", .instant, "恢复时间"),
        ],
    ]
}

/// States of a work order, after IEC 61968-6 (`WorkStatusKind`).
public enum WorkOrderState: String, Sendable, CaseIterable, Codable {
    case waitingToBeScheduled
    case scheduled
    /// 维修单已派往班组.
    case dispatched
    /// 师傅已出发.
    case enroute
    /// 已到达.
    case onSite
    case inProgress
    /// 已解决.
    case completed
    /// 已回访.
    case closed
    case cancelled
    case waitingOnMaterial
}
