/// The request that opens a session: sent before the first of a pull, and again where the service says that the session is over.
package struct SOAPLogin: Sendable {
    /// What stands in `soap:Body`, with `{{user}}` and `{{password}}`, each filled XML-escaped.
    package var body: String
    package var action: String?
    /// Path of the text that fills `{{session}}`: `d:LoginResponse/d:LoginResult`, `d:Session/@id`.
    package var path: String
    package var credentials: SOAPCredentials?
    package var success: SOAPSuccess?

    package init(
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
