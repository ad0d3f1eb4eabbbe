package import HeatModel

/// A day's work at the company, as its people write it down: faults reported, crews that are sent, move, arrive and repair, the call
/// afterwards; payments; valves. The same options give the same day.
package struct LiveDay: Sendable {
    package struct Step: Sendable {
        /// Of the day, from midnight.
        package var second: Int
        package var deed: Deed
    }

    package enum Deed: Sendable {
        /// The order of a job is made.
        case report(job: Int)
        /// A crew goes on: to another state, or nearer.
        case advance(job: Int, state: String?, metres: Int?)
        case visit(job: Int)
        case cancel(job: Int)
        case reopen(job: Int)
        case pay(account: Int, Fen)
        case valve(account: Int, isOpen: Bool)
    }

    /// A repair of the day.
    package struct Job: Sendable {
        package var account: Int
        package var kind: String
        package var crew: String
        package var technician: String
    }

    package private(set) var steps: [Step] = []
    package private(set) var jobs: [Job] = []

    package init(_ estate: Estate, jobs count: Int = 12) {
        var random = SplitMix64(seed: estate.options.seed, subject: .workOrder, index: 900_000_000)
        let sound = (0..<estate.options.accounts).filter { estate.faults.byAccount[$0] == nil }
        guard !sound.isEmpty else { return }
        func account() -> Int { sound[random.below(sound.count)] }
        for number in 0..<count {
            jobs.append(
                Job(
                    account: account(), kind: random.pick(["不热", "不够热", "漏水", "阀门"]),
                    crew: "抢修\(random.within(1...12))班", technician: random.pick(["周师傅", "吴师傅", "郑师傅", "冯师傅"])))
            var second = 25_200 + number * 2_700 + random.below(1_800)
            func add(_ deed: Deed, after seconds: Int) {
                second += seconds
                steps.append(Step(second: second, deed: deed))
            }
            add(.report(job: number), after: 0)
            if number % 6 == 4 {
                add(.cancel(job: number), after: 1_800)
                continue
            }
            // A job that was not done well is done again.
            for round in 0..<(number % 6 == 2 ? 2 : 1) {
                if round > 0 { add(.reopen(job: number), after: 5_400) }
                add(.advance(job: number, state: "已派单", metres: nil), after: random.within(600...1_500))
                var metres = random.within(1_500...4_800)
                add(.advance(job: number, state: "已出发", metres: metres), after: random.within(900...1_800))
                while metres > 900 {
                    metres -= random.within(400...900)
                    add(.advance(job: number, state: nil, metres: metres), after: random.within(240...480))
                }
                add(.advance(job: number, state: "已到达", metres: nil), after: random.within(240...480))
                add(.advance(job: number, state: "处理中", metres: nil), after: random.within(300...600))
                add(.advance(job: number, state: "已解决", metres: nil), after: random.within(1_800...3_600))
            }
            add(.visit(job: number), after: random.within(7_200...10_800))
        }
        for _ in 0..<count {
            steps.append(
                Step(
                    second: random.within(28_800...75_600),
                    deed: .pay(account: account(), Fen(Int64(random.within(100...2_000)) * 100))))
        }
        let closed = account()
        steps.append(Step(second: 32_400, deed: .valve(account: closed, isOpen: false)))
        steps.append(Step(second: 57_600, deed: .valve(account: closed, isOpen: true)))
        steps = steps.enumerated().sorted { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }.map(
            \.element)
        steps.removeAll { $0.second >= 86_400 }
    }
}

extension DispatchEntry {
    /// What a deed writes into the dispatch system; nil where it is billing's.
    ///
    /// - Parameter order: the number of the job's order; nil where it has none yet.
    package init?(_ deed: LiveDay.Deed, of day: LiveDay, in estate: Estate, order: String?) {
        switch deed {
        case .report(let job):
            self.init(operation: .create)
            account = estate.account(day.jobs[job].account).number
            kind = day.jobs[job].kind
            description = "现场模拟"
        case .advance(let job, let state, let metres):
            self.init(operation: .advance, order: order ?? "")
            self.state = state
            distance = metres
            crew = day.jobs[job].crew
            technician = day.jobs[job].technician
        case .visit:
            self.init(operation: .visit, order: order ?? "")
            satisfaction = "满意"
        case .cancel:
            self.init(operation: .cancel, order: order ?? "")
            note = "用户来电取消"
        case .reopen:
            self.init(operation: .reopen, order: order ?? "")
            note = "用户反映还没好"
        case .pay, .valve: return nil
        }
    }
}
