public import HeatModel

/// That an order names a photo or video. The file itself lies in a folder, outside of the store.
public struct AttachmentUse: Sendable, Hashable {
    /// 64 hexadecimal digits in lower case.
    public var sha256: String
    /// Number of the account whose order it is.
    public var account: String
    public var action: ActionID
    public var namedAt: Instant

    public init(sha256: String, account: String, action: ActionID, namedAt: Instant) {
        self.sha256 = sha256
        self.account = account
        self.action = action
        self.namedAt = namedAt
    }
}

/// Which orders name which photos and videos; time is the store's own clock.
public protocol AttachmentReader {
    /// By account, then action.
    func attachmentUses(of sha256: String) throws -> [AttachmentUse]
    /// The SHA-256 of each that an action names, in their order.
    func attachments(of action: ActionID) throws -> [String]
}

public protocol AttachmentWriter: AttachmentReader {
    /// Notes that an action names one. Twice is once.
    func useAttachment(_ sha256: String, account: String, action: ActionID) throws
    /// Takes back all that name it.
    func forgetAttachment(_ sha256: String) throws
}
