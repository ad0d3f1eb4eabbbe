import Answers
import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import StoreCopy
import Testing

@testable import Gateway

/// Callers who name a state that no server has, or that no server will ever have: they wait, and nobody else does.
@Suite(.enabled(if: PostgresServer.isInstalled)) struct BehindTests {
    /// Long enough for a busy machine to serve somebody before it has passed.
    private static let patience = Duration.seconds(10)

    @Test func aStateThatIsMadeUpHoldsNoThread() async throws {
        let database = try PostgresServer.shared().createDatabase()
        try await GatewaySite.with { site in
            let store = try PostgresStore(conninfo: database.dsn, bounds: .init(silence: Self.patience))
            _ = try StoreCopy(from: site.store, to: store).run()
            let gateway = try await InProcessGateway(site.configuration, store: store)
            do {
                try await ask(gateway, site)
                try await comeSoFar(gateway, site, store)
            } catch {
                _ = try await gateway.stop()
                throw error
            }
            _ = try await gateway.stop()
        }
    }

    private func ask(_ gateway: InProcessGateway, _ site: GatewaySite) async throws {
        let token = try site.token(.assistant)
        let (account, slow) = ("/v1/accounts/\(site.number)", "/v1/accounts/\(site.number)/history")
        let madeUp = ["Hearth-State": "commit=999999999999"]
        let begun = ContinuousClock.now
        // More than there are threads, and more than one token may have wait.
        let waiting = Task {
            try await withThrowingTaskGroup(of: (problem: String?, seconds: Duration).self) { group in
                for index in 0..<48 {
                    group.addTask {
                        let begun = ContinuousClock.now
                        let answer = try await RawClient(.inProcess(gateway)).get(
                            index % 2 == 0 ? account : slow, token: token, fields: madeUp)
                        #expect(answer.status == 503, "\(answer.text)")
                        return (answer.problem, .now - begun)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        // Others are served meanwhile, by the same threads.
        let client = RawClient(.inProcess(gateway))
        var served = 0
        for _ in 0..<3 {
            #expect(try await client.get(slow, token: token).status == 200)
            #expect(try await client.get(account, token: token).status == 200)
            if ContinuousClock.now - begun < Self.patience { served += 1 }
        }
        #expect(served >= 1, "nobody is served before the first gives up waiting")
        let answers = try await waiting.value
        #expect(answers.count == 48)
        let late = answers.filter { $0.seconds >= Self.patience }
        #expect((1...32).contains(late.count), "\(late.count) waited to the end: of a token 32 may")
        #expect(answers.filter { $0.seconds < Self.patience }.count >= 16)
    }

    /// A state that comes while its caller waits is answered from then on.
    private func comeSoFar(_ gateway: InProcessGateway, _ site: GatewaySite, _ store: PostgresStore) async throws {
        let token = try site.token(.assistant)
        let wanted = StoreState(commit: store.written.commit + 3)
        let path = "/v1/accounts/\(site.number)"
        let waiting = Task {
            try await RawClient(.inProcess(gateway)).get(path, token: token, fields: ["Hearth-State": "\(wanted)"])
        }
        for turn in 0..<3 {
            try await Task.sleep(for: .milliseconds(100))
            try store.write { try $0.setSetting("turn", "\(turn)") }
        }
        let answer = try await waiting.value
        #expect(answer.status == 200, "\(answer.text)")
        let state = try #require(answer.fields["hearth-state"].flatMap { StoreState($0) })
        #expect(state >= wanted)
    }
}
