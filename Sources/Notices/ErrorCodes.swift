package import HeatModel

extension HearthError.Code {
    package static let configBadNotice = Self("config.badNotice")
    package static let noticeNotOpen = Self("notice.notOpen")
}
