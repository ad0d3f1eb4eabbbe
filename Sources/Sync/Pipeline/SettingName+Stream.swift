import Records
import Store

extension SettingName {
    static func mapping(of stream: StreamName) -> SettingName { mapping(of: stream.description) }
    static func needsFullPull(_ stream: StreamName) -> SettingName { needsFullPull(stream.description) }
    static func keysTrimmed(_ stream: StreamName) -> SettingName { keysTrimmed(stream.description) }
    static func rereadSince(_ stream: StreamName) -> SettingName { rereadSince(stream.description) }
}
