import Crypto
import HeatModel

extension SOAPUsernameToken {
    private static let security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    private static let utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    private static let profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
    private static let message = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0"

    /// The `wsse:Security` header for one request.
    func header(soap prefix: String, nonce: [UInt8], at now: Instant) -> String {
        let created = Self.utc(now)
        let nonceText = base64(nonce)
        let password: String
        switch type {
        case .text: password = credentials.password
        case .digest: password = Self.digest(nonce: nonce, created: created, password: credentials.password)
        }
        let kind = type == .text ? "PasswordText" : "PasswordDigest"
        var timestamp = ""
        if sendsTimestamp {
            let expires = Self.utc(Instant(microseconds: now.microseconds + 300_000_000, offsetMinutes: 0))
            timestamp =
                "<wsu:Timestamp><wsu:Created>\(created)</wsu:Created><wsu:Expires>\(expires)</wsu:Expires></wsu:Timestamp>"
        }
        return """
            <wsse:Security xmlns:wsse="\(Self.security)" xmlns:wsu="\(Self.utility)" \(prefix):mustUnderstand="1">\(timestamp)\
            <wsse:UsernameToken><wsse:Username>\(credentials.user.xmlEscaped)</wsse:Username>\
            <wsse:Password Type="\(Self.profile)#\(kind)">\(password.xmlEscaped)</wsse:Password>\
            <wsse:Nonce EncodingType="\(Self.message)#Base64Binary">\(nonceText)</wsse:Nonce>\
            <wsu:Created>\(created)</wsu:Created></wsse:UsernameToken></wsse:Security>
            """
    }

    /// Base64(SHA-1(nonce + created + password)), as the profile has it.
    static func digest(nonce: [UInt8], created: String, password: String) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: nonce)
        hash.update(data: Array(created.utf8))
        hash.update(data: Array(password.utf8))
        return base64(Array(hash.finalize()))
    }

    private static func utc(_ instant: Instant) -> String {
        let whole = Instant(microseconds: instant.microseconds / 1_000_000 * 1_000_000, offsetMinutes: 0).description
        return whole.hasSuffix("+00:00") ? "\(whole.dropLast(6))Z" : whole
    }
}
