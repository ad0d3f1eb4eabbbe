import HeatModel

/// Errors of this connector, all at a place in a file.
enum CSVError {
    static func make(
        _ code: HearthError.Code, _ message: String, _ path: String, line: Int = 0, column: Int = 0, advice: String
    ) -> HearthError {
        HearthError(code, message, at: .file(path, line: line, column: column), advice: advice)
    }

    static var cancelled: HearthError {
        HearthError(
            .runCancelled, "the pull was cancelled",
            advice: "Start it again; it goes on from what is committed.")
    }
}
