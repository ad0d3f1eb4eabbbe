import AccountView
import Billing
import Explanation
import Foundation
import HeatModel
import SQLiteStore
import Store

@testable import Triage

let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
let shippedRules = Result {
    try TriageRules.load(path: repository.appendingPathComponent("Config/triage.yaml").path)
}
let shippedMoney = Result {
    try MoneyAnswers.load(
        configuration: repository.appendingPathComponent("Config").path, settings: ExplanationSettings())
}

func instant(_ text: String) -> Instant { Instant(text) ?? Instant(microseconds: 0, offsetMinutes: 0) }
let noon = instant("2026-01-20T12:00:00+08:00")
func hours(_ hours: Int) -> String {
    Instant(microseconds: noon.microseconds + Int64(hours) * 3_600_000_000, offsetMinutes: 480).description
}

/// An account view as the builder writes it, of the parts that a test gives.
struct Home {
    var facts = [
        "class": "resident", "method": "byArea", "tariff": "TJ-JM-1", "company": "暖城", "station": "HRZ0001",
        "community": "阳光花园", "building": "3", "area_billing": "100.000", "area_building": "100.000",
        "supply_state": "normal", "supply_valve": "open",
    ]
    var charges: [String] = []
    var suspensions: [String] = []
    var disconnections: [String] = []
    var orders: [String] = []
    var temperatures: [String] = []

    mutating func owes(_ fen: Int64, season: String = "2024-2025", dueOn: String = "2024-12-31") {
        charges.append(
            "{\"source\":\"billing.charges\",\"key\":\"\(charges.count)\",\"season\":\"\(season)\",\"item\":\"heatByArea\",\"quantity\":\"100.000\",\"unit\":\"m2\",\"unit_price\":\"25.000\",\"due_fen\":250000,\"received_fen\":\(250_000 - fen),\"arrears_fen\":\(fen),\"due_on\":\"\(dueOn)\"}"
        )
    }

    mutating func order(_ kind: String, _ state: String?, at: String?) {
        let stated = [state.map { "\"state\":\"\($0)\"" }, at.map { "\"created_at\":\"\($0)\"" }].compactMap(\.self)
        let number = "WX\(orders.count)"
        orders.append(
            "{\"source\":\"dispatch.workOrders\",\"key\":\"\(number)\",\"number\":\"\(number)\",\"kind\":\"\(kind)\""
                + stated.map { "," + $0 }.joined() + ",\"phone\":\"13800000000\"}")
    }

    mutating func temperature(_ celsius: String, at: String) {
        temperatures.append(
            "{\"source\":\"dispatch.temperatures\",\"key\":\"T\(temperatures.count)\",\"celsius\":\"\(celsius)\",\"measured_at\":\"\(at)\",\"method\":\"visit\"}"
        )
    }

    var view: [UInt8] {
        let names = facts.keys.sorted()
        let stated = names.map { "\"\($0)\":\"\(facts[$0] ?? "")\"" }.joined(separator: ",")
        func list(_ name: String, _ entries: [String]) -> String { ",\"\(name)\":[\(entries.joined(separator: ","))]" }
        return Array(
            ("{\"account_number\":\"00000001\",\"facts\":{\(stated)},\"fact_sources\":[{\"source\":\"billing.accounts\",\"key\":\"1\",\"fields\":[\(names.map { "\"\($0)\"" }.joined(separator: ","))]}]"
                + list("charges", charges) + list("suspensions", suspensions) + list("disconnections", disconnections)
                + list("work_orders", orders) + list("temperatures", temperatures) + "}").utf8)
    }
}

