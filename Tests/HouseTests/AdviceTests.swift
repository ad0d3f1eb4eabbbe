import Foundation
import Testing

/// A room below the doors does not know how a door calls a function of Hearth: its advice holds an action instead.
@Suite struct AdviceTests {
    private static let doors = ["Sources/hearth/", "Sources/Gateway/", "Sources/HearthBenchmarks/"]
    private static var command: Regex<Substring> {
        /`hearth |\bhearth (?:init|check|discover|preview|plan|sync|status|runs|state|quarantine|account|history|trace|explain|money|replay|audit|reconcile|diff|serve|mcp|token|actions|report-fault|follow-up|notices)\b|--(?:full|allow-deletes|as-of|config|json)\b/
    }

    @Test func noLowerRoomNamesACommand() throws {
        for file in try House.sources() where !Self.doors.contains(where: file.path.hasPrefix) {
            for (number, line) in file.lines.enumerated() {
                let text = line.drop { $0 == " " }
                if text.hasPrefix("//") || !text.contains("\"") { continue }
                #expect(text.firstMatch(of: Self.command) == nil, "\(file.path):\(number + 1)")
            }
        }
    }
}
