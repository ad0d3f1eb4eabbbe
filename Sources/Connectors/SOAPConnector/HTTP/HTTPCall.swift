import HeatModel

/// One HTTP request that may take effect, for those who write: sent once, over a connection of its own, as ``SOAPCall``.
package struct HTTPCall: Sendable {
    package struct Reply: Sendable {
        package var status: Int
        package var body: [UInt8]
        /// Milliseconds after which the other side wants to be asked again; nil where it does not say.
        package var retryAfter: Int64?
    }

    private let address: String
    private let headers: [String]
    private let body: [UInt8]?
    private let options: SOAPOptions
    private let mostBytes: Int

    /// - Parameters:
    ///   - body: nil sends a GET.
    ///   - options: TLS, credentials and timeouts are taken from it, nothing else.
    package init(
        _ address: String, headers: [String], body: [UInt8]?, options: SOAPOptions, atMost bytes: Int = 1 << 20
    ) {
        self.address = address
        self.headers = headers
        self.body = body
        self.options = options
        mostBytes = bytes
    }

    /// Blocks its thread. An answer of whatever status is a reply; a broken or missing one says whether the request can have been
    /// followed. The address of a request may hold what is personal: no error shows more of it than host and path.
    package func perform() throws(SOAPCall.Failure) -> Reply {
        let exchange = HTTPExchange(
            url: address, body: body, headers: headers, options: options, isCancelled: { false })
        var bytes: [UInt8] = []
        do {
            let head = try exchange.perform { [mostBytes] _, part in
                if bytes.count + part.count > mostBytes {
                    throw HearthError(.sourceTooLarge, "the answer is larger than \(mostBytes >> 10) KiB")
                }
                bytes += part
            }
            return Reply(status: head.status, body: bytes, retryAfter: head.retryAfter)
        } catch let failure as TransportFailure {
            if failure.retry == .connect { throw .notSent(failure.error) }
            // A handshake that fails comes before the request.
            let isBefore = failure.error.code == .sourceTls || failure.error.code == .configBadEndpoint
            throw isBefore ? .notSent(failure.error) : .unclear(failure.error)
        } catch let error as HearthError {
            throw .unclear(error)
        } catch {
            throw .unclear(HearthError(.sourceBadAnswer, "the answer cannot be read", cause: error))
        }
    }
}
