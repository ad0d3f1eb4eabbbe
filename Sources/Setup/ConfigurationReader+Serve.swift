import ConfigurationFiles
import Foundation
import HeatModel
import Sync
import Yams

extension ConfigurationReader {
    private static let serveKeys = [
        "name", "host", "port", "tls", "jwt", "accessLog", "rateLimit", "bindings", "limits", "timeouts", "maxAge",
        "origins", "docs", "schedules", "cacheMegabytes", "threads",
    ]

    /// The `serve:` section, or what holds without one.
    ///
    /// - Parameter store: path of the store; without a setting the access log lies beside it.
    mutating func serveSettings(_ top: Section, store: String) -> ServeSettings {
        let beside = URL(fileURLWithPath: store).deletingLastPathComponent().appendingPathComponent("hearth-access")
            .path
        var settings = ServeSettings(accessLog: beside)
        guard let section = section(of: "serve", in: top) else { return settings }
        expect(section, only: Self.serveKeys, in: "serve")
        if let name = secret(of: "name", in: section) { settings.name = name }
        if let host = secret(of: "host", in: section) { settings.host = host }
        if let text = secret(of: "port", in: section) {
            if let port = Int(text), (0...65_535).contains(port) {
                settings.port = port
            } else {
                report(.configBadValue, "\"port\" must be 0 to 65535", at: section["port"]!)
            }
        }
        if let path = secret(of: "accessLog", in: section) { settings.accessLog = resolve(path) }
        if let tls = self.section(of: "tls", in: section) {
            expect(tls, only: ["certificates", "key"], in: "tls")
            if let certificates = requiredSecret("certificates", in: tls, of: "tls"),
                let key = requiredSecret("key", in: tls, of: "tls")
            {
                settings.tls = .init(certificates: resolve(certificates), key: resolve(key))
            }
        }
        if let jwt = self.section(of: "jwt", in: section) {
            expect(jwt, only: ["issuer", "audience", "keys"], in: "jwt")
            if let issuer = requiredSecret("issuer", in: jwt, of: "jwt"),
                let audience = requiredSecret("audience", in: jwt, of: "jwt"),
                let keys = requiredSecret("keys", in: jwt, of: "jwt")
            {
                settings.webTokens = .init(issuer: issuer, audience: audience, keys: resolve(keys))
            }
        }
        serveBounds(section, &settings)
        settings.maxAge = integer(of: "maxAge", in: section, atLeast: 1)
        settings.origins = texts(of: "origins", in: section) ?? []
        settings.hasDocs = flag(of: "docs", in: section) ?? true
        if let size = integer(of: "cacheMegabytes", in: section, atLeast: 1, atMost: 1_000_000) {
            settings.cacheMegabytes = size
        }
        settings.threads = integer(of: "threads", in: section, atLeast: 1, atMost: 1024)
        settings.schedules = schedules(section)
        return settings
    }

    private mutating func serveBounds(_ section: Section, _ settings: inout ServeSettings) {
        if let rates = self.section(of: "rateLimit", in: section) {
            expect(rates, only: ["perSecond", "burst"], in: "rateLimit")
            if let rate = integer(of: "perSecond", in: rates, atMost: 1_000_000_000) {
                settings.requestsPerSecond = rate
                settings.burst = rate * 2
            }
            if let burst = integer(of: "burst", in: rates, atLeast: 1) { settings.burst = burst }
        }
        if let bindings = self.section(of: "bindings", in: section) {
            expect(bindings, only: ["perAccountHour", "perCallerMinute"], in: "bindings")
            if let rate = integer(of: "perAccountHour", in: bindings, atLeast: 1) { settings.bindingsPerAccount = rate }
            if let rate = integer(of: "perCallerMinute", in: bindings, atLeast: 1) { settings.bindingsPerCaller = rate }
        }
        if let limits = self.section(of: "limits", in: section) {
            expect(limits, only: ["header", "body", "connections", "streams", "streamsPerToken"], in: "limits")
            if let size = integer(of: "header", in: limits, atLeast: 1024) { settings.maxHeader = size }
            if let size = integer(of: "body", in: limits, atLeast: 1024) { settings.maxBody = size }
            if let count = integer(of: "connections", in: limits, atLeast: 1) { settings.maxConnections = count }
            if let count = integer(of: "streams", in: limits, atLeast: 1) { settings.maxStreams = count }
            if let count = integer(of: "streamsPerToken", in: limits, atLeast: 1) {
                settings.maxStreamsPerCaller = count
            }
        }
        if let timeouts = self.section(of: "timeouts", in: section) {
            expect(timeouts, only: ["header", "body", "idle", "shutdown"], in: "timeouts")
            if let time = seconds(of: "header", in: timeouts, atLeast: 1) { settings.headerTimeout = time }
            if let time = seconds(of: "body", in: timeouts, atLeast: 1) { settings.bodyTimeout = time }
            if let time = seconds(of: "idle", in: timeouts, atLeast: 1) { settings.idleTimeout = time }
            if let time = seconds(of: "shutdown", in: timeouts, atLeast: 1) { settings.shutdownTimeout = time }
        }
    }

    private mutating func schedules(_ section: Section) -> [ScheduledSync] {
        guard let node = section["schedules"] else { return [] }
        var schedules: [ScheduledSync] = []
        for item in node.sequence ?? [] {
            guard let body = self.section(item, "a schedule") else { continue }
            expect(body, only: ["streams", "every", "cron", "jitter", "full"], in: "a schedule")
            let timing: ScheduledSync.Timing
            switch (body["every"], body["cron"]) {
            case (.some, nil):
                guard let seconds = seconds(of: "every", in: body, atLeast: 1) else { continue }
                timing = .every(seconds: seconds)
            case (nil, .some(let node)):
                guard let text = text(of: "cron", in: body) else { continue }
                guard let expression = CronExpression(text) else {
                    report(
                        .configBadValue, "\"cron\" must be five fields, as in \"30 2 * * *\"", at: node,
                        advice: "minute, hour, day, month, weekday")
                    continue
                }
                timing = .cron(expression)
            default:
                report(.configBadValue, "a schedule needs one of \"every\" (seconds) and \"cron\"", at: body.place)
                continue
            }
            schedules.append(
                .init(
                    streams: texts(of: "streams", in: body) ?? [], timing: timing,
                    jitter: seconds(of: "jitter", in: body) ?? 0, isFull: flag(of: "full", in: body) ?? false))
        }
        if node.sequence == nil {
            report(.configBadValue, "\"schedules\" must be a list", at: node)
        }
        return schedules
    }
}
