import ConfigurationFiles
import Foundation
import HeatModel
import Records
import SOAPConnector
import Yams

extension ConfigurationReader {
    mutating func soapConnector(_ name: String, _ settings: Section, _ streams: Section, zone: String) -> (
        any Connector
    )? {
        expect(
            settings,
            only: [
                "endpoint", "version", "namespaces", "basic", "usernameToken", "tls", "timeouts", "retry", "headers",
                "gzip",
                "charset", "wsdl", "limits", "login",
            ], in: "soap")
        guard let endpoint = requiredSecret("endpoint", in: settings, of: "soap") else { return nil }
        var options = SOAPOptions(endpoint: endpoint)
        if let version = choice(of: "version", in: settings, SOAPVersion.self) { options.version = version }
        if let namespaces = section(of: "namespaces", in: settings) {
            for entry in namespaces.entries { options.namespaces[entry.name] = text(entry.value, "a namespace") }
        }
        if let basic = section(of: "basic", in: settings) { options.security.basic = credentials(basic, "basic") }
        if let token = section(of: "usernameToken", in: settings) {
            options.security.usernameToken = usernameToken(token)
        }
        if let tls = section(of: "tls", in: settings) { options.tls = soapTLS(tls) }
        if let timeouts = section(of: "timeouts", in: settings) { options.timeouts = soapTimeouts(timeouts) }
        if let retry = section(of: "retry", in: settings) { options.retry = retryPolicy(retry) }
        if let login = section(of: "login", in: settings) { options.login = soapLogin(login) }
        if let limits = section(of: "limits", in: settings) { options.limits = soapLimits(limits) }
        if let headers = secrets(of: "headers", in: settings) { options.headers = headers }
        if let gzip = flag(of: "gzip", in: settings) { options.acceptsGzip = gzip }
        options.charset = text(of: "charset", in: settings)
        options.wsdl = secret(of: "wsdl", in: settings)
        let zone = TimeZone(identifier: zone) ?? .gmt
        options.offsetMinutes = Int16(zone.secondsFromGMT() / 60)
        var made: [SOAPStream] = []
        for entry in streams.entries {
            guard let body = section(entry.value, "stream \(name).\(entry.name)") else { continue }
            if let stream = soapStream(entry.name, body) { made.append(stream) }
        }
        guard problems.isEmpty else { return nil }
        do {
            return try SOAPConnector(source: name, options: options, streams: made)
        } catch {
            var problem =
                (error as? HearthError)
                ?? HearthError(.init("config.badValue"), "source \(name) cannot be set up", cause: error)
            problem.place = problem.place ?? settings.place
            problems.append(problem)
            return nil
        }
    }

    private mutating func credentials(_ section: Section, _ what: String) -> SOAPCredentials? {
        expect(section, only: ["user", "password", "type", "timestamp"], in: what)
        guard let user = secret(of: "user", in: section), let password = secret(of: "password", in: section) else {
            report("config.missingKey", "\(what) needs \"user\" and \"password\"", at: section.place)
            return nil
        }
        return SOAPCredentials(user: user, password: password)
    }

    private mutating func usernameToken(_ section: Section) -> SOAPUsernameToken? {
        guard let credentials = credentials(section, "usernameToken") else { return nil }
        var token = SOAPUsernameToken(credentials: credentials)
        if let type = choice(of: "type", in: section, SOAPUsernameToken.PasswordType.self) { token.type = type }
        if let timestamp = flag(of: "timestamp", in: section) { token.sendsTimestamp = timestamp }
        return token
    }

    private mutating func soapTLS(_ section: Section) -> SOAPTLS {
        expect(section, only: ["ca", "certificate", "key", "keyPassword", "verify"], in: "tls")
        return SOAPTLS(
            caFile: text(of: "ca", in: section).map(resolve),
            certificateFile: text(of: "certificate", in: section).map(resolve),
            keyFile: text(of: "key", in: section).map(resolve), keyPassword: secret(of: "keyPassword", in: section),
            verifies: flag(of: "verify", in: section) ?? true)
    }

    /// Seconds in the file, milliseconds in the options.
    private mutating func soapTimeouts(_ section: Section) -> SOAPTimeouts {
        expect(section, only: ["connect", "total", "lowSpeed", "lowSpeedBytes"], in: "timeouts")
        var timeouts = SOAPTimeouts()
        if let seconds = seconds(of: "connect", in: section, atLeast: 1) { timeouts.connect = seconds * 1000 }
        if let seconds = seconds(of: "total", in: section) { timeouts.total = seconds * 1000 }
        if let seconds = seconds(of: "lowSpeed", in: section, atLeast: 1) { timeouts.lowSpeed = seconds * 1000 }
        if let bytes = integer(of: "lowSpeedBytes", in: section, atLeast: 1, atMost: 1_000_000_000) {
            timeouts.lowSpeedBytes = bytes
        }
        return timeouts
    }

