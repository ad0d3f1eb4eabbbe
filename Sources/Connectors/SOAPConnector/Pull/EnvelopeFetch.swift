import Glibc
import HeatModel
import Records

/// Asks for one envelope and reads its answer: HTTP status, content and fault are distinguished.
struct EnvelopeFetch {
    let options: SOAPOptions
    let request: SOAPRequest
    let stream: SOAPStream
    let paths: StreamPaths
    let isCancelled: @Sendable () -> Bool
    let tape: (any PullTape)?
    let session: SOAPSession

    /// Throws ``TransportFailure`` for what may be tried again, else a `HearthError` or what `deliver` throws.
    func fetch(
        _ values: [RequestTemplate.Placeholder: String], named: [String: String] = [:], reading: SOAPReading,
        bytes: inout Int64,
        deliver: @escaping (consuming RawBatch) throws -> Void
    ) throws -> SOAPEnvelopeEnd {
        var random = SystemRandomNumberGenerator()
        let nonce = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        var values = values
        values[.session] = session.text
        let body = request.body(values, named: named, nonce: nonce, at: Self.now(offsetMinutes: 0))
        let exchange = HTTPExchange(
            url: options.endpoint, body: Array(body.utf8), headers: request.headers(session: session.text),
            options: options,
            isCancelled: isCancelled, handle: session.handle)
        var reader: SOAPEnvelopeReader?
        var multipart: MultipartRoot?
        var isFirst = true
        var ignored = 0
        var trouble: HearthError?
        defer { bytes += exchange.wireBytes }
        let head: HTTPExchange.Head
        func read(_ head: HTTPExchange.Head, _ type: String, _ part: UnsafeRawBufferPointer) throws {
            if reader == nil { reader = try makeReader(head, type, reading) }
            guard let reader else { return }
            if head.status < 300 {
                try tape?.write(part)
                try reader.read(part, deliver: deliver)
                if reader.isStopped { throw LimitReached() }
                return
            }
            // Whatever an error's body holds beside a fault is no answer.
            do { try reader.read(part) { _ in } } catch let error as HearthError { trouble = error }
        }
        do {
            head = try exchange.perform { head, part in
                if isFirst {
                    isFirst = false
                    multipart = MultipartRoot(contentType: head.contentType)
                }
                if trouble != nil || (head.status >= 300 && multipart == nil && !Self.isXML(head.contentType)) {
                    ignored += part.count
                    if ignored > 65_536 { throw statusFailure(head, fault: nil) }
                    return
                }
                guard multipart != nil else { return try read(head, head.contentType, part) }
                let root = try multipart?.take(part) ?? []
                if root.isEmpty { return }
                try root.withUnsafeBytes { try read(head, multipart?.contentType ?? "", $0) }
            }
        } catch let failure as TransportFailure {
            throw located(failure, reader)
        } catch is LimitReached {
            head = .init(status: 200, contentType: "", retryAfter: nil)
        } catch let error as HearthError {
            throw retried(error, reader)
        }
        if head.status >= 300 {
            if trouble == nil, let reader {
                do { _ = try reader.finish { _ in } } catch let error as HearthError { trouble = error }
            }
            throw statusFailure(head, fault: trouble, code: reader?.fault.shortCode ?? "")
        }
        if reader == nil {
            if isFirst { multipart = MultipartRoot(contentType: head.contentType) }
            if multipart != nil { throw TransportFailure(Self.cutMultipart(address), retry: .truncated) }
            reader = try makeReader(head, head.contentType, reading)
        }
        guard let reader else { throw statusFailure(head, fault: nil) }
        do {
            let end = try reader.finish(deliver: deliver)
            if end.isWhole, let multipart, !multipart.isWhole {
                throw TransportFailure(Self.cutMultipart(address), retry: .truncated)
            }
            try tape?.end()
            return end
        } catch let error as HearthError where error.code == .sourceTruncated {
            throw TransportFailure(error, retry: .truncated)
        } catch let error as HearthError {
            throw retried(error, reader)
        }
    }

    /// A fault under status 200 may be worth another try as well as one under 500.
    private func retried(_ error: HearthError, _ reader: SOAPEnvelopeReader?) -> any Error {
        guard error.code == .sourceSoapFault, let reader else { return error }
        return TransportFailure(error, retry: .fault(reader.fault.shortCode))
    }

    private static func cutMultipart(_ place: Place) -> HearthError {
        HearthError(
            .sourceTruncated, "the multipart answer ends before its root part does", at: place,
            advice: "Run the pull again; if it stays so, the service cuts its answers.")
    }

    private func makeReader(_ head: HTTPExchange.Head, _ contentType: String, _ reading: SOAPReading) throws
        -> SOAPEnvelopeReader
    {
        var reading = reading
        reading.httpCharset = Self.charset(contentType)
        reading.charset = options.charset
        if head.status < 300 { try tape?.begin(reading.piece) }
        return try SOAPEnvelopeReader(stream: stream, paths: paths, reading: reading)
    }

    private var address: Place { .address(TransportFailure.shown(options.endpoint)) }

    /// Where the answer broke off, by the reader's account.
    private func located(_ failure: TransportFailure, _ reader: SOAPEnvelopeReader?) -> TransportFailure {
        guard let reader, failure.error.code == .sourceTruncated else { return failure }
        var failure = failure
        failure.error.place = reader.here()
        return failure
    }

    private func statusFailure(_ head: HTTPExchange.Head, fault: HearthError?, code: String = "") -> any Error {
        let isFault = fault.map { [.sourceSoapFault, .sourceUnauthorized].contains($0.code) } ?? false
        let word = isFault ? (fault?.message ?? "") : "no SOAP fault in the answer"
        if head.status == 401 || head.status == 403 {
            return HearthError(
                .sourceUnauthorized, "HTTP status \(head.status): \(word)", at: address,
                advice: "Check user and password, and what the user may read.")
        }
        let retry = RetryPolicy.Failure.status(head.status, retryAfter: head.retryAfter)
        if isFault, let fault {
            return TransportFailure(
                fault,
                retry: [429, 503].contains(head.status)
                    ? retry : fault.code == .sourceSoapFault ? .fault(code) : .permanent)
        }
        return TransportFailure(
            HearthError(
                .sourceHttpStatus, "HTTP status \(head.status), \(word)", at: address,
                advice: head.status < 400
                    ? "Redirects are not followed; configure the address that it leads to."
                    : "Look at the service's own log."),
            retry: retry)
    }

    static func isXML(_ contentType: String) -> Bool {
        let type = contentType.lowercased().prefix { $0 != ";" }.filter { !$0.isWhitespace }
        return type.isEmpty || type == "text/xml" || type == "application/xml"
            || type.hasSuffix("+xml") && type != "application/xhtml+xml"
    }

    static func charset(_ contentType: String) -> String? {
        for part in contentType.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }).lowercased() == "charset" else { continue }
            let value = pair[1].filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            return value.isEmpty ? nil : value
        }
        return nil
    }

    static func now(offsetMinutes: Int16) -> Instant {
        Instant(microseconds: Int64(time(nil)) * 1_000_000, offsetMinutes: offsetMinutes)
    }
}

/// Ends a transfer of which no more is wanted.
struct LimitReached: Error {}
