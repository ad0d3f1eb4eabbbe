/// How to reach one SOAP service, shared by all of its streams.
///
/// Plain values with defaults: the reader of the configuration fills in what differs. Nothing is checked until
/// ``SOAPConnector`` is made from it.
package struct SOAPOptions: Sendable {
    /// `https://dispatch.example.com/ws/WorkOrders.asmx`
    package var endpoint: String
    package var version: SOAPVersion
    /// Prefix → namespace, used in paths and declared on the envelope that is sent: `["d": "http://dispatch.example.com/ws"]`.
    package var namespaces: [String: String]
    package var security: SOAPSecurity
    package var tls: SOAPTLS
    package var timeouts: SOAPTimeouts
    package var limits: SOAPLimits
    package var retry: RetryPolicy
    /// A request that comes before all others and whose answer fills `{{session}}`.
    package var login: SOAPLogin?
    /// Further HTTP headers as `Name: value`; `{{session}}` stands for what the login gave.
    package var headers: [String]
    /// Whether the answer may be compressed (`Accept-Encoding: gzip, deflate`).
    package var acceptsGzip: Bool
    /// Forces the character encoding of answers, whatever the system declares: `GB18030`. Nil: see ``SOAPEnvelopeReader``.
    package var charset: String?
    /// Address of the service description; `discover` reads operations and element names from it.
    package var wsdl: String?
    /// The offset from UTC, in minutes, in which window bounds are written.
    package var offsetMinutes: Int16

    package init(
        endpoint: String, version: SOAPVersion = .v11, namespaces: [String: String] = [:],
        security: SOAPSecurity = .init(),
        tls: SOAPTLS = .init(), timeouts: SOAPTimeouts = .init(), limits: SOAPLimits = .init(),
        retry: RetryPolicy = .init(),
        headers: [String] = [], acceptsGzip: Bool = true, charset: String? = nil, wsdl: String? = nil,
        offsetMinutes: Int16 = 480, login: SOAPLogin? = nil
    ) {
        self.login = login
        self.endpoint = endpoint
        self.version = version
        self.namespaces = namespaces
        self.security = security
        self.tls = tls
        self.timeouts = timeouts
        self.limits = limits
        self.retry = retry
        self.headers = headers
        self.acceptsGzip = acceptsGzip
        self.charset = charset
        self.wsdl = wsdl
        self.offsetMinutes = offsetMinutes
    }
}

/// Addresses, headers and credentials may hold secrets: a description shows none of them.
extension SOAPOptions: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "SOAPOptions(…)" }
    package var debugDescription: String { description }
}

package enum SOAPVersion: String, Sendable, CaseIterable {
    case v11 = "1.1"
    case v12 = "1.2"

    var namespace: String {
        self == .v11 ? "http://schemas.xmlsoap.org/soap/envelope/" : "http://www.w3.org/2003/05/soap-envelope"
    }
}

/// Bounds on what a service may send. Passing one is an error (`source.tooLarge`, `source.tooDeep`), except that a record
/// beyond `recordBytes` is skipped and reported as a defect (`record.tooLarge`).
package struct SOAPLimits: Sendable {
    /// Elements within elements, 8 to 2000.
    package var depth: Int
    /// Bytes of one record's XML, decoded.
    package var recordBytes: Int
    /// Bytes of one envelope, decompressed.
    package var envelopeBytes: Int64
    /// Envelopes (pages or windows) in one pull; a service that never says that it is done stops here.
    package var envelopes: Int
    /// Attributes and namespace declarations of one element. The parser compares each with every other.
    package var attributes: Int

    package init(
        depth: Int = 100, recordBytes: Int = 4 << 20, envelopeBytes: Int64 = 16 << 30, envelopes: Int = 1_000_000,
        attributes: Int = 1000
    ) {
        self.attributes = attributes
        self.depth = depth
        self.recordBytes = recordBytes
        self.envelopeBytes = envelopeBytes
        self.envelopes = envelopes
    }
}

/// All in milliseconds.
package struct SOAPTimeouts: Sendable {
    package var connect: Int
    /// The whole of one request; 0 for no bound, since a large answer may rightly take long.
    package var total: Int
    /// An answer slower than `lowSpeedBytes` a second over this long is given up.
    package var lowSpeed: Int
    package var lowSpeedBytes: Int

    package init(connect: Int = 10_000, total: Int = 0, lowSpeed: Int = 60_000, lowSpeedBytes: Int = 1) {
        self.connect = connect
        self.total = total
        self.lowSpeed = lowSpeed
        self.lowSpeedBytes = lowSpeedBytes
    }
}
