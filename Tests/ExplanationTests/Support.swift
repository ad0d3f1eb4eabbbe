import AccountView
import Billing
import Explanation
import Foundation
import HeatModel
import LegacyEstate
import Mapping
import SQLiteStore
import Setup
import Store
import Sync
import Testing

/// The repository's folder.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The tariffs that are shipped.
let shipped = Result { try TariffBook.load(directory: repository.appendingPathComponent("Config/tariffs").path) }
let wordings = Result { try Wordings.load(directory: repository.appendingPathComponent("Config/answers").path) }

func exact(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? ExactDecimal(units: .min, places: 0) }
func day(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(dayNumber: 0) }
func instant(_ text: String) -> Instant { Instant(text) ?? Instant(microseconds: 0, offsetMinutes: 0) }

/// A generated company, synced into a store of its own: billing and customers through the shipped configuration and mappings.
final class Company {
    let estate: Estate
    let folder: String
    let store: SQLiteStore
    let workspace: Workspace
    let money: MoneyAnswers
    var today: CivilDate { estate.today }

    convenience init(_ options: EstateOptions) throws { try self.init(Estate(options)) }

    init(_ estate: Estate) throws {
        self.estate = estate
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("hearth-company-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        try estate.writeBilling(sqlite: folder + "/billing.sqlite")
        try estate.writeCustomer(dropFolder: folder + "/drops")
        var text = try String(contentsOf: repository.appendingPathComponent("Config/hearth.yaml"), encoding: .utf8)
        let values = [
            "HEARTH_STORE": folder + "/hearth.db", "HEARTH_ARCHIVE": folder + "/archive",
            "HEARTH_BILLING_DRIVER": "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_BILLING_CONNINFO": "",
            "HEARTH_CUSTOMER_DROPS": folder + "/drops", "HEARTH_DISPATCH_URL": "http://127.0.0.1:9/",
            "HEARTH_DISPATCH_USER": "hearth", "HEARTH_DISPATCH_PASSWORD": "none",
        ]
        for (name, value) in values {
            text = text.replacing(try Regex("\\$\\{env:\(name)(:-[^}]*)?\\}"), with: value)
        }
        text = text.replacing("../Mappings", with: repository.appendingPathComponent("Mappings").path)
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/hearth.yaml"))
        let configuration = try HearthConfiguration.load(path: folder + "/hearth.yaml")
        store = try SQLiteStore(path: configuration.storePath)
        workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings),
            store: store,
            clock: { instant("2026-01-20T12:00:00+08:00") })
        money = MoneyAnswers(
            book: try shipped.get(), wordings: try wordings.get(),
            settings: ExplanationSettings(peers: configuration.peers))
        _ = try workspace.sync(["customer", "billing"])
    }

    /// Puts a day of the company into its systems.
    func show(_ estate: Estate) throws {
        try? FileManager.default.removeItem(atPath: folder + "/billing.sqlite")
        try estate.writeBilling(sqlite: folder + "/billing.sqlite")
        try estate.writeCustomer(dropFolder: folder + "/drops")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func explain(_ number: String, _ season: String? = nil, _ versus: Explanation.Versus) throws -> Explanation {
        try store.read { store in
            try money.explanation(
                of: number, season: season, versus: versus, today: today, now: instant("2026-01-20T12:00:00+08:00"),
                in: store)
        }
    }
}

/// Statistics and records of a test's own making.
struct Neighbourhood: SupportingData {
    var byLevel: [CohortLevel: CohortStatistics] = [:]
    var waiting = 0
    var comparesWithPresent = false
    var companyDay: CivilDate?
    var reads: Instant? = instant("2026-01-20T08:00:00+08:00")

    func statistics(_ level: CohortLevel, of house: PeerBuilding, kind: CohortKind) throws -> CohortStatistics? {
        byLevel[level]
    }
    func provenances(of account: String) throws -> (AccountContext.Reference) -> (run: Int64, instant: Instant?)? {
        { _ in (7, reads) }
    }
    func latestDay(upTo day: CivilDate) throws -> CivilDate? { companyDay.map { min($0, day) } }
    func waitingCharges(of account: String) throws -> Int { waiting }
    func lastSuccess(of streams: [String]) throws -> [String: Instant] {
        reads.map { at in Dictionary(uniqueKeysWithValues: streams.map { ($0, at) }) } ?? [:]
    }
}

