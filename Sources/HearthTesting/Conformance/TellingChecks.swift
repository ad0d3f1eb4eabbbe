import HeatModel
import Records

/// What a connector says of its source, good or broken.
extension ConnectorConformance {
    func discoverListsStream() throws -> String? {
        let streams = try fixture.connector().discover()
        guard let stream = streams.first(where: { $0.name == fixture.stream }) else {
            return "\(fixture.stream) is not among \(streams.map(\.name))"
        }
        return stream.isConfigured ? nil : "\(fixture.stream) is not said to be configured"
    }

    func checkPasses() throws -> String? {
        let findings = try fixture.connector().check()
        if findings.isEmpty { return "no finding at all" }
        guard let failed = findings.first(where: { $0.verdict == .failed }) else { return nil }
        return "\(failed.subject): \(failed.detail)"
    }

    func checkTellsBroken() throws -> String? {
        let failed = try fixture.brokenConnector().check().filter { $0.verdict == .failed }
        if failed.isEmpty { return "no failed finding although the source is broken" }
        return failed.contains { $0.advice?.isEmpty == false } ? nil : "no advice with \(failed.map(\.subject))"
    }

    func pullTellsBroken() throws -> String? {
        do {
            _ = try fixture.brokenConnector().pull(request()) { _ in }
        } catch let error as HearthError {
            if error.code.area != "source" && error.code.area != "config" { return "the code is \(error.code)" }
            if error.place == nil { return "no place in: \(error)" }
            return error.advice?.isEmpty == false ? nil : "no advice in: \(error)"
        }
        return "the pull succeeded although the source is broken"
    }

    func unknownStreamRefused() throws -> String? {
        var request = request()
        request.stream = "no such stream"
        do {
            _ = try fixture.connector().pull(request) { _ in }
        } catch let error as HearthError {
            return ["config", "source", "usage"].contains(error.code.area) ? nil : "the code is \(error.code)"
        }
        return "a stream that is not configured was pulled"
    }
}
