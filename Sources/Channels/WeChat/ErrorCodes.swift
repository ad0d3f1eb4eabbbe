package import HeatModel

extension HearthError.Code {
    /// api.weixin.qq.com refuses what it was asked.
    package static let wechatRefused = Self("wechat.refused")
    /// A field of a subscribe message is longer than WeChat allows.
    package static let wechatTooLong = Self("wechat.tooLong")
}
