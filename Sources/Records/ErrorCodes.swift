import HeatModel

extension HearthError.Code {
    static let configNotFresh = Self("config.notFresh")
    static let configCursorOrder = Self("config.cursorOrder")
    static let sourceCannotReplay = Self("source.cannotReplay")
}
