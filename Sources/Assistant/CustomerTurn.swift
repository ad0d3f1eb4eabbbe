package import HeatModel

/// Where a customer speaks.
package enum ChannelKind: String, Sendable, CaseIterable {
    case chat, wechat, hotline, sms, kiosk

    /// What the record of conversations calls it.
    package var nameInRecord: String {
        switch self {
        case .chat: "web"
        case .hotline: "phone"
        case .wechat, .sms, .kiosk: rawValue
        }
    }
}

/// One thing that a customer says or presses.
package struct CustomerTurn: Sendable, Equatable {
    package enum Said: Sendable, Equatable {
        /// Free words, as typed or recognised.
        case words(String)
        /// The id of a choice that a message offered.
        case choice(String)
        /// Keys of a telephone or number pad, with a closing # taken off.
        case keys(String)
        /// The conversation is opened without a word: the greeting is wanted.
        case opened
    }

    package struct Attachment: Sendable, Equatable, Codable {
        package var address: String
        /// Of the bytes, 64 hex digits.
        package var sha256: String
        package var mediaType: String

        package init(address: String, sha256: String, mediaType: String) {
            self.address = address
            self.sha256 = sha256
            self.mediaType = mediaType
        }
    }

    package var channel: ChannelKind
    /// Who speaks, in the channel's own terms and stable within it: an opaque session, an openid, the hash of a telephone number. Never shown.
    package var customer: String
    /// Of this turn within the customer: the same key twice is one turn, and the second gets the first's reply.
    package var key: String
    package var said: Said
    package var attachments: [Attachment]
    package var at: Instant
    /// The customer wants plain words.
    package var plain: Bool
    /// Where the customer is found outside of a turn, sealed by the door that can open it; nil where they are not.
    package var address: String?

    package init(
        channel: ChannelKind, customer: String, key: String, said: Said, attachments: [Attachment] = [], at: Instant,
        plain: Bool = false, address: String? = nil
    ) {
        self.address = address
        self.channel = channel
        self.customer = customer
        self.key = key
        self.said = said
        self.attachments = attachments
        self.at = at
        self.plain = plain
    }
}
