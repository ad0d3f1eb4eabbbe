import HeatModel
import Store

extension StoreConformance {
    private static let me = LeaseOwner(host: "here", process: 7, processStart: 70)
    private static let other = LeaseOwner(host: "here", process: 7, processStart: 71)

    private func take(
        _ owner: LeaseOwner, _ scene: StoreScene, _ stream: StreamID? = nil, isAlive: Bool = true
    ) throws -> Lease {
        try scene.store.write { try $0.takeLease(stream: stream ?? scene.charges, owner: owner) { _ in isAlive } }
    }

    private func refusal(_ body: () throws -> Void) throws -> HearthError? {
        do {
            try body()
            return nil
        } catch let error as HearthError {
            return error
        }
    }

    private func isHeld(_ lease: Lease, _ scene: StoreScene) throws -> Bool {
        try scene.store.read { try $0.holds(lease) }
    }

    func leaseRefused(_ scene: StoreScene) throws {
        func refused() throws -> HearthError? { try refusal { _ = try take(Self.other, scene) } }
        let mine = try take(Self.me, scene)
        let said = try refused()
        try expect(said?.code.name, is: "run.locked", "a second owner")
        try expect(
            said?.description.contains("billing.charges") == true && said?.advice != nil,
            "the refusal names no stream or no advice")
        _ = try take(Self.other, scene, scene.orders)
        try scene.store.write { try $0.dropLease(Lease(stream: mine.stream, fence: mine.fence + 1)) }
        try expect(try refused()?.code.name, is: "run.locked", "after another lease was dropped")
        try scene.store.write { try $0.dropLease(mine) }
        try expect(try isHeld(mine, scene), is: false, "a dropped lease is held")
        try expect(try refused() == nil, "a dropped lease still keeps others out")
    }

    func orphanedLeaseTaken(_ scene: StoreScene) throws {
        let (left, done) = try scene.store.write { store in
            _ = try store.takeLease(stream: scene.charges, owner: Self.me) { _ in true }
            let done = try scene.beginRun(store)
            try store.endRun(done, state: .cancelled, at: StoreScene.instant(2), error: nil, totals: [])
            return (try scene.beginRun(store), done)
        }
        var asked: [LeaseOwner] = []
        try scene.store.write { store in
            _ = try store.takeLease(stream: scene.charges, owner: Self.other) { owner in
                asked.append(owner)
                return false
            }
        }
        try expect(asked, is: [Self.me], "owners asked about")
        try scene.store.read { store in
            try expect(try store.run(left)?.state, is: .interrupted, "the run that was left")
            try expect(try store.run(done)?.state, is: .cancelled, "a run that had ended")
            try expect(
                try store.runs(stream: scene.orders, limit: 9).map(\.state), is: [.running], "a run of another stream")
        }
    }

    func leaseExpires(_ scene: StoreScene) throws {
        func refused() throws -> String? { try refusal { _ = try take(Self.other, scene) }?.code.name }
        let mine = try take(Self.me, scene)
        scene.clock.advance(seconds: Lease.seconds - 1)
        try expect(try refused(), is: "run.locked", "a second before it expires")
        try scene.store.write { try $0.renewLease(mine) }
        scene.clock.advance(seconds: Lease.seconds - 1)
        try expect(try refused(), is: "run.locked", "a second before the renewed one expires")
        scene.clock.advance(seconds: 1)
        try expect(try isHeld(mine, scene), is: true, "an expired lease that has not been taken is held")
        try expect(try refused(), is: nil, "once it has expired")
        // The lease that was taken just now is of later than the clock says.
        scene.clock.advance(seconds: -3600)
        try expect(try refusal { _ = try take(Self.me, scene) }?.code.name, is: nil, "after the clock went back")
        try expect(try refused(), is: "run.locked", "one that was given after the clock went back")
        scene.clock.advance(seconds: Lease.seconds)
        try scene.store.write { store in
            let run = try scene.beginRun(store)
            try store.expireOrphanedRuns(isAlive: { _ in true }, at: StoreScene.instant(40))
            try expect(try store.run(run)?.state, is: .interrupted, "the run of an expired lease")
        }
    }

    func leaseFences(_ scene: StoreScene) throws {
        let mine = try take(Self.me, scene)
        try expect(try isHeld(mine, scene), is: true, "a lease is held")
        scene.clock.advance(seconds: Lease.seconds)
        let next = try take(Self.other, scene)
        try expect(next.stream == mine.stream && next.fence > mine.fence, "the next lease has no greater number")
        try expect(try isHeld(mine, scene), is: false, "a lease that was taken over is held")
        try expect(
            try refusal { try scene.store.write { try $0.renewLease(mine) } }?.code.name, is: "run.fenced", "renewed")
        try expect(try refusal { try scene.store.read { try $0.check(mine) } }?.code.name, is: "run.fenced", "checked")
        try scene.store.write { try $0.dropLease(mine) }
        try expect(try isHeld(next, scene), is: true, "a lease is held after the one before it was dropped")
        try scene.store.write { try $0.dropLease(next) }
        let last = try take(Self.me, scene)
        try expect(last.fence > next.fence, "a number is given a second time after its lease was dropped")
        try expect(try take(Self.me, scene, scene.orders).stream, is: scene.orders, "the stream of another lease")
    }
}
