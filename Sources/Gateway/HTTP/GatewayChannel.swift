import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Setup

/// A connection as Hummingbird's server takes it: decoder and ``Connection``, with TLS before them where that is configured.
struct GatewayChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let gateway: Gateway
    let certificate: ServerCertificate?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let certificate { try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context)) }
            let connection = Connection(gateway: gateway, turn: try gateway.turn(of: channel.eventLoop))
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = gateway.settings.maxHeader
            limits.maxHeaderListSize = gateway.settings.maxHeader
            limits.maxHeaderFieldCount = 100
            try pipeline.addHandler(ByteWatch(connection))
            try pipeline.addHandler(
                ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)))
            try pipeline.addHandler(connection)
            return Value(channel: channel)
        }
    }

    /// The connection works on its event loop; all that remains is to wait for its end.
    func handle(value: Value, logger: Logger) async { try? await value.channel.closeFuture.get() }
}
