import Explanation
import HeatModel
import JSONText
import Store

/// Rows that are read again for an answer.
extension Answerer {
    /// Has the account's rows read again where the question wants them. Nobody who may not ask, and no number that is not known, has a
    /// system asked.
    ///
    /// - Returns: nil where the question wants none.
    func readAgain(_ question: Question, for requester: Requester) throws -> [AccountReading]? {
        guard let wish = question.fresh, let number = question.account,
            question.kind.definition.allows(requester.caller),
            try store.read({ reader in try Array(number.utf8).withUnsafeBytes { try reader.account(number: $0) } })
                != nil
        else { return nil }
        // What is read again another thread writes.
        try store.releaseReads()
        return refresh(number, wish.entities, wish.seconds)
    }

    /// The streams that could not be read again, for the words of an answer.
    static func held(_ readings: [AccountReading], _ now: Instant) -> [Explanation.Freshness] {
        readings.compactMap { reading in
            guard case .held(_, let since) = reading.outcome else { return nil }
            let at = since.map { Instant(microseconds: $0.microseconds, offsetMinutes: now.offsetMinutes) }
            return .init(source: reading.stream, at: at, isStale: true)
        }
    }
}

extension Reply {
    /// The reply with what became of each stream that was to be read again: `"fresh":[{"stream":…,"state":"read","at":…,"run":…},
    /// {"stream":…,"state":"held","at":…,"age_seconds":…,"reason":…}]`.
    func telling(_ readings: [AccountReading]?, at now: Instant) -> Reply {
        guard let readings, case .success(var document) = result, document.json.last == UInt8(ascii: "}") else {
            return self
        }
        func local(_ instant: Instant) -> String {
            Instant(microseconds: instant.microseconds, offsetMinutes: now.offsetMinutes).description
        }
        var json = JSONBytes()
        json.raw(",\"fresh\":[")
        for reading in readings {
            json.separate()
            json.raw("{")
            json.member("stream", reading.stream)
            switch reading.outcome {
            case .read(let run, let at):
                json.member("state", "read")
                json.member("at", local(at))
                json.member("run", run.number)
            case .held(let reason, let since):
                json.member("state", "held")
                json.member("at", since.map(local))
                json.member("age_seconds", since.map { max(0, (now.microseconds - $0.microseconds) / 1_000_000) })
                json.member("reason", reason)
            }
            json.raw("}")
        }
        json.raw("]}")
        document.json.removeLast()
        document.json += json.bytes
        // Of a moment, and of no other.
        document.tag = nil
        var reply = self
        reply.result = .success(document)
        return reply
    }
}
