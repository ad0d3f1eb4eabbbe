import HearthTesting
import PostgresStore
import Testing

@Suite(.enabled(if: PostgresServer.isInstalled)) struct ConformanceTests {
    @Test(arguments: StoreCheck.allCases) func thePostgresStorePasses(_ check: StoreCheck) throws {
        let failures = StoreConformance { clock in
            try PostgresStore(conninfo: PostgresServer.shared().createDatabase().dsn, clock: clock)
        }.run([check])
        #expect(failures.isEmpty, "\(failures)")
    }
}
