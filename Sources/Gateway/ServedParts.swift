package import Answers
package import Attachments
package import Requests
package import Store

/// What a room that is served here may ask of the gateway.
package struct ServedParts: Sendable {
    package let store: any Store
    /// Questions: what they touch is written down by whoever asks them.
    package let answerer: Answerer
    /// Requests.
    package let desk: RequestDesk
    /// Where photos and videos are kept.
    package let attachments: AttachmentFolder
    /// Where accesses are written down that no answer of the server's brings.
    package let log: any AccessRecorder
    /// Who sends a bearer secret; nil where nobody known does, or no longer may.
    package let identify: @Sendable (_ secret: String) -> Caller?
    /// Whether browsers come by TLS.
    package let isSecure: Bool
}
