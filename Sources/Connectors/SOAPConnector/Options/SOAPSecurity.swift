/// Who we say we are.
package struct SOAPSecurity: Sendable {
    /// HTTP basic authentication.
    package var basic: SOAPCredentials?
    /// WS-Security UsernameToken in the SOAP header.
    package var usernameToken: SOAPUsernameToken?

    package init(basic: SOAPCredentials? = nil, usernameToken: SOAPUsernameToken? = nil) {
        self.basic = basic
        self.usernameToken = usernameToken
    }
}

/// A user and a password. Neither is ever part of an error or of a description.
package struct SOAPCredentials: Sendable, CustomStringConvertible {
    package var user: String
    package var password: String

    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    package var description: String { "SOAPCredentials(…)" }
}

/// A UsernameToken as OASIS WSS 1.0 has it.
package struct SOAPUsernameToken: Sendable {
    package enum PasswordType: String, Sendable, CaseIterable {
        /// The password as it is: only over TLS.
        case text
        /// Base64(SHA-1(nonce + created + password)), fresh for each request.
        case digest
    }

    package var credentials: SOAPCredentials
    package var type: PasswordType
    /// Whether the header also says `wsu:Timestamp` with an expiry five minutes on.
    package var sendsTimestamp: Bool

    package init(credentials: SOAPCredentials, type: PasswordType = .digest, sendsTimestamp: Bool = false) {
        self.credentials = credentials
        self.type = type
        self.sendsTimestamp = sendsTimestamp
    }
}

/// TLS as libcurl has it; paths of PEM files.
package struct SOAPTLS: Sendable {
    /// Certificate authorities to trust instead of the system's.
    package var caFile: String?
    package var certificateFile: String?
    package var keyFile: String?
    package var keyPassword: String?
    /// False trusts any certificate and any host name: for a test system only.
    package var verifies: Bool

    package init(
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
