import HeatModel
import JSONText
import Logging

/// Writes each event as one JSON object in a line: `time`, `level`, `logger`, `message`, then what the event has with it (`request`, `run`,
/// `stream`, `code` …). Who logs says no more than the text log has.
struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    /// Takes a whole line.
    var write: @Sendable (String) -> Void = { Terminal.note($0) }

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        write(line(event.level, event.message, event.metadata, at: .now) + "\n")
    }

    /// What an event may have under the names of the line itself stands under `own.NAME`.
    func line(
        _ level: Logger.Level, _ message: Logger.Message, _ more: Logger.Metadata?, at moment: Instant
    ) -> String {
        let own = ["time", "level", "logger", "message"]
        var json = JSONBytes()
        json.raw("{\"time\":")
        json.string(moment.description)
        json.raw(",\"level\":")
        json.string(level.rawValue)
        json.raw(",\"logger\":")
        json.string(label)
        json.raw(",\"message\":")
        json.string(message.description)
        let all = metadata.merging(more ?? [:]) { $1 }
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            json.raw(",")
            json.string(own.contains(name) ? "own." + name : name)
            json.raw(":")
            put(value, into: &json)
        }
        json.raw("}")
        return json.text
    }

    private func put(_ value: Logger.MetadataValue, into json: inout JSONBytes) {
        switch value {
        case .string(let text): json.string(text)
        case .stringConvertible(let number as any FixedWidthInteger): json.integer(Int64(clamping: number))
        case .stringConvertible(let value): json.string(value.description)
        case .array(let values):
            json.raw("[")
            for (index, value) in values.enumerated() {
                if index > 0 { json.raw(",") }
                put(value, into: &json)
            }
            json.raw("]")
        case .dictionary(let values):
            json.raw("{")
            for (index, entry) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { json.raw(",") }
                json.string(entry.key)
                json.raw(":")
                put(entry.value, into: &json)
            }
            json.raw("}")
        }
    }
}
