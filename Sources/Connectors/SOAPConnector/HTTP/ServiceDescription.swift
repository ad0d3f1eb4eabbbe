import HeatModel

/// A document of a service's description, over HTTP. Redirects are not followed.
package enum ServiceDescription {
    /// - Parameters:
    ///   - atMost: bytes.
    ///   - seconds: how long it may take from the first byte sent to the last one received, however the server drips.
    /// - Throws: `source.unreachable`, `source.timeout`, `source.httpStatus`, `source.unauthorized`, `source.tooLarge` and what else the transport has.
    package static func fetch(_ address: String, atMost limit: Int, within seconds: Int = 60) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let place = Place.address(TransportFailure.shown(address))
        let options = SOAPOptions(endpoint: address, timeouts: SOAPTimeouts(total: seconds * 1000))
        let exchange = HTTPExchange(url: address, body: nil, headers: [], options: options, isCancelled: { false })
        do {
            let head = try exchange.perform { head, part in
                guard head.status < 300 else { return }
                if bytes.count + part.count > limit {
                    throw HearthError(
                        .sourceTooLarge, "the service description is larger than \(limit >> 20) MiB", at: place)
                }
                bytes += part
            }
            guard head.status < 300 else {
                throw HearthError(
                    head.status == 401 || head.status == 403 ? .sourceUnauthorized : .sourceHttpStatus,
                    "the service description has HTTP status \(head.status)", at: place,
                    advice: "save it with a browser and import the file")
            }
        } catch let failure as TransportFailure {
            throw failure.error
        }
        return bytes
    }
}
