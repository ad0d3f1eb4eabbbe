import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing

@Suite struct SQLiteStoreTests {
    @Test func aNewStoreHoldsNothing() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(path: folder.appendingPathComponent("hearth.db").path)
        let (streams, accounts) = try store.read { (try $0.streams(), try $0.accountCount()) }
        #expect(streams.isEmpty)
        #expect(accounts == 0)
    }
}
