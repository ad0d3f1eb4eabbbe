package import ConfigurationFiles
import Foundation
import HeatModel
import Records
import Yams

/// The section `soap` of a source and its streams, as `hearth.yaml` has them.
package enum SOAPConfiguration {
    /// - Parameters:
    ///   - source: its name.
    ///   - settings: what stands under its kind.
    ///   - zone: IANA name of the source's zone.
    /// - Returns: nil where something is wrong; the reader has noted what, and where it stands.
    package static func read(
        _ source: String, settings: Section, streams: Section, zone: String, reader: inout ConfigurationReader
    ) -> SOAPConnector? {
        guard let options = options(settings, zone: zone, reader: &reader) else { return nil }
        let made = reader.streams(streams, of: source) { $0.soapStream($1, $2) }
        guard reader.problems.isEmpty else { return nil }
        do {
            return try SOAPConnector(source: source, options: options, streams: made)
        } catch {
            var problem =
                (error as? HearthError)
                ?? HearthError(.configBadValue, "source \(source) cannot be set up", cause: error)
            problem.place = problem.place ?? settings.place
            reader.problems.append(problem)
            return nil
        }
    }

    /// The section `soap` alone.
    ///
    /// - Parameters: as ``read(_:settings:streams:zone:reader:)`` has them.
    /// - Returns: nil where something that it cannot do without is missing; the reader has noted what.
    package static func options(
        _ settings: Section, zone: String, reader: inout ConfigurationReader
    ) -> SOAPOptions? {
        reader.expect(
            settings,
            only: [
                "endpoint", "version", "namespaces", "basic", "usernameToken", "tls", "timeouts", "retry", "headers",
                "gzip", "charset", "wsdl", "limits", "login",
            ], in: "soap")
        guard var options = reader.soapOptions(settings) else { return nil }
        options.offsetMinutes = Int16((TimeZone(identifier: zone) ?? .gmt).secondsFromGMT() / 60)
        return options
    }

    /// What says that a service did as it was asked: `{path, is, message}`.
    package static func success(_ section: Section, reader: inout ConfigurationReader) -> SOAPSuccess? {
        reader.soapSuccess(section)
    }
}

extension ConfigurationReader {
    fileprivate mutating func soapOptions(_ settings: Section) -> SOAPOptions? {
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
        return options
    }

    private mutating func credentials(_ section: Section, _ what: String) -> SOAPCredentials? {
        expect(section, only: ["user", "password", "type", "timestamp"], in: what)
        guard let user = secret(of: "user", in: section), let password = secret(of: "password", in: section) else {
            report(.configMissingKey, "\(what) needs \"user\" and \"password\"", at: section.place)
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
                report(.configMissingKey, "login needs \"user\" and \"password\", or neither", at: section.place)
                return nil
            }
            login.credentials = SOAPCredentials(user: user, password: password)
        }
        if let success = self.section(of: "success", in: section) { login.success = soapSuccess(success) }
        return login
    }

    mutating func soapSuccess(_ section: Section) -> SOAPSuccess? {
        expect(section, only: ["path", "is", "message"], in: "success")
        guard let path = required("path", in: section, of: "success") else { return nil }
        guard let node = section["is"] else {
            report(.configMissingKey, "success needs \"is\", the text that means success", at: section.place)
            return nil
        }
        var values: [String] = []
        if case .scalar = node {
            if let value = text(of: "is", in: section) { values = [value] }
        } else {
            values = texts(of: "is", in: section) ?? []
        }
        guard !values.isEmpty else {
            report(.configBadValue, "\"is\" must be a text or a list of texts", at: node)
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
}
