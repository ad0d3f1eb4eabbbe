import HearthTesting
import Records
import Synchronization
import Testing

@Suite struct ConformanceTests {
    static let rows: [[[String?]]] = [
        [["1", "张伟", nil], ["2", "", "空"], ["3", "王芳", ""], ["3", "王芳", ""]],
        [["5", "a|b", "两\n行"], ["6", "Ž", "x"], ["7", "赵敏", nil]],
    ]

    /// The fault that only the named check sees.
    static let faults: [(ConnectorCheck, ShelfConnector.Fault)] = [
        (.rowsExact, .losesEmptyText), (.batchesWellFormed, .addsAField), (.batchRowsRespected, .ignoresBatchRows),
        (.batchBytesRespected, .ignoresBatchBytes), (.ordinalsRise, .repeatsOrdinal), (.columnsStable, .renamesColumn),
        (.deterministic, .renumbers), (.originsEnd, .neverEnds), (.resumeLosesNothing, .cursorTooFar),
        (.deliverErrorArrives, .swallowsDeliverError), (.cancellationStops, .ignoresCancellation),
        (.limitRespected, .ignoresLimit), (.discoverListsStream, .hidesStream), (.checkPasses, .failsCheck),
        (.checkTellsBroken, .praisesBroken), (.pullTellsBroken, .pullsBroken), (.unknownStreamRefused, .takesAnyStream),
        (.sourceUntouched, .writes), (.summaryCounts, .miscounts), (.tapeReplays, .tapesOtherwise),
        (.tapeComesFirst, .tapesLate), (.completenessProven, .claimsNothing),
        (.completenessProven, .claimsWithoutDetail), (.completenessProven, .claimsAnotherTotal),
        (.completenessProven, .claimsNothingOfKnown), (.completenessProven, .claimsWhatALimitCut),
        (.completenessProven, .claimsWhatIsWithheld),
    ]

    func failures(_ fault: ShelfConnector.Fault?) -> [ConformanceFailure] {
        let shelf = ShelfConnector.Shelf(Self.rows)
        let fixture = ConnectorFixture(
            stream: "things", columns: ["number", "name", "remark"], rows: Self.rows.flatMap { $0 },
            connector: { ShelfConnector(shelf, fault: fault) },
            brokenConnector: { ShelfConnector(nil, fault: fault) },
            withholdingConnector: { ShelfConnector(shelf.withholding, fault: fault) },
            fingerprint: { String(shelf.writes.withLock { $0 }) })
        return ConnectorConformance(fixture: fixture).run()
    }

    @Test func correctConnectorPasses() {
        let failures = failures(nil)
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test(arguments: faults)
    func exactlyOneCheckSees(_ check: ConnectorCheck, _ fault: ShelfConnector.Fault) {
        let failures = failures(fault)
        #expect(failures.map(\.check) == [check], "\(failures)")
    }

    @Test func everyCheckIsProvenToFail() {
        #expect(Set(Self.faults.map { $0.0 }) == Set(ConnectorCheck.allCases))
    }
}
