import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// Syncs that are killed while orders go on: no event is lost, doubled or told under another id, and the last told is the last true.
@Suite(.waitsForServers) struct EventKillTests {
    private static let kills = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil ? 6 : 60
    private static let states = ["已派单", "已出发", "已到达", "处理中", "已解决"]
    private static let told = [
        "待派工": "order.accepted", "已派单": "order.dispatched", "已出发": "order.enroute", "已到达": "order.arrived",
        "处理中": "order.arrived", "已解决": "order.resolved", "已回访": "order.visited", "已取消": "order.cancelled",
    ]

    @Test func killedSyncsTellEachThingOnce() async throws {
        try await Site.with(EstateOptions(accounts: 300, seed: 41, plantFaults: false)) { site in
            var random = SeededGenerator(seed: 41)
            #expect(try await site.hearth("sync").status == 0)
            #expect(try events(site).isEmpty, "a first sync tells nothing")
            // Each job is another account's.
            var jobs: [(account: String, order: String, states: [String])] = []
            var known: [[String?]] = []
            var landed = 0
            for round in 0..<Self.kills {
                if round % 2 == 0 || jobs.count < 4 {
                    let account = site.estate.account(jobs.count * 7).number
                    var entry = DispatchEntry(operation: .create)
                    (entry.account, entry.kind) = (account, "不热")
                    jobs.append((account, try site.dispatch.write(entry), ["待派工"]))
                }
                for index in jobs.indices where random.next() % 3 > 0 {
                    guard let state = jobs[index].states.last, state != "已解决" else { continue }
                    let place = Self.states.firstIndex(of: state).map { $0 + 1 } ?? 0
                    var entry = DispatchEntry(operation: .advance, order: jobs[index].order)
                    entry.state = Self.states[min(place + Int(random.next() % 2), Self.states.count - 1)]
                    if entry.state == "已出发" { entry.distance = 900 }
                    (entry.crew, entry.technician) = ("抢修1班", "周师傅")
                    _ = try site.dispatch.write(entry)
                    jobs[index].states.append(entry.state ?? "")
                }
                // Some waits are so short that no sync comes through before.
                let wait = UInt32(random.next() % (round % 3 == 0 ? 60_000 : 400_000))
                let ending = try await site.hearth("sync", "dispatch", "--batch-rows", "20") { process in
                    usleep(wait)
                    kill(process, SIGKILL)
                }
                if ending.isSignalled { landed += 1 }
                let now = try events(site)
                // What was told stays as it was.
                #expect(Array(now.prefix(known.count)) == known)
                known = now
            }
            #expect(try await site.hearth("sync", "dispatch").status == 0)
            let all = try events(site)
            #expect(Array(all.prefix(known.count)) == known)
            #expect(all.map { $0[0] } == (1...all.count).map { "\($0)" })
            #expect(Set(all.map { "\($0[1] ?? "")" }).count == all.count, "marks of their own")
            for job in jobs {
                let own = all.filter { $0[3] == job.account }.compactMap { $0[2] }
                #expect(own.last == Self.told[job.states.last ?? ""], "\(job.account): \(own) of \(job.states)")
                #expect(Set(own).count == own.count, "\(job.account): \(own)")
                // In the order in which they were true.
                let way = job.states.compactMap { Self.told[$0] }
                var rest = way[...]
                for type in own {
                    let place = rest.firstIndex(of: type)
                    #expect(place != nil, "\(job.account): \(own) of \(way)")
                    rest = rest[((place ?? rest.startIndex) + (place == nil ? 0 : 1))...]
                }
            }
            #expect(Set(all.compactMap { $0[3] }) == Set(jobs.map(\.account)))
            #expect(landed > 0, "no kill landed")
        }
    }

    /// Number, mark, type and account of each.
    private func events(_ site: Site) throws -> [[String?]] {
        try site.store().rows(
            """
            SELECT e.number, e.mark, e.type, a.number FROM event e LEFT JOIN account a ON a.id = e.account_id
            ORDER BY e.number
            """)
    }
}
