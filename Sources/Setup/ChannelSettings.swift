/// `channels:` of the configuration: which doors customers have, and what bounds them. A door without a section is not there.
package struct ChannelSettings: Sendable {
    /// Which cookies and forms are signed with: the first signs, all are believed. Empty makes one that ends with the process.
    package var keys: [[UInt8]] = []
    /// What pages call the company.
    package var company = "供热客服"
    package var chat: Chat?
    package var kiosk: Kiosk?
    package var wechat: WeChat?
    package var hotline: Hotline?
    package var sms: SMS?
    package var desk: Desk?
    package var console: Console?

    package struct Chat: Sendable {
        /// Turns a minute: of one session, of all sessions of one address; 0 is no limit.
        package var perSession = 20
        package var perAddress = 120
        /// Days in which nothing is said, after which a session ends.
        package var days = 30
        /// Whether a photo may be sent; needs a place for attachments.
        package var takesPhotos = false

        package init() {}
    }

    package struct Kiosk: Sendable {
        /// Seconds in which nothing is pressed, after which the screen is cleared.
        package var idleSeconds = 60
        /// A program that reads aloud what the browser cannot: it takes text and writes a WAVE file. Nil reads nothing.
        package var speaker: String? = "/usr/bin/espeak-ng"
        package var perAddress = 120

        package init() {}
    }

    package struct WeChat: Sendable {
        package var appID: String
        package var secret: String
        package var token: String
        /// 43 characters; empty in plain mode. The first encrypts where nothing else was decrypted, all are tried.
        package var encodingKeys: [String] = []
        /// Whether messages that are not encrypted are refused.
        package var isSafe = false
        package var api = "https://api.weixin.qq.com"
        /// Milliseconds after which an answer comes later, as a message of its own.
        package var patience = 4500
        /// Subscribe and template messages, by rule of `notices.yaml`.
        package var templates: [Template] = []

        package struct Template: Sendable {
            /// By which of WeChat's interfaces it goes.
            package enum Send: String, Sendable, CaseIterable { case subscribe, template }

            package var rule: String
            package var id: String
            package var send: Send
            /// `thing1`: `{{text}}`
            package var fields: [(name: String, text: String)]

            /// How many characters WeChat allows in a field, by its kind.
            package static let limits = [
                "thing": 20, "phrase": 5, "character_string": 32, "number": 32, "letter": 32, "symbol": 5, "amount": 16,
                "phone_number": 17, "name": 10, "time": 24, "date": 24, "car_number": 8,
            ]

            /// `thing` of `thing1`.
            package static func kind(of field: String) -> String {
                String(field.reversed().drop { $0.isNumber }.reversed())
            }

            package init(rule: String, id: String, send: Send = .subscribe, fields: [(name: String, text: String)]) {
                self.send = send
                self.rule = rule
                self.id = id
                self.fields = fields
            }
        }

        package init(appID: String, secret: String, token: String) {
            self.appID = appID
            self.secret = secret
            self.token = token
        }
    }

    package struct Hotline: Sendable {
        /// Silences, and words that nobody understood, in a row after which a person takes over.
        package var silences = 2
        package var misses = 2

        package init() {}
    }

    package struct SMS: Sendable {
        /// Signs what the gateway brings: HMAC-SHA256 over time, a dot and the body, in hexadecimal. Nil asks for a token.
        package var secret: [UInt8]?
        /// Which of the gateway's fields hold what.
        package var phone = "phone"
        package var text = "text"
        package var id = "id"
        /// Numbers of the company's own, which are never answered.
        package var own: [String] = []
        /// Answers an hour to one number.
        package var perHour = 20
        /// The channel of `notices.yaml` by which answers, and what people say, go out; nil where they go back in the gateway's own request.
        package var reply: String?

        package init() {}
    }

    package struct Console: Sendable {
        /// Hours after which a person logs in again.
        package var hours = 12
        /// Folder of what reconciliations wrote; `reconciliation` of the workspace where none is named.
        package var reconciliations: String?
        /// Whether a mapping file that was tried and planned may be put in the place of the one there is.
        package var appliesMappings = false

        package init() {}
    }

    package struct Desk: Sendable {
        /// Hours after which a person logs in again.
        package var hours = 12

        package init() {}
    }

    package init() {}
}
