import HeatModel
import Testing

@testable import LegacyEstate

@Suite struct PlantedTests {
    @Test(arguments: [200, 2000], City.allCases) func everyKindIsPlanted(_ accounts: Int, _ city: City) {
        let planted = Estate(EstateOptions(accounts: accounts, seed: 11, city: city)).planted
        let missing = Set(PlantedFault.Kind.allCases.filter { !$0.isDiscrepancy }).subtracting(planted.map(\.kind))
        #expect(missing.isEmpty)
        #expect(Set(planted.map { "\($0.stream) \($0.key)" }).count == planted.count)
    }

    @Test(arguments: [200, 2000], City.allCases) func everyDiscrepancyIsPlanted(_ accounts: Int, _ city: City) {
        let planted = Estate(EstateOptions(accounts: accounts, seed: 11, city: city, plantDiscrepancies: true)).planted
        #expect(Set(PlantedFault.Kind.allCases).subtracting(planted.map(\.kind)).isEmpty)
        #expect(Set(planted.map { "\($0.stream) \($0.key)" }).count == planted.count)
        let without = Estate(EstateOptions(accounts: accounts, seed: 11, city: city)).planted
        #expect(without == Array(planted.prefix(without.count)))
    }

    @Test func countsGrowModestly() {
        #expect(Estate(EstateOptions(accounts: 20_000)).planted.count == 10 * PlantedFault.Kind.allCases.count { !$0.isDiscrepancy })
        #expect(Estate(EstateOptions(accounts: 1)).planted.count <= PlantedFault.Kind.allCases.count)
    }

    @Test func billingFaultsStandInTheTables() throws {
        let estate = Estate(EstateOptions(accounts: 2000, seed: 4, city: .harbin))
        let rows = try CollectedRows.of(estate)
        let charges = Dictionary(grouping: rows.rows(.sf_fy)) { $0["id"] ?? "" }
        let payments = Dictionary(grouping: rows.rows(.sf_jf)) { $0["lsh"] ?? "" }
        let cards = Dictionary(grouping: rows.rows(.sf_yh)) { $0["yhid"] ?? "" }
        let numbers = Set(cards.values.flatMap { $0 }.compactMap { $0["yhkh"] })
        for fault in estate.planted where fault.system == "billing" {
            let charge = charges[fault.key] ?? []
            switch fault.kind {
            case .orphanBill:
                #expect(charge.count == 1)
                #expect(charge.allSatisfy { !numbers.contains($0["yhkh"] ?? "") && cards[$0["yhid"] ?? ""] == nil })
            case .duplicateCharge: #expect(charge.count == 2 && charge[0] == charge[1])
            case .conflictingCharge: #expect(charge.count == 2 && charge[0]["ysje"] != charge[1]["ysje"])
            case .badDecimal: #expect(charge.map { $0["dj"] } == ["2S.00O"])
            case .impossibleDate: #expect(charge.map { $0["jzrq"] } == ["2025-02-30"])
            case .voidedCharge: #expect(charge.map { $0["zf"] } == ["1"])
            case .badTotal: #expect(charge.count == 1)
            case .duplicatePayment: #expect(payments[fault.key]?.count == 2)
            case .paymentNotPosted:
                let row = payments[fault.key]?.first
                #expect(row?["dzzt"] == "0" && row?["fphm"] == nil && fen(row?["je"]) == fault.money?.amount)
            case .billingOnlyAccount:
                for also in fault.alsoQuarantined {
                    let table: BillingTable =
                        switch also.stream {
                        case "billing.charges": .sf_fy
                        case "billing.payments": .sf_jf
                        case "billing.readings": .sf_cb
                        default: .sf_yh
                        }
                    #expect(rows.rows(table).filter { $0["yhkh"] == fault.accountNumber }.count == also.count)
                }
            case .areaDisagreement, .heightUnderstated, .staleArea:
                let number = try #require(fault.accountNumber)
                let account = try #require(estate.truth(account: number))
                let right = estate.bills(of: account)[1].due.amount
                let billed = rows.rows(.sf_fy).filter { $0["yhkh"] == number && $0["cnq"] == "2025-2026" }
                    .reduce(Int64(0)) { $0 + (fen($1["ysje"]) ?? 0) }
                #expect(right - billed == fault.money?.amount)
                #expect(fault.kind == .areaDisagreement || right > billed)
            default: Issue.record("not a fault of billing: \(fault.kind)")
            }
        }
    }

    @Test func dispatchFaultsStandInTheOrders() throws {
        let estate = Estate(EstateOptions(accounts: 3000, seed: 6))
        for fault in estate.planted where fault.stream == "dispatch.workOrders" {
            let ordinal = try #require(Int(fault.key.dropFirst(2))) - 20_000_001
            let order = estate.workOrder(ordinal)
            var xml = XMLText()
            estate.append(order, to: &xml)
            let text = String(decoding: xml.bytes, as: UTF8.self)
            #expect(text.contains("id=\"\(fault.key)\""))
            #expect(text.contains("<d:AccountNo>") == (fault.kind == .orphanWorkOrder || fault.kind == .unknownCode))
            switch fault.kind {
            case .ambiguousAddress:
                #expect(fault.candidates.count > 1 && fault.candidates.contains(order.account.number))
                #expect(!text.contains("单元"))
                let places = fault.candidates.compactMap { estate.truth(account: $0) }
                    .map { "\($0.communityName)|\($0.building)|\($0.room)" }
                #expect(Set(places).count == 1)
            case .crosswalkOnly: #expect(text.contains("<d:BillingId>\(order.account.billingID)</d:BillingId>"))
            case .orphanWorkOrder: #expect(estate.truth(account: AccountFacts.strayNumber(order.account.index)) == nil)
            case .addressOnly: #expect(text.contains("<d:Address>") && text.contains(order.account.communityName))
            default: #expect(text.contains("<d:Type>ZZ?</d:Type>"))
            }
        }
    }

    /// The second day differs from the first in exactly what is said to have changed.
    @Test func changesAreAllThatChanges() throws {
        let first = Estate(EstateOptions(accounts: 3000, seed: 2))
        let second = first.advanced()
        #expect(first.changes.isEmpty)
        #expect(Set(second.changes.map(\.kind)) == Set(EstateChange.Kind.allCases))
        let (before, after) = (try CollectedRows.of(first), try CollectedRows.of(second))
        for (stream, table, key) in [
            ("billing.accounts", BillingTable.sf_yh, "yhid"), ("billing.charges", .sf_fy, "id"),
            ("billing.payments", .sf_jf, "lsh"),
        ] {
            let old = Set(before.rows(table))
            let changed = after.rows(table).filter { !old.contains($0) }
            #expect(
                Set(changed.compactMap { $0[key] }) == Set(second.changes.filter { $0.stream == stream }.map(\.key)))
            // All of it is found by the cursor column.
            let latest = before.rows(table).compactMap { $0["gxsj"] }.max() ?? ""
            #expect(changed.allSatisfy { ($0["gxsj"] ?? "") > latest })
        }
        #expect(before.tables[BillingTable.sf_cb.rawValue] == after.tables[BillingTable.sf_cb.rawValue])
        let orders = (0..<first.workOrderCount).filter {
            first.workOrder($0).events.count != second.workOrder($0).events.count
        }
        #expect(
            Set(orders.map(Estate.workOrderNumber))
                == Set(second.changes.filter { $0.stream == "dispatch.workOrders" }.map(\.key)))
        #expect(Set(second.workOrders(updatedSince: second.changeTime)) == Set(orders))
    }
}
