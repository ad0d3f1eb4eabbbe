import HearthTesting
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: StoreCheck.allCases) func theSQLiteStorePasses(_ check: StoreCheck) throws {
        let folder = try TemporaryFolder()
        let failures = StoreConformance { try folder.store(clock: $0) }.run([check])
        #expect(failures.isEmpty, "\(failures)")
    }

    /// For each check a store that breaks just that promise: the check must say so.
    @Test(arguments: StoreCheck.allCases) func eachCheckCanFail(_ check: StoreCheck) throws {
        let folder = try TemporaryFolder()
        let failures = StoreConformance { BrokenStore(try folder.store(clock: $0), breaks: check) }.run([check])
        #expect(failures.map(\.check) == [check])
        #expect(failures.allSatisfy { !$0.message.isEmpty && !$0.message.hasPrefix("threw") }, "\(failures)")
    }
}
