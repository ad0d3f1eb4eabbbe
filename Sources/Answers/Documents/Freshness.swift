import Explanation
package import HeatModel
import JSONText
import Mapping
import Records
package import Store

/// What a stream holds and how fresh it is.
package struct StreamState: Sendable {
    package var name: String
    package var records: Int64 = 0
    package var succeededAt: Instant?
    /// Seconds since then.
    package var age: Int64?
    /// When the last pull ended that brought something new; what the stream holds is as old as that.
    package var broughtNewsAt: Instant?
    /// The newest instant that the source states of its data: a time in its rows, the date of its last file.
    package var newestData: Instant?
    /// The last run.
    package var last: Run?
    package var quarantined: Int64 = 0
    package var totals: [RunTotal] = []
}

extension Answerer {
    /// How fresh each stream is, and what the store holds.
    func freshness(_ store: any StoreReader) throws -> Reply {
        var now = instant(nil)
        now.microseconds = now.microseconds / 1000 * 1000
        var json = JSONBytes()
        json.raw("{\"version\":2")
        json.member("now", now.description)
        json.member("accounts", try store.accountCount())
        json.member("store_bytes", try self.store.size())
        json.member("views_to_rebuild", try store.touchedCount())
        json.member("stale_after_hours", Int64(staleAfterHours))
        json.key("streams")
        json.raw("[")
        for stream in try streamStates(store) {
            json.separate()
            json.raw("{")
            json.member("stream", stream.name)
            json.member("records", stream.records)
            json.member("succeeded_at", stream.succeededAt?.description)
            json.member("age_seconds", stream.age)
            json.member(
                "stale",
                Explanation.Freshness.isStale(stream.succeededAt, now: now, staleAfterHours: staleAfterHours))
            json.member("brought_news_at", stream.broughtNewsAt?.description)
            json.member("newest_data", stream.newestData?.description)
            json.member("last_state", stream.last?.state.rawValue)
            json.member("last_error", stream.last?.errorCode)
            json.member("quarantined", stream.quarantined)
            json.key("totals")
            json.raw("[")
            for total in stream.totals {
                json.separate()
                json.raw("{")
                Self.write(total, into: &json)
                json.raw("}")
            }
            json.raw("]}")
        }
        json.raw("]}")
        return Reply(AnswerDocument(json.bytes))
    }

    /// Every stream that the mappings know, those never synced too.
    package func streamStates(_ store: any StoreReader) throws -> [StreamState] {
        let counts = try store.quarantineCounts()
        // What reads one account alone says nothing of its stream.
        let last = try Self.newest(.whole, store)
        let news = try Self.newest(.news, store)
        let now = instant(nil).microseconds
        var states = try store.streams().map { stream in
            let state = try store.state(stream: stream.id)
            return StreamState(
                name: stream.name, records: state.records, succeededAt: state.succeededAt,
                age: state.succeededAt.map { max(0, (now - $0.microseconds) / 1_000_000) },
                broughtNewsAt: news[stream.name].map { $0.endedAt ?? $0.startedAt }, newestData: state.newestData,
                last: last[stream.name],
                quarantined: counts.filter { $0.stream == stream.name }.reduce(0) { $0 + $1.count },
                totals: state.totals)
        }
        let known = Set(states.map(\.name))
        let waiting = mappings.files.keys.map(\.description).filter { !known.contains($0) }.sorted()
        states += waiting.map { StreamState(name: $0) }
        return states
    }

    /// The last run of a kind, by the name of its stream.
    private static func newest(_ kind: RunChoice.Kind, _ store: any StoreReader) throws -> [String: Run] {
        let runs = try store.runs(RunChoice(kind, each: 1), limit: .max)
        return Dictionary(uniqueKeysWithValues: runs.map { ($0.stream, $0) })
    }
}
