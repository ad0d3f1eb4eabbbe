import Foundation
package import HeatModel
import JSONText

/// Accesses by a program of this machine, under the name of the user of the operating system: each program has a log of its own
/// in the folder of the access logs.
package struct LocalAccess: Sendable {
    private let recorder: any AccessRecorder
    private let peer: String
    private let now: @Sendable () -> Instant
    package let caller: String

    /// The user of the operating system: `local:wang`.
    package static var user: String { "local:" + NSUserName() }

    /// - Parameters:
    ///   - peer: the door: `terminal`, `stdio`.
    ///   - now: the time on the company's clock.
    package init(_ recorder: any AccessRecorder, peer: String, now: @escaping @Sendable () -> Instant) {
        self.recorder = recorder
        self.peer = peer
        self.now = now
        caller = Self.user
    }

    /// Writes accesses down; to be called before anything of them is shown.
    ///
    /// - Parameter reason: why personal data is looked at in clear, in the user's words.
    /// - Throws: `audit.failed` where the log cannot be written.
    package func note(_ accesses: [Access], requestID: String = RequestNumber.next(), reason: String? = nil) throws {
        if accesses.isEmpty { return }
        let stamp = now().description
        try recorder.append(
            accesses.map { access in
                var json = JSONBytes()
                json.raw("\"at\":")
                json.string(stamp)
                json.raw(",")
                access.write(
                    caller: caller, peer: peer, requestID: requestID,
                    reason: access.showsPersonalData ? reason : nil, into: &json)
                return json.bytes
            })
    }

    /// Brings what was written down to the disk.
    package func sync() throws { try recorder.sync() }
}
