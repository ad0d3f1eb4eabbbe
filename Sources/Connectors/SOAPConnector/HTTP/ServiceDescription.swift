package import HeatModel

/// A document of a service's description, over HTTP. Redirects are not followed.
package enum ServiceDescription {
    /// - Parameter atMost: bytes.
    /// - Throws: `source.unreachable`, `source.httpStatus`, `source.unauthorized`, `source.tooLarge` and what else the transport has.
    package static func fetch(_ address: String, atMost limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let place = Place.address(TransportFailure.shown(address))
        let exchange = HTTPExchange(
            url: address, body: nil, headers: [], options: SOAPOptions(endpoint: address), isCancelled: { false })
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
