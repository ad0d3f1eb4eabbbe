import HeatModel
import Mapping
import Records
import Store

/// What a run leaves in the store for the next one.
extension SyncEngine {
    func mappingHasChanged(_ stream: SyncStream, _ id: StreamID, _ store: any RunReader & SettingReader) throws -> Bool
    {
        if try store.state(stream: id).records == 0 { return false }
        return try store.setting(SettingName.mapping(of: stream.name)) != stream.mapping.version
    }

    func notePullBegins(_ stream: SyncStream, _ mode: PullRequest.Mode, _ run: RunID, _ store: any SettingWriter)
        throws
    {
        if try store.setting(SettingName.mapping(of: stream.name)) != stream.mapping.version {
            try store.setSetting(SettingName.mapping(of: stream.name), stream.mapping.version)
        }
        if mode == .full, try store.setting(SettingName.rereadSince(stream.name)) ?? "" == "" {
            try store.setSetting(SettingName.rereadSince(stream.name), String(run.number))
        }
    }

    func notePullEnds(_ stream: SyncStream, _ mode: PullRequest.Mode, _ store: any SettingWriter) throws {
        var done = [SettingName.rereadSince(stream.name)]
        if mode == .full { done.append(SettingName.needsFullPull(stream.name)) }
        for name in done where try store.setting(name) ?? "" != "" { try store.setSetting(name, "") }
    }

    func noteReplayBegins(_ stream: SyncStream, _ id: StreamID, _ store: any RunReader & SettingWriter) throws {
        if try store.setting(SettingName.mapping(of: stream.name)) == stream.mapping.version { return }
        let isFirst = try store.state(stream: id).records == 0
        try store.setSetting(SettingName.mapping(of: stream.name), isFirst ? stream.mapping.version : SettingName.mixed)
    }

    func noteRemapEnds(_ stream: SyncStream, _ unreachable: Int64, _ store: any SettingWriter) throws {
        try store.setSetting(SettingName.mapping(of: stream.name), stream.mapping.version)
        if unreachable > 0 { try store.setSetting(SettingName.needsFullPull(stream.name), stream.mapping.version) }
    }
}
