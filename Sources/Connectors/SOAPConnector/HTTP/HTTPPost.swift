import HeatModel

/// Posts documents to one address that somebody else chose, by the client that services are asked with. Redirects are not followed.
///
/// One thread at a time: it keeps its connection open.
package final class HTTPPost {
    package struct Reply: Sendable, Hashable {
        package var status: Int
        /// Milliseconds that the answer asks to wait for.
        package var retryAfter: Int64?

        package init(status: Int, retryAfter: Int64?) {
            self.status = status
            self.retryAfter = retryAfter
        }
    }

    /// No more of an answer is read.
    private static let mostBytes = 65_536
    private struct Enough: Error {}

    private let options: SOAPOptions
    private let admits: @Sendable (HostAddress) -> Bool
    private let handle = HTTPHandle()

    /// - Parameters:
    ///   - milliseconds: for the whole of a request.
    ///   - ca: a file of certificates to believe; the system's where there is none.
    ///   - admits: is asked for each address before it is connected to, whatever a name stands for at that moment.
    package init(
        to address: String, within milliseconds: Int, ca: String? = nil,
        admits: @escaping @Sendable (HostAddress) -> Bool
    ) {
        var options = SOAPOptions(
            endpoint: address,
            timeouts: SOAPTimeouts(connect: min(milliseconds, 10_000), total: milliseconds, lowSpeed: 0))
        options.tls.caFile = ca
        self.options = options
        self.admits = admits
    }

    /// Blocks its thread.
    ///
    /// - Throws: `source.addressRefused`, `source.unreachable`, `source.timeout`, `source.tls` and what else the transport has, without the
    ///   address's query; `CancellationError`.
    package func send(
        _ body: [UInt8], headers: [String], isCancelled: @escaping @Sendable () -> Bool
    ) throws -> Reply {
        let exchange = HTTPExchange(
            url: options.endpoint, body: body, headers: headers, options: options, isCancelled: isCancelled,
            handle: handle)
        exchange.admits = admits
        var (seen, read): (HTTPExchange.Head?, Int) = (nil, 0)
        do {
            let head = try exchange.perform { head, part in
                (seen, read) = (head, read + part.count)
                if read > Self.mostBytes { throw Enough() }
            }
            return Reply(status: head.status, retryAfter: head.retryAfter)
        } catch is Enough {
            return Reply(status: seen?.status ?? 0, retryAfter: seen?.retryAfter)
        } catch let error as HearthError where error.code == .runCancelled {
            throw CancellationError()
        } catch let failure as TransportFailure {
            guard exchange.wasRefused else { throw failure.error }
            throw HearthError(
                .sourceAddressRefused, "the address is of a private network",
                at: .address(TransportFailure.shown(options.endpoint)),
                advice: "only what stands on the Internet is delivered to, unless the configuration allows it")
        }
    }
}
