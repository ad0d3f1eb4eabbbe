/// Who we say we are.
public struct SOAPSecurity: Sendable {
    /// HTTP basic authentication.
    public var basic: SOAPCredentials?
    /// WS-Security UsernameToken in the SOAP header.
    public var usernameToken: SOAPUsernameToken?

    public init(basic: SOAPCredentials? = nil, usernameToken: SOAPUsernameToken? = nil) {
        self.basic = basic
        self.usernameToken = usernameToken
    }
}

/// A user and a password. Neither is ever part of an error or of a description.
public struct SOAPCredentials: Sendable, CustomStringConvertible {
    public var user: String
    public var password: String

    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    public var description: String { "SOAPCredentials(…)" }
}

/// A UsernameToken as OASIS WSS 1.0 has it.
public struct SOAPUsernameToken: Sendable {
    public enum PasswordType: String, Sendable, CaseIterable {
        /// The password as it is: only over TLS.
        case text
        /// Base64(SHA-1(nonce + created + password)), fresh for each request.
        case digest
    }

    public var credentials: SOAPCredentials
    public var type: PasswordType
    /// Whether the header also says `wsu:Timestamp` with an expiry five minutes on.
    public var sendsTimestamp: Bool

    public init(credentials: SOAPCredentials, type: PasswordType = .digest, sendsTimestamp: Bool = false) {
        self.credentials = credentials
        self.type = type
        self.sendsTimestamp = sendsTimestamp
    }
}

/// TLS as libcurl has it; paths of PEM files.
public struct SOAPTLS: Sendable {
    /// Certificate authorities to trust instead of the system's.
    public var caFile: String?
    public var certificateFile: String?
    public var keyFile: String?
    public var keyPassword: String?
    /// False trusts any certificate and any host name: for a test system only.
    public var verifies: Bool

    public init(
        caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, keyPassword: String? = nil,
        verifies: Bool = true
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.keyPassword = keyPassword
        self.verifies = verifies
    }
}
