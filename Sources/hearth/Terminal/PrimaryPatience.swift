import ArgumentParser
import Foundation
import HeatModel
import Store
import Sync
import Synchronization

/// How long a command that begins while no server of the store takes writes, as during a failover, waits for one that does.
enum PrimaryPatience: Sendable {
    /// Not at all: a person waits for what it says.
    case none
    /// As long as a write does (`failoverWait:`): what a timer starts.
    case bounded
    /// Until there is one, or the program is stopped: what goes on and on.
    case untilStopped
    /// Until a replica at least can be read, or the program is stopped: what serves.
    case untilReadable

    private static let (shortest, longest) = (Duration.milliseconds(100), Duration.seconds(5))

    /// Asks for something of a store, again and again while what is in the way looks like a failover.
    ///
    /// - Parameters:
    ///   - bound: of those who wait for some time.
    ///   - tell: is given a line when it begins to wait, when the reason changes, and when it goes on.
    /// - Throws: what `body` throws; `ExitCode` where the program was stopped meanwhile.
    func reach<Reached: Sendable>(
        within bound: Duration = .zero, tell: (String) -> Void = Terminal.complain,
        _ body: @escaping @Sendable () throws -> Reached
    ) throws -> Reached {
        if self == .none { return try body() }
        let deadline = self == .bounded ? ContinuousClock.now + bound : nil
        var told: HearthError.Code?
        var pause = Self.shortest
        while true {
            do {
                let reached = try unlessStopped(body)
                if told != nil { tell("the store can be reached again") }
                return reached
            } catch let error as HearthError where error.isOfFailover {
                let left = deadline.map { $0 - .now } ?? pause
                if left <= .zero { throw error }
                if told != error.code {
                    let end =
                        deadline == nil ? "until it can be reached, or Ctrl-C" : "for \(Int(bound / .seconds(1))) s at most"
                    tell("waits for the store, \(end): \(error.commandLineText)")
                    told = error.code
                }
                try sleep(min(pause, left))
                pause = min(pause * 2, Self.longest)
            }
        }
    }

    private func sleep(_ pause: Duration) throws {
        let end = ContinuousClock.now + pause
        while ContinuousClock.now < end {
            try requireGoingOn()
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    /// Runs on a thread of its own what may wait for a network, and does not wait for its end where the program is stopped.
    private func unlessStopped<Reached: Sendable>(_ body: @escaping @Sendable () throws -> Reached) throws -> Reached {
        let attempt = Attempt<Reached>()
        Thread.detachNewThread { attempt.end(Result { try body() }) }
        while true {
            if let result = attempt.result(within: .milliseconds(50)) { return try result.get() }
            try requireGoingOn()
        }
    }

    /// Who is stopped while it waits has done nothing: what was to end by itself has failed, what goes on until it is stopped has not.
    private func requireGoingOn() throws {
        if !Interrupt.flag.isSet { return }
        if self == .bounded { Terminal.note("stopped on request before the store could be reached\n") }
        throw self == .bounded ? ExitCode(2) : ExitCode.success
    }

    private final class Attempt<Reached: Sendable>: Sendable {
        private let ended = DispatchSemaphore(value: 0)
        private let value = Mutex<Result<Reached, any Error>?>(nil)

        func end(_ result: Result<Reached, any Error>) {
            value.withLock { $0 = result }
            ended.signal()
        }

        /// Nil where it has not ended.
        func result(within time: DispatchTimeInterval) -> Result<Reached, any Error>? {
            _ = ended.wait(timeout: .now() + time)
            return value.withLock { $0 }
        }
    }
}