/// An account view as the builder writes it, of the parts that a test gives.
struct ViewText {
    var facts: [String: String] = [
        "class": "resident", "method": "byArea", "tariff": "TJ-JM-1", "company": "暖城", "station": "HRZ0001",
        "community": "阳光花园", "building": "1", "area_building": "118.600", "area_inner": "101.200",
        "area_shared": "17.400",
        "area_billing": "118.600", "area_ceiling_height": "2.800", "supply_state": "normal",
    ]
    var charges: [String] = []
    var payments: [String] = []
    var readings: [String] = []
    var suspensions: [String] = []
    var disconnections: [String] = []
    var temperatures: [String] = []

    mutating func charge(
        _ season: String, _ item: String, _ quantity: String, _ unit: String, _ price: String, _ due: Int64,
        extra: String = ""
    ) {
        charges.append(
            "{\"source\":\"billing.charges\",\"key\":\"\(charges.count + 1)\",\"season\":\"\(season)\",\"item\":\"\(item)\",\"quantity\":\"\(quantity)\",\"unit\":\"\(unit)\",\"unit_price\":\"\(price)\",\"due_fen\":\(due),\"issued_at\":\"2025-08-20T08:00:00+08:00\"\(extra)}"
        )
    }

    mutating func reading(_ season: String, _ from: String, _ to: String, _ unit: String = "kWh", at: String) {
        let used = (try? Ratio(exact(to)) + -Ratio(exact(from)))?.decimal(atLeast: 3)?.description ?? ""
        readings.append(
            "{\"source\":\"billing.readings\",\"key\":\"R\(readings.count)\",\"season\":\"\(season)\",\"meter\":\"M1\",\"read_at\":\"\(at)\",\"start_value\":\"\(from)\",\"end_value\":\"\(to)\",\"consumption\":\"\(used)\",\"unit\":\"\(unit)\"}"
        )
    }

    mutating func temperature(_ celsius: String, at: String, method: String = "visit") {
        temperatures.append(
            "{\"source\":\"dispatch.temperatures\",\"key\":\"T\(temperatures.count)\",\"celsius\":\"\(celsius)\",\"measured_at\":\"\(at)\",\"method\":\"\(method)\"}"
        )
    }

    var bytes: [UInt8] {
        let stated = facts.keys.sorted()
        let facts = stated.map { key in
            let value = self.facts[key] ?? ""
            return "\"\(key)\":" + (["true", "false"].contains(value) ? value : "\"\(value)\"")
        }
        let names = stated.map { "\"\($0)\"" }.joined(separator: ",")
        func list(_ name: String, _ entries: [String]) -> String { ",\"\(name)\":[\(entries.joined(separator: ","))]" }
        let text =
            "{\"account_number\":\"00012345\",\"facts\":{\(facts.joined(separator: ","))},\"fact_sources\":[{\"source\":\"customer.residents\",\"key\":\"00012345\",\"fields\":[\(names)]}],\"missing\":[],\"disagreements\":[],\"seasons\":[]"
            + list("charges", charges) + list("payments", payments) + list("readings", readings)
            + list("suspensions", suspensions) + list("disconnections", disconnections) + list("work_orders", [])
            + list("temperatures", temperatures) + "}"
        return Array(text.utf8)
    }
}

/// A book of one file with these lines.
func tariffs(_ text: String) throws -> TariffBook {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tariffs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(text.utf8).write(to: folder.appendingPathComponent("city.yaml"))
    return try TariffBook.load(directory: folder.path)
}

extension ViewText {
    /// A question to a store that holds this view of one account.
    func inStore<Answer>(_ question: (any StoreReader) throws -> Answer) throws -> Answer {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("money-\(UUID().uuidString).db").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let store = try SQLiteStore(path: path)
        try store.write { store in
            let stream = try store.stream(named: "billing.accounts", entity: .account)
            let run = try store.beginRun(
                stream: stream, mode: "full", mappingVersion: "m", at: instant("2026-01-20T08:00:00+08:00"))
            let account = try Array("00012345".utf8).withUnsafeBytes {
                try store.introduceAccount(number: $0, run: run)
            }
            try bytes.withUnsafeBytes { try store.putView(account, body: $0, runs: nil) }
        }
        return try store.read(question)
    }
}
