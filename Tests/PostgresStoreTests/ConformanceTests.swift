import HearthTesting
import PostgresStore
import TestTraits
import Testing

@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct ConformanceTests {
    @Test(arguments: StoreCheck.allCases) func thePostgresStorePasses(_ check: StoreCheck) throws {
        let failures = StoreConformance { clock in
            try PostgresStore(conninfo: PostgresServer.shared().createDatabase().dsn, clock: clock)
        }.run([check])
        #expect(failures.isEmpty, "\(failures)")
    }
}
