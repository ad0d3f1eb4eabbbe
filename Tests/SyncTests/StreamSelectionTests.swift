import ConfigurationFiles
import HeatModel
import Mapping
import Records
import Setup
import Testing

@testable import Sync

/// Which streams a selection means, and in which order they run.
@Suite struct StreamSelectionTests {
    @Test func streamsComeInTheOrderInWhichTheyNeedEachOther() throws {
        let house = try House()
        let sources = [
            (MemorySource("dispatch", []), streams: ["orders"]),
            (MemorySource("billing", []), streams: ["charges", "accounts", "seasons"]),
            (MemorySource("customer", []), streams: ["residents"]),
        ]
        let workspace = try house.workspace(sources)
        func names(_ selection: [String]) throws -> [String] {
            try workspace.configuration.streams(selection, mappings: workspace.mappings).map(\.name.description)
        }
        #expect(
            try names([]) == [
                "customer.residents", "billing.accounts", "dispatch.orders", "billing.charges", "billing.seasons",
            ])
        #expect(try names(["billing"]) == ["billing.accounts", "billing.charges", "billing.seasons"])
        #expect(try names(["billing.charges", "dispatch"]) == ["dispatch.orders", "billing.charges"])
        let error = #expect(throws: ConfigurationErrors.self) { try names(["billing.charge"]) }
        #expect(error?.description.contains("billing.charges") == true)
    }

    /// What a source brought stays when the source leaves the configuration, and is not passed over in silence.
    @Test func aStreamThatIsNoLongerConfiguredIsNamed() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(1)])])
        let all = try house.workspace([(customer, ["residents"]), (billing, ["charges"])])
        #expect(try all.sync().unread == [])
        #expect(try all.sync(["customer"]).unread == [])
        let fewer = try house.workspace([(customer, ["residents"])])
        #expect(try fewer.sync().unread == ["billing.charges"])
    }

    @Test func aStreamWithoutAMappingFileIsTold() throws {
        let house = try House()
        let workspace = try house.workspace([(MemorySource("billing", []), streams: ["payments"])])
        let error = #expect(throws: ConfigurationErrors.self) { try workspace.sync() }
        #expect(error?.description.contains("billing.payments.yaml") == true)
        #expect(error?.errors.first?.code.name == "config.missingMapping")
    }
}
