import Foundation
import HeatModel

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
    func withTransaction<Begun, Result>(
        _ begin: (Session) throws -> Begun, _ body: (Session, Begun) throws -> Result
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
        let begun: Begun
        if let kept = session {
            do {
                begun = try begin(kept)
            } catch {
                kept.takeBack()
                // A connection that was lost while it lay idle: nothing was done on it, so that another takes its place.
                if !kept.connection.isBroken { throw error }
                let fresh = try open()
                session = fresh
                begun = try beginning(fresh, begin)
            }
        } else {
            let fresh = try open()
            session = fresh
            begun = try beginning(fresh, begin)
        }
        return try body(session!, begun)
    }

    /// A session whose transaction does not come about goes back without one.
    private func beginning<Begun>(_ session: Session, _ begin: (Session) throws -> Begun) throws -> Begun {
        do { return try begin(session) } catch {
            session.takeBack()
            throw error
        }
    }
}
