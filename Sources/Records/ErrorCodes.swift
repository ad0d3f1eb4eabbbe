import HeatModel

extension HearthError.Code {
    static let configCursorOrder = Self("config.cursorOrder")
    static let sourceCannotReplay = Self("source.cannotReplay")
}
