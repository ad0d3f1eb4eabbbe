package import HeatModel

extension HearthError.Code {
    /// api.weixin.qq.com refuses what it was asked.
    package static let wechatRefused = Self("wechat.refused")
    /// A field of a subscribe message is longer than WeChat allows.
    package static let wechatTooLong = Self("wechat.tooLong")
    /// It takes nothing now: a quota is used up, it is busy, or no token is to be had. Nothing was sent.
    package static let wechatLater = Self("wechat.later")
    /// What was asked is wrong whomever it is for: the template, the account's rights.
    package static let wechatBadTemplate = Self("wechat.badTemplate")
    /// No clear answer came: it may have been sent.
    package static let wechatUnclear = Self("wechat.unclear")
}
