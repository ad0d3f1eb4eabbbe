import Foundation
import HeatModel
import Logging
import Testing

@testable import hearth

/// The program's log as JSON.
@Suite struct LogLineTests {
    private func read(_ line: String) throws -> [String: Any] {
        #expect(!line.contains("\n"))
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func hostileTextStaysText() throws {
        var handler = JSONLogHandler(label: "hearth")
        handler.metadata["gateway"] = "g\"1"
        let hostile = "a\"}\n{\"level\":\"critical\u{0}\u{1B}[2J 户号 \\"
        let line = handler.line(
            .error, "\(hostile)",
            [
                "request": "01J", "run": .stringConvertible(Int64(12)), "level": "mine", "list": ["a", .dictionary(["b\n": "c"])],
            ], at: Instant(microseconds: 0, offsetMinutes: 0))
        let read = try read(line)
        #expect(read["message"] as? String == hostile)
        #expect(read["level"] as? String == "error" && read["own.level"] as? String == "mine")
        #expect(read["gateway"] as? String == "g\"1" && read["run"] as? Int == 12 && read["request"] as? String == "01J")
        #expect((read["list"] as? [Any])?.count == 2)
        #expect((read["time"] as? String)?.hasPrefix("1970-01-01T00:00:00") ?? false)
    }

    @Test func anEventOfALoggerIsALine() throws {
        let lines = LockedLines()
        var logger = Logger(label: "hearth") { label in
            var handler = JSONLogHandler(label: label)
            handler.write = { lines.add($0) }
            return handler
        }
        logger.logLevel = .warning
        logger.info("not wanted")
        logger.error("a request failed", metadata: ["code": "store.busy"])
        try #require(lines.all.count == 1 && lines.all[0].hasSuffix("}\n"))
        #expect(try read(String(lines.all[0].dropLast()))["code"] as? String == "store.busy")
    }
}

private final class LockedLines: @unchecked Sendable {
    private let lock = NSLock()
    // Under the lock.
    private var lines: [String] = []
    var all: [String] { lock.withLock { lines } }
    func add(_ line: String) { lock.withLock { lines.append(line) } }
}
