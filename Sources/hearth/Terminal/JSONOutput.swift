import Foundation

/// `--json`: one JSON document on standard output, keys in byte order, snake_case.
enum JSONOutput {
    static func print(_ value: some Encodable) throws { Terminal.say(try text(value)) }

    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
