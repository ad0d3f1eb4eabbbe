package import HeatModel
import Records

/// One request to an operation of a service, with values of the caller's: what those use who write into a system, a connector never.
///
/// ```swift
/// let call = try SOAPCall(options: options, stream: stream, values: ["account", "reference"])
/// let reply = try call.perform(["account": "00000017", "reference": "K7Q2…"])
/// ```
///
/// The request is sent once, over a connection of its own: on one that was kept open, a request whose connection turns out to be dead
/// would be sent again by libcurl, and what takes effect twice is two orders.
package struct SOAPCall: Sendable {
    /// What the service answered, without judging it.
    package struct Reply: Sendable {
        /// The records, column by column: nil where nothing stands at a field's path.
        package var records: [[String?]]
        /// The text at the stream's `success`, and its message.
        package var code: String?
        package var message: String?
        /// The texts at the paths of pages' `hasMore` and of the stream's total.
        package var hasMore: String?
        package var stated: String?
        /// What the answer says beside records, for people: `Code "-1", Message "…"`, or empty.
        package var said: String
    }

    /// Why there is no reply.
    package enum Failure: Error, Sendable {
        /// Nothing was asked: no connection, or the service let nobody in.
        case notSent(HearthError)
        /// A fault; its code (`Client`, `Server.Busy`) and the service's words.
        case fault(code: String, HearthError)
        /// The request may have been understood and followed.
        case unclear(HearthError)

        package var error: HearthError {
            switch self {
            case .notSent(let error), .unclear(let error), .fault(_, let error): error
            }
        }
    }

    private let options: SOAPOptions
    private let stream: SOAPStream
    private let paths: StreamPaths
    private let request: SOAPRequest

    /// - Parameters:
    ///   - stream: the operation, its body with a placeholder for each value that it uses, and what of the answer is a record.
    ///   - values: the names that placeholders may have.
    /// - Throws: `config.…` where a path or a placeholder is wrong.
    package init(options: SOAPOptions, stream: SOAPStream, values: Set<String>) throws {
        guard options.endpoint.hasPrefix("http://") || options.endpoint.hasPrefix("https://") else {
            throw HearthError(
                .configBadEndpoint, "the endpoint is not an http or https address",
                at: .address(TransportFailure.shown(options.endpoint)))
        }
        self.options = options
        self.stream = stream
        paths = try StreamPaths(stream, namespaces: options.namespaces)
        request = try SOAPRequest(stream, options: options, named: values)
    }

    /// Whether the body has a placeholder for a value.
    package func uses(_ value: String) -> Bool { request.uses(value) }

    /// Sends the request, once, and reads its answer. Blocks its thread.
    ///
    /// - Parameter judgesEmptyAnswers: an answer without a record must be one that rightly has none, as in a pull.
    package func perform(
        _ values: [String: String], judgesEmptyAnswers: Bool = false,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(Failure) -> Reply {
        let session = SOAPSession(options, isCancelled: isCancelled)
        do { try session.open() } catch {
            // What the login could not open nobody has used.
            throw .notSent(SOAPConnector.hearth(error))
        }
        let fetch = EnvelopeFetch(
            options: options, request: request, stream: stream, paths: paths, isCancelled: isCancelled, tape: nil,
            session: session)
        var batches: [RawBatch] = []
        do {
            var bytes: Int64 = 0
            let end = try fetch.fetch(
                [.page: "1", .pageSize: "1000"], named: values, reading: SOAPReading(originName: stream.name),
                bytes: &bytes
            ) { batches.append($0) }
            batches.append(end.lastBatch)
            if let defect = batches.lazy.flatMap(\.defects).first {
                throw HearthError(.sourceBadAnswer, "a record of the answer cannot be read: \(defect.message)")
            }
            if judgesEmptyAnswers, end.records == 0 {
                var judge = AnswerJudge(stream, memory: AnswerMemory(), now: EnvelopeFetch.now(offsetMinutes: 0))
                _ = try judge.judge(end, page: 1, at: .address(TransportFailure.shown(options.endpoint)))
            }
            return Reply(
                records: batches.flatMap { batch in
                    (0..<batch.rowCount).map { row in
                        stream.fields.indices.map { batch.text(row: row, column: $0) }
                    }
                }, code: end.success, message: end.message, hasMore: end.hasMore, stated: end.statedTotal,
                said: String(AnswerJudge.said(end.signs.texts).drop { $0 == "," || $0 == " " }))
        } catch let failure as TransportFailure {
            switch failure.retry {
            case .connect: throw .notSent(failure.error)
            case .fault(let code): throw .fault(code: code, failure.error)
            default:
                // A handshake that fails comes before the request.
                let isBefore = [.sourceTls, .sourceUnauthorized, .configBadEndpoint].contains(failure.error.code)
                throw isBefore ? .notSent(failure.error) : .unclear(failure.error)
            }
        } catch let error as HearthError {
            throw error.code == .sourceUnauthorized ? .notSent(error) : .unclear(error)
        } catch {
            throw .unclear(SOAPConnector.hearth(error))
        }
    }
}
