import HeatModel
import Records

/// What the requests of one pull share: connections, cookies, and the session that a login opened.
final class SOAPSession {
    let handle = HTTPHandle()
    /// What the login's answer gave for `{{session}}`.
    private(set) var text: String?
    private let options: SOAPOptions
    private let isCancelled: @Sendable () -> Bool

    init(_ options: SOAPOptions, isCancelled: @escaping @Sendable () -> Bool) {
        self.options = options
        self.isCancelled = isCancelled
    }

    var canRenew: Bool { options.login != nil }

    /// Sends the login if there is one and no session is open.
    func open() throws { if text == nil { try renew() } }

    /// Opens a new session; cookies of the old one are forgotten.
    func renew() throws {
        guard let login = options.login else { return }
        handle.forgetCookies()
        text = nil
        let stream = login.stream
        let fetch = EnvelopeFetch(
            options: options, request: try SOAPRequest(stream, options: options), stream: stream,
            paths: try StreamPaths(stream, namespaces: options.namespaces), isCancelled: isCancelled, tape: nil,
            session: self)
        var values: [RequestTemplate.Placeholder: String] = [:]
        values[.user] = login.credentials?.user
        values[.password] = login.credentials?.password
        var bytes: Int64 = 0
        let place = Place.address(TransportFailure.shown(options.endpoint))
        var attempts = RetryPolicy.Attempts(options.retry)
        var random = SystemRandomNumberGenerator()
        while true {
            do {
                var end = try fetch.fetch(values, reading: SOAPReading(originName: "login"), bytes: &bytes) { _ in }
                try login.success?.judge(end, at: place)
                let batch = end.lastBatch
                end.lastBatch.cursor = nil
                guard batch.rowCount > 0, let given = batch.text(row: 0, column: 0), !given.isEmpty else {
                    throw HearthError(
                        .sourceBadAnswer,
                        "the login's answer has nothing at \(login.path)\(AnswerJudge.said(end.signs.texts))",
                        at: place,
                        advice: "Check login.path, user and password against an answer of the service.")
                }
                text = given
                return
            } catch let failure as TransportFailure {
                guard case .retry(let milliseconds) = attempts.failed(failure.retry, using: &random) else {
                    throw failure.error
                }
                try SOAPPull.wait(milliseconds, isCancelled)
            }
        }
    }
}
