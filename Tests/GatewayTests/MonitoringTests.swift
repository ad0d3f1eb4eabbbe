import Foundation
import HearthTesting
import Testing

@testable import Gateway

/// What is shipped for Prometheus and Grafana goes by figures that the gateway tells.
@Suite struct MonitoringTests {
    private static let folder = Program.repository + "/Config/monitoring"

    private func promtool(_ arguments: [String], in folder: String = Self.folder) async throws -> Program.Ending {
        try await Program.run(
            ["promtool"] + arguments, executable: "/usr/bin/env", environment: [:], directory: folder)
    }

    private func expressions() throws -> [String] {
        struct Dashboard: Decodable {
            struct Panel: Decodable {
                struct Target: Decodable { var expr: String }
                var title: String
                var targets: [Target]?
            }
            var panels: [Panel]
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/dashboard.json"))
        return try JSONDecoder().decode(Dashboard.self, from: bytes).panels.flatMap { $0.targets ?? [] }.map(\.expr)
    }

    @Test func alertsComeWhenTheyShould() async throws {
        let checked = try await promtool(["check", "rules", "alerts.yaml"])
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
        let tried = try await promtool(["test", "rules", "alerts.test.yaml"])
        #expect(tried.status == 0, "\(tried.output)\(tried.errors)")
    }

    @Test func theDashboardAsksWhatPrometheusUnderstands() async throws {
        let expressions = try expressions()
        #expect(expressions.count > 15)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dashboard-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        let rules = expressions.enumerated().map { index, expression in
            "      - {record: 'dashboard:\(index)', expr: '\(expression.replacing("$instance", with: ".*"))'}\n"
        }
        try ("groups:\n  - name: dashboard\n    rules:\n" + rules.joined()).write(
            to: file, atomically: true, encoding: .utf8)
        let checked = try await promtool(["check", "rules", file.path], in: file.deletingLastPathComponent().path)
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    }

    /// No Grafana runs here; what its own model of a dashboard does not know, Grafana would pass over without a word.
    @Test func theDashboardIsWhatGrafanaKnows() async throws {
        let tests = Program.repository + "/Tests"
        let home = ["HOME": NSHomeDirectory()]
        let made = try await Program.run(
            [tests + "/tools/python-env.sh", "grafana"], executable: "/bin/sh", environment: home, directory: tests)
        try #require(made.status == 0, "\(made.errors)")
        let python = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        func read(_ file: String) async throws -> Program.Ending {
            try await Program.run(
                [tests + "/GatewayTests/Programs/dashboard.py", file], executable: python, environment: home,
                directory: tests)
        }
        let shipped = try await read(Self.folder + "/dashboard.json")
        #expect(shipped.status == 0, "\(shipped.output)\(shipped.errors)")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dashboard-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = try String(contentsOfFile: Self.folder + "/dashboard.json", encoding: .utf8)
        try text.replacing("\"displayMode\"", with: "\"displayModus\"").write(
            to: file, atomically: true, encoding: .utf8)
        let wrong = try await read(file.path)
        #expect(wrong.status == 1 && wrong.output.contains("displayModus is not known"), "\(wrong.output)")
    }

    @Test func everyFigureIsTold() throws {
        let alerts = try String(contentsOfFile: Self.folder + "/alerts.yaml", encoding: .utf8)
        let named = (try expressions() + [alerts]).flatMap { text in
            text.matches(of: /\bhearth_[a-z_]+/).map { String($0.0) }
        }
        let told = Set(GatewayMetrics.help.keys)
        let parts = ["_bucket", "_sum", "_count"]
        for name in Set(named) {
            let base = parts.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
            #expect(told.contains(base), "\(name) is no figure of the gateway")
        }
        // What goes wrong with systems, channels and subscribers has an alert.
        for name in told where name.contains("action_") || name.contains("overdue") || name.contains("given_up") {
            #expect(named.contains(name), "\(name) has neither alert nor panel")
        }
    }
}
