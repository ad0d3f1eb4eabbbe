import Foundation
import HeatModel
import Store

/// Sessions that are opened when they are needed and kept, `most` at once; who finds none waits.
final class Pool: @unchecked Sendable {
    private let most: Int
    private let open: @Sendable () throws -> Session
    /// Guards what follows. A session is used by the thread alone that took it out.
    private let condition = NSCondition()
    private var idle: [Session] = []
    private var taken = 0

    init(most: Int, _ open: @escaping @Sendable () throws -> Session) {
        self.most = most
        self.open = open
    }

    /// Lends a session, its transaction begun.
    ///
    /// - Parameter deadline: until then a server that is away, or has not yet taken over, is waited for.
    func withTransaction<Begun, Result>(
        until deadline: ContinuousClock.Instant? = nil, _ begin: (Session) throws -> Begun,
        _ body: (Session, Begun) throws -> Result
    ) throws -> Result {
        condition.lock()
        while taken >= most { condition.wait() }
        taken += 1
        var session = idle.popLast()
        condition.unlock()
        defer {
            condition.lock()
            taken -= 1
            if let session, !session.connection.isBroken { idle.append(session) }
            condition.signal()
            condition.unlock()
        }
        let (begunSession, begun) = try beginning(&session, until: deadline, begin)
        return try body(begunSession, begun)
    }

    /// A session whose transaction has begun: the one that lay idle, or a fresh one.
    private func beginning<Begun>(
        _ session: inout Session?, until deadline: ContinuousClock.Instant?, _ begin: (Session) throws -> Begun
    ) throws -> (Session, Begun) {
        while true {
            let wasIdle = session != nil
            do {
                let opened = try session ?? open()
                session = opened
                return (opened, try begin(opened))
            } catch {
                session?.takeBack()
                let isBroken = session?.connection.isBroken ?? true
                // A connection that was lost while it lay idle: nothing was done on it, so that another takes its place.
                if isBroken && wasIdle {
                    session = nil
                    continue
                }
                guard let deadline, ContinuousClock.now < deadline, (error as? HearthError)?.isOfFailover == true else {
                    throw error
                }
                session = nil
                usleep(100_000)
            }
        }
    }
}
