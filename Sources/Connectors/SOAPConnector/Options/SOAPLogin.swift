/// The request that opens a session: sent before the first of a pull, and again where the service says that the session is over.
public struct SOAPLogin: Sendable {
    /// What stands in `soap:Body`, with `{{user}}` and `{{password}}`, each filled XML-escaped.
    public var body: String
    public var action: String?
    /// Path of the text that fills `{{session}}`: `d:LoginResponse/d:LoginResult`, `d:Session/@id`.
    public var path: String
    public var credentials: SOAPCredentials?
    public var success: SOAPSuccess?

    public init(
        body: String, path: String, action: String? = nil, credentials: SOAPCredentials? = nil,
        success: SOAPSuccess? = nil
    ) {
        self.body = body
        self.path = path
        self.action = action
        self.credentials = credentials
        self.success = success
    }

    /// The login's answer as a stream of one record.
    var stream: SOAPStream {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        var stream = SOAPStream(
            name: "login", action: action, body: body, recordPath: path, fields: [.init("session", ".")])
        if parts.count > 1, let last = parts.last, last.hasPrefix("@") {
            stream.recordPath = parts.dropLast().joined(separator: "/")
            stream.fields = [.init("session", String(last))]
        }
        stream.success = success
        stream.trimsWhitespace = true
        return stream
    }
}
