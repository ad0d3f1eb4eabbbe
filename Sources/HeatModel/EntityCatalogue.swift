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
    /// Personal data (PIPL art. 28): never in logs, errors or metrics, masked by default.
    public let isPersonal: Bool
    /// The key in the canonical JSON body and in the account view: `area_building`, `due_fen`.
    public let jsonKey: String

    init(_ name: String, _ type: FieldType, unit: String? = nil, personal: Bool = false) {
        self.name = name
        self.type = type
        self.unit = unit
        self.isPersonal = personal
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

    /// Whether a record of this kind belongs to an account (all but `season`, which describes a heating season of the company).
    public var belongsToAccount: Bool { self != .season }

    private static let accountFacts: [FieldDefinition] = [
        .init("class", .code(["resident", "unit"])),
        .init("tariff", .text),
        .init("city", .text),
        .init("holder.name", .text, personal: true),
        .init("holder.phones", .textList, personal: true),
        .init("holder.idNumber", .text, personal: true),
        .init("flags.lowIncome", .boolean),
        .init("flags.locked", .boolean),
        .init("flags.blacklisted", .boolean),
        .init("flags.elderly", .boolean),
        .init("company", .text),
        .init("station", .text),
        .init("networkNumber", .text),
        .init("community", .text),
        .init("building", .text),
        .init("unit", .text),
        .init("floor", .text),
        .init("room", .text, personal: true),
        .init("address", .text, personal: true),
        .init("area.building", .decimal(places: 3), unit: "m2"),
        .init("area.inner", .decimal(places: 3), unit: "m2"),
        .init("area.usable", .decimal(places: 3), unit: "m2"),
        .init("area.billing", .decimal(places: 3), unit: "m2"),
        .init("area.suspended", .decimal(places: 3), unit: "m2"),
        .init("area.shared", .decimal(places: 3), unit: "m2"),
        .init("area.ceilingHeight", .decimal(places: 3), unit: "m"),
        .init("method", .code(["byArea", "metered", "twoPart"])),
        .init("supply.state", .code(["normal", "stopped", "partial"])),
        .init("supply.valve", .code(["open", "closed", "disconnected"])),
        .init("arrears", .fen),
        .init("openedOn", .date),
        .init("updatedAt", .instant),
        .init("remark", .text, personal: true),
    ]

    private static let catalogue: [EntityKind: [FieldDefinition]] = [
        .account: accountFacts,
        .premises: accountFacts,
        .season: [
            .init("season", .text),
            .init("startsOn", .date),
            .init("endsOn", .date),
        ],
        .charge: [
            .init("number", .text),
            .init("season", .text),
            .init(
                "item",
                .code([
                    "heatByArea", "heatMetered", "heatBase", "heatExchanger", "sharedArea", "heightSurcharge",
                    "adjustment",
                    "lateFee", "reduction", "suspension", "other",
                ])),
            .init("quantity", .decimal(places: 3)),
            .init("unit", .code(["m2", "kWh", "GJ", "MWh", "m3", "day", "each"])),
            .init("unitPrice", .decimal(places: 3), unit: "yuan"),
            .init("due", .fen),
            .init("received", .fen),
            .init("arrears", .fen),
            .init("discount", .fen),
            .init("reduction", .fen),
            .init("penalty", .fen),
            .init("tax", .fen),
            .init("status", .code(["paid", "partlyPaid", "unpaid"])),
            .init("dueOn", .date),
            .init("issuedAt", .instant),
            .init("voided", .boolean),
            .init("remark", .text, personal: true),
        ],
        .payment: [
            .init("number", .text),
            .init("season", .text),
            .init("paidAt", .instant),
            .init("amount", .fen),
            .init("channel", .code(["wechat", "alipay", "bankTransfer", "bankFile", "cash", "card", "other"])),
            .init("serial", .text),
            .init("reconciled", .boolean),
            .init("invoiceNumber", .text),
            .init("reversed", .boolean),
            .init("voided", .boolean),
        ],
        .meterReading: [
            .init("meter", .text),
            .init("season", .text),
            .init("readAt", .instant),
            .init("startValue", .decimal(places: 3)),
            .init("endValue", .decimal(places: 3)),
            .init("consumption", .decimal(places: 3)),
            .init("unit", .code(["kWh", "GJ", "MWh"])),
            .init("flow", .decimal(places: 3), unit: "m3"),
            .init("supplyTemperature", .tenthsOfDegree, unit: "degC"),
            .init("returnTemperature", .tenthsOfDegree, unit: "degC"),
            .init("voided", .boolean),
        ],
        .roomTemperature: [
            .init("celsius", .tenthsOfDegree, unit: "degC"),
            .init("measuredAt", .instant),
            .init("method", .code(["visit", "device", "selfReported"])),
            .init("place", .text),
            .init("workOrder", .text),
        ],
        .suspension: [
            .init("kind", .code(["full", "partial", "restore"])),
            .init("season", .text),
            .init("from", .date),
            .init("to", .date),
            .init("ratio", .decimal(places: 4)),
            .init("reason", .text),
            .init("requestedOn", .date),
            .init("approvedOn", .date),
            .init("state", .code(["requested", "approved", "rejected", "ended"])),
            .init("voided", .boolean),
        ],
        .disconnection: [
            .init("on", .date),
            .init("restorable", .boolean),
            .init("state", .code(["requested", "approved", "disconnected", "restored"])),
            .init("reason", .text),
            .init("voided", .boolean),
        ],
        .workOrder: [
            .init("number", .text),
            .init("kind", .code(["noHeat", "notWarm", "leak", "temperature", "stop", "restore", "valve", "other"])),
            .init("urgent", .boolean),
            .init("state", .code(WorkOrderState.allCases.map(\.rawValue))),
            .init("createdAt", .instant),
            .init("appointedAt", .instant),
            .init("dispatchedAt", .instant),
            .init("startedAt", .instant),
            .init("completedAt", .instant),
            .init("closedAt", .instant),
            .init("crew", .text),
            .init("technician", .text),
            .init("technicianDistance", .integer, unit: "m"),
            .init("technicianSeenAt", .instant),
            .init("result", .text),
            .init("visitedAt", .instant),
            .init("satisfaction", .code(["satisfied", "neutral", "dissatisfied"])),
            .init("fee", .fen),
            .init("description", .text, personal: true),
            .init("phone", .text, personal: true),
            .init("address", .text, personal: true),
        ],
        .workOrderEvent: [
            .init("workOrder", .text),
            .init("state", .code(WorkOrderState.allCases.map(\.rawValue))),
            .init("at", .instant),
            .init("actor", .text),
            .init("note", .text, personal: true),
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