    private mutating func soapLogin(_ section: Section) -> SOAPLogin? {
        expect(section, only: ["body", "action", "path", "user", "password", "success"], in: "login")
        guard let body = requiredSecret("body", in: section, of: "login"),
            let path = required("path", in: section, of: "login")
        else { return nil }
        var login = SOAPLogin(body: body, path: path, action: text(of: "action", in: section))
        let (user, password) = (secret(of: "user", in: section), secret(of: "password", in: section))
        if user != nil || password != nil {
            guard let user, let password else {
                report("config.missingKey", "login needs \"user\" and \"password\", or neither", at: section.place)
                return nil
            }
            login.credentials = SOAPCredentials(user: user, password: password)
        }
        if let success = self.section(of: "success", in: section) { login.success = soapSuccess(success) }
        return login
    }

    private mutating func soapSuccess(_ section: Section) -> SOAPSuccess? {
        expect(section, only: ["path", "is", "message"], in: "success")
        guard let path = required("path", in: section, of: "success") else { return nil }
        guard let node = section["is"] else {
            report("config.missingKey", "success needs \"is\", the text that means success", at: section.place)
            return nil
        }
        var values: [String] = []
        if case .scalar = node {
            if let value = text(of: "is", in: section) { values = [value] }
        } else {
            values = texts(of: "is", in: section) ?? []
        }
        guard !values.isEmpty else {
            report("config.badValue", "\"is\" must be a text or a list of texts", at: node)
            return nil
        }
        return SOAPSuccess(path: path, values: values, messagePath: text(of: "message", in: section))
    }

    private mutating func retryPolicy(_ section: Section) -> RetryPolicy {
        expect(section, only: ["attempts", "baseMilliseconds", "capSeconds", "faults"], in: "retry")
        var policy = RetryPolicy()
        if let faults = texts(of: "faults", in: section) { policy.faults = faults }
        if let attempts = integer(of: "attempts", in: section, atLeast: 1, atMost: 1_000) { policy.attempts = attempts }
        if let base = integer(of: "baseMilliseconds", in: section, atLeast: 1, atMost: 1_000_000_000) {
            policy.base = Int64(base)
        }
        if let cap = seconds(of: "capSeconds", in: section, atLeast: 1) { policy.cap = Int64(cap) * 1000 }
        return policy
    }

    private mutating func soapLimits(_ section: Section) -> SOAPLimits {
        expect(section, only: ["depth", "recordBytes", "envelopeBytes", "envelopes", "attributes"], in: "limits")
        var limits = SOAPLimits()
        if let depth = integer(of: "depth", in: section, atLeast: 4, atMost: 100_000) { limits.depth = depth }
        if let bytes = integer(of: "recordBytes", in: section, atLeast: 1) { limits.recordBytes = bytes }
        if let bytes = integer(of: "envelopeBytes", in: section, atLeast: 1) { limits.envelopeBytes = Int64(bytes) }
        if let count = integer(of: "envelopes", in: section, atLeast: 1) { limits.envelopes = count }
        if let count = integer(of: "attributes", in: section, atLeast: 1, atMost: 100_000) { limits.attributes = count }
        return limits
    }

    private mutating func soapStream(_ name: String, _ body: Section) -> SOAPStream? {
        expect(
            body,
            only: [
                "operation", "action", "body", "record", "fields", "key", "pages", "token", "window", "cursor", "total",
                "snapshot", "trim", "inner", "success",
            ],
            in: "a SOAP stream")
        guard let template = required("body", in: body, of: "stream \(name)"),
            let record = required("record", in: body, of: "stream \(name)"),
            let fieldSection = section(of: "fields", in: body)
        else {
            if body["fields"] == nil { report("config.missingKey", "stream \(name) needs \"fields\"", at: body.place) }
            return nil
        }
        var stream = SOAPStream(name: name, body: template, recordPath: record, fields: soapFields(fieldSection))
        if let operation = text(of: "operation", in: body) { stream.operation = operation }
        stream.action = text(of: "action", in: body)
        if let key = texts(of: "key", in: body) { stream.key = key }
        if let snapshot = flag(of: "snapshot", in: body) { stream.isSnapshot = snapshot }
        if let trim = flag(of: "trim", in: body) { stream.trimsWhitespace = trim }
        stream.innerPath = text(of: "inner", in: body)
        if let success = section(of: "success", in: body) { stream.success = soapSuccess(success) }
        let ways = ["pages", "token", "window"].filter { body[$0] != nil }
        if ways.count > 1 {
            report(
                "config.badValue",
                "stream \(name) has \(ways.joined(separator: " and ")): it can be read in one way only",
                at: body[ways[1]]!)
        }
        var statedTotal: String?
        if let pages = section(of: "pages", in: body) {
            expect(pages, only: ["size", "first", "hasMore", "count", "total"], in: "pages")
            if let node = pages["total"], body["total"] != nil {
                report("config.badValue", "the stream's total stands twice: under pages and beside it", at: node)
            }
            statedTotal = text(of: "total", in: pages)
            stream.paging = .pages(
                .init(
                    pageSize: integer(of: "size", in: pages, atLeast: 1, atMost: 1_000_000_000) ?? 1000,
                    firstPage: integer(of: "first", in: pages, atMost: 1_000_000_000) ?? 1,
                    hasMorePath: text(of: "hasMore", in: pages), countPath: text(of: "count", in: pages)))
        } else if let token = section(of: "token", in: body) {
            expect(token, only: ["next", "size", "durable", "absent"], in: "token")
            let absent = text(of: "absent", in: token) ?? "error"
            if absent != "error" && absent != "end" {
                report("config.badValue", "\"absent\" must be end or error", at: token["absent"]!)
            }
            if let next = required("next", in: token, of: "token") {
                stream.paging = .token(
                    .init(
                        nextTokenPath: next, pageSize: integer(of: "size", in: token, atLeast: 1) ?? 1000,
                        isDurable: flag(of: "durable", in: token) ?? false, absentIsEnd: absent == "end"))
            }
        } else if let window = section(of: "window", in: body) {
            if let paging = soapWindow(window) { stream.paging = .window(paging) }
        }
        if let cursor = section(of: "cursor", in: body) { stream.cursor = soapCursor(cursor) }
        if let path = statedTotal { stream.total = SOAPTotal(path: path, scope: .pass) }
        if let total = section(of: "total", in: body) {
            expect(total, only: ["path", "scope"], in: "total")
            if let path = required("path", in: total, of: "total") {
                stream.total = SOAPTotal(
                    path: path, scope: choice(of: "scope", in: total, SOAPTotal.Scope.self) ?? .envelope)
            }
        }
        return stream
    }

