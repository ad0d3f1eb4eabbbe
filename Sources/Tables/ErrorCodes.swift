package import HeatModel

extension HearthError.Code {
    package static let outputNotWritable = Self("output.notWritable")
}

extension HearthError {
    package static func notWritable(_ path: String, _ message: String, _ cause: (any Error)?) -> HearthError {
        HearthError(
            .outputNotWritable, message, at: .file(path, line: 0, column: 0),
            advice: "name a folder that you may write to, with room left", cause: cause)
    }
}
