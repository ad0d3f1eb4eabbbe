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
        for stream in try streamStates(store, withNews: true) {
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
    ///
    /// - Parameter withNews: whether the last pull that brought something is looked for, which may go through many runs.
    package func streamStates(_ store: any StoreReader, withNews: Bool = false) throws -> [StreamState] {
        let counts = try store.quarantineCounts()
        let now = instant(nil).microseconds
        var states = try store.streams().map { stream in
            let state = try store.state(stream: stream.id)
            return StreamState(
                name: stream.name, records: state.records, succeededAt: state.succeededAt,
                age: state.succeededAt.map { max(0, (now - $0.microseconds) / 1_000_000) },
                broughtNewsAt: withNews ? try Self.lastNews(of: stream.id, store) : nil, newestData: state.newestData,
                last: try Self.lastRun(of: stream.id, store),
                quarantined: counts.filter { $0.stream == stream.name }.reduce(0) { $0 + $1.count },
                totals: state.totals)
        }
        let known = Set(states.map(\.name))
        let waiting = mappings.files.keys.map(\.description).filter { !known.contains($0) }.sorted()
        states += waiting.map { StreamState(name: $0) }
        return states
    }

    /// The last run that was about the whole stream: what reads one account alone says nothing of it.
    private static func lastRun(of stream: StreamID, _ store: any StoreReader) throws -> Run? {
        for limit in [1, 64, 4096] {
            let runs = try store.runs(stream: stream, limit: limit)
            if let run = runs.first(where: { $0.mode != "account" }) { return run }
            if runs.count < limit { return nil }
        }
        return nil
    }

    /// When the last pull of a stream ended that brought a record, another version of one, or the end of one.
    private static func lastNews(of stream: StreamID, _ store: any StoreReader) throws -> Instant? {
        // Mostly it is among the last few; a stream that is pulled often and seldom has news is gone through further.
        for limit in [16, 1024, 65_536] {
            let runs = try store.runs(stream: stream, limit: limit)
            let news = runs.first { run in
                let counts = run.counts
                return run.mode != "remap" && run.mode != "replay" && run.mode != "account"
                    && counts.new + counts.changed + counts.vanished > 0
            }
            if let news { return news.endedAt ?? news.startedAt }
            if runs.count < limit { return nil }
        }
        return nil
    }
}
