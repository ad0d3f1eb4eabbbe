import Audit
import Foundation
import HeatModel

/// Lines of an access log from two threads, each line acknowledged only by the last flush.
enum AuditLogging {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let path = folder.path + "/audit"
        try? FileManager.default.removeItem(atPath: path)
        let log = try AuditLog(folder: path, name: "access")
        let lines = 500_000
        let started = ContinuousClock.now
        let done = DispatchSemaphore(value: 0)
        for half in 0..<2 {
            Thread {
                for number in 0..<lines / 2 {
                    let event =
                        #"{"at":"2026-11-22T08:00:00+08:00","caller":"assistant","method":"GET /v1/accounts/{number}","account":"\#(10_000_000 + half * lines + number)","fields":"masked","status":200}"#
                    _ = try? log.post(Array(event.utf8))
                }
                done.signal()
            }.start()
        }
        done.wait()
        done.wait()
        try log.flush()
        let elapsed = ContinuousClock.now - started
        log.close()
        let found = try LogVerification.verify(folder: path, name: "access", anchors: [log.head])
        if let problem = found.problem { throw HearthError(.benchmarkFailed, "\(problem)") }
        if found.lines - Int64(found.segments) != Int64(lines) {
            throw HearthError(.benchmarkFailed, "\(found.lines) lines instead of \(lines)")
        }
        var measurement = Measurement(rows: Int64(lines), bytes: 0, seconds: elapsed.seconds)
        measurement.share = 200_000 * elapsed.seconds / Double(lines)
        return measurement
    }
}
