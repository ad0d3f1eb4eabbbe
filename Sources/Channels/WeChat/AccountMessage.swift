import Assistant

/// A message that a follower of the account has sent, or something that they did.
struct AccountMessage: Sendable {
    var account: String
    var openID: String
    var time: Int64
    /// Names it: the same again is the same.
    var key: String
    var what: What

    enum What: Sendable, Equatable {
        case said(CustomerTurn.Said)
        /// What cannot be taken here, answered with words.
        case answered(String)
        /// Nothing is to be answered.
        case silent
    }

    init?(_ fields: [String: String]) {
        guard let to = fields["ToUserName"], let from = fields["FromUserName"], Self.isID(from), Self.isID(to),
            let time = fields["CreateTime"].flatMap({ Int64($0) }), let kind = fields["MsgType"]
        else { return nil }
        account = to
        openID = from
        self.time = time
        if let id = fields["MsgId"] {
            guard (1...40).contains(id.utf8.count), id.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
            key = "m" + id
        } else {
            let event = (fields["Event"] ?? "").filter { $0.isASCII && ($0.isLetter || $0 == "_") }
            key = "e\(time)\(event.prefix(40))"
        }
        switch kind {
        case "text":
            let words = (fields["Content"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if let choice = fields["bizmsgmenuid"], Self.isChoice(choice) {
                what = .said(.choice(choice))
            } else if words.isEmpty {
                what = .answered("您发的内容是空的。请用文字说说您的问题,比如“家里不热”“怎么缴费”。")
            } else {
                what = .said(.words(String(words.prefix(1000))))
            }
        case "voice":
            let words = fields["Recognition"]?.split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? ""
            what =
                words.isEmpty
                ? .answered("没有听清这段语音。请再说一遍,或者打字告诉我。") : .said(.words(String(words.prefix(1000))))
        case "image", "video", "shortvideo":
            what = .answered("这里暂时收不了照片和视频。请用文字说说情况:哪个房间、多少度、什么时候开始的。")
        case "location", "link": what = .answered("请用文字说说您的问题,比如“家里不热”“怎么缴费”。")
        case "event":
            switch fields["Event"]?.lowercased() {
            case "subscribe": what = .said(.opened)
            case "click":
                let words = (fields["EventKey"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
                what = words.isEmpty ? .silent : .said(.words(String(words.prefix(64))))
            default: what = .silent
            }
        default: what = .silent
        }
    }

    private static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D || $0 == 0x5F }
    }

    private static func isChoice(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