    private mutating func soapFields(_ section: Section) -> [SOAPField] {
        var fields: [SOAPField] = []
        for entry in section.entries {
            if case Node.scalar = entry.value {
                if let path = name(entry.value, "a path") { fields.append(SOAPField(entry.name, path)) }
                continue
            }
            guard let body = self.section(entry.value, "field \(entry.name)") else { continue }
            expect(body, only: ["path", "repeated", "join", "optional"], in: "a field")
            guard let path = required("path", in: body, of: "field \(entry.name)") else { continue }
            var repeated = SOAPField.Repeated.reject
            if let node = body["join"], body["repeated"] != nil {
                report(
                    "config.badValue", "\(entry.name) has \"repeated\" and \"join\": one of them says enough", at: node)
            }
            if let join = text(of: "join", in: body) {
                repeated = .join(join)
            } else if let text = text(of: "repeated", in: body) {
                switch text {
                case "reject": repeated = .reject
                case "first": repeated = .first
                case "last": repeated = .last
                default: report("config.badValue", "\"repeated\" must be reject, first or last", at: body["repeated"]!)
                }
            }
            fields.append(
                SOAPField(entry.name, path, repeated: repeated, isOptional: flag(of: "optional", in: body) ?? false))
        }
        return fields
    }

    private mutating func soapWindow(_ section: Section) -> SOAPPaging.Window? {
        expect(section, only: ["startsAt", "step", "settle", "lookback", "format"], in: "window")
        guard let text = required("startsAt", in: section, of: "window") else { return nil }
        guard let start = Instant(text) else {
            report(
                "config.badValue", "\"startsAt\" must be an instant such as 2024-10-01T00:00:00+08:00",
                at: section["startsAt"]!)
            return nil
        }
        var window = SOAPPaging.Window(startsAt: start)
        if let seconds = seconds(of: "step", in: section, atLeast: 1) { window.step = Int64(seconds) }
        if let seconds = seconds(of: "settle", in: section) { window.settle = Int64(seconds) }
        if let seconds = seconds(of: "lookback", in: section) { window.lookback = Int64(seconds) }
        if let format = choice(of: "format", in: section, SOAPPaging.InstantFormat.self) { window.format = format }
        return window
    }

    private mutating func soapCursor(_ section: Section) -> SOAPCursorField? {
        expect(section, only: ["column", "order", "lookback", "startsAt"], in: "cursor")
        guard let column = required("column", in: section, of: "cursor") else { return nil }
        var cursor = SOAPCursorField(column: column)
        if let text = text(of: "order", in: section) {
            if let order = SOAPCursorField.Order(rawValue: text) {
                cursor.order = order
            } else if let spelling = CursorOrder(declared: text) {
                cursor.spelling = spelling
            } else {
                report(
                    "config.badValue",
                    "\"order\" must be instant, \(CursorOrder.words.dropFirst().joined(separator: ", ")) or a spelling such as yyyy/M/d H:mm:ss",
                    at: section["order"]!)
            }
        }
        let isTime = cursor.spelling?.isTime ?? (cursor.order == .instant)
        let lookback =
            isTime
            ? seconds(of: "lookback", in: section) : integer(of: "lookback", in: section)
        if let lookback { cursor.lookback = Int64(lookback) }
        if let start = text(of: "startsAt", in: section) { cursor.startsAt = start }
        return cursor
    }
}