/// A store with a household, outages and neighbours.
final class Scene {
    let folder: String
    let store: SQLiteStore
    var rules: TriageRules
    private let stream: StreamID
    private var run: RunID
    private var origin: OriginID
    private let own: AccountID
    /// What it remembers of a store is of this one.
    let money: MoneyAnswers

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("triage-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder + "/hearth.db", cacheMegabytes: 1)
        rules = try shippedRules.get()
        let shared = try shippedMoney.get()
        money = MoneyAnswers(book: shared.book, wordings: shared.wordings, settings: ExplanationSettings())
        (stream, run, origin, own) = try store.write { store in
            let stream = try store.stream(named: "dispatch.outages", entity: .outage)
            let (run, origin) = try Self.begin(store, stream)
            let own = try Array("00000001".utf8).withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
            return (stream, run, origin, own)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func begin(_ store: any StoreWriter, _ stream: StreamID) throws -> (RunID, OriginID) {
        let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: noon)
        let origin = try store.beginOrigin(
            IncomingOrigin(
                stream: stream, run: run, kind: "page", name: "page 1", digest: nil, byteCount: nil, isSnapshot: false,
                columns: ["x"]))
        return (run, origin)
    }

    /// Ends the run and begins another: what is put from now on is of a later moment.
    @discardableResult
    func nextRun() throws -> Int64 {
        let ended = run.number
        (run, origin) = try store.write { store in
            try store.endRun(run, state: .success, at: noon, error: nil, totals: [])
            return try Self.begin(store, stream)
        }
        return ended
    }

    /// Puts a version of an outage, as a commit does.
    func outage(_ fields: KeyValuePairs<String, String>, key: String = "TG1", voided: Bool = false) throws {
        let text = "{" + fields.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"
        try store.write { store in
            try Array(key.utf8).withUnsafeBytes { key in
                try Array(text.utf8).withUnsafeBytes { body in
                    let record = IncomingRecord(
                        stream: stream, key: key, account: nil, rule: .none, hash: ContentHash(1, UInt64(body.count)),
                        body: body, raw: body, run: run, origin: origin, ordinal: 1, isVoided: voided)
                    if let current = try store.current(stream: stream, key: key) {
                        try store.supersede(current.id, with: record)
                    } else {
                        _ = try store.insert(record)
                    }
                    let outage = Outage(body: body)
                    if let place = outage.place {
                        try store.noteOutage(stream: stream, key: key, at: place, endsAt: outage.endedAt)
                    }
                }
            }
        }
    }

    /// Takes an outage away.
    func vanish(_ key: String) throws {
        try store.write { store in
            try Array(key.utf8).withUnsafeBytes { key in
                guard let current = try store.current(stream: stream, key: key) else { return }
                _ = try store.end(current.id, run: run, reason: .vanished)
            }
        }
    }

    /// So many neighbours with an open order each; with `own`, the household has one, too.
    func neighbours(
        _ count: Int, own hasOwn: Bool = false, kind: String = "noHeat", building: String = "3",
        station: String = "HRZ0001", hoursAgo: Int64 = 2
    ) throws {
        let house = PeerBuilding(company: "暖城", station: station, community: "阳光花园", building: building)
        let orders = [OpenOrder(kind: kind, createdAt: noon.microseconds - hoursAgo * 3_600_000_000 - 60_000_000)]
        try store.write { store in
            var rows = hasOwn ? [OpenOrders(account: own, house: house, orders: orders)] : []
            let before = try store.accountCount()
            for number in 0..<Int64(count) {
                let name = Array("9\(before + number)".utf8)
                let account = try name.withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
                rows.append(OpenOrders(account: account, house: house, orders: orders))
            }
            try store.putOpenOrders(rows.sorted { $0.account < $1.account })
        }
    }

    func answer(
        _ home: Home = Home(), now: Instant = noon, asOf run: Int64? = nil, isOtherDay: Bool = false
    ) throws -> TriageAnswer {
        try store.read { store in
            let moment = try run.map { try store.moment(of: .run(RunID($0))) } ?? nil
            let triage = Triage(
                rules: rules, money: money, store: store, moment: moment, now: now, isOtherDay: isOtherDay)
            return try home.view.withUnsafeBytes { try triage.answer("00000001", view: $0) }
        }
    }

    func found(_ home: Home = Home(), now: Instant = noon, asOf run: Int64? = nil) throws -> [Finding.Kind] {
        try answer(home, now: now, asOf: run).findings.map(\.kind).filter { $0 != .noReading }
    }
}
