import AccountView
import HeatModel
import Mapping
import Records
import Store
import Sync

extension Answers {
    /// Runs, newest first, with their books and control totals.
    func runs(_ call: Call, _ store: any StoreReader) throws -> Answer {
        let stream = try call.text("stream").map { try Self.stream($0, store) }
        let limit = try call.integer("limit", default: 20, in: 1...200)
        var json = JSONBytes()
        json.raw("{\"runs\":[")
        for run in try store.runs(stream: stream?.id, limit: limit) {
            json.separate()
            Self.write(run, into: &json)
        }
        json.raw("]}")
        return formed(json)
    }

    static func stream(_ name: String, _ store: any StoreReader) throws -> StoredStream {
        let streams = try store.streams()
        if let stream = streams.first(where: { $0.name == name }) { return stream }
        throw Problem(
            404, "unknown-stream", "There is no stream of this name",
            detail: "there are: \(streams.map(\.name).joined(separator: ", "))", parameter: "stream")
    }

    private func formed(_ json: borrowing JSONBytes) -> Answer {
        json.withUnsafeBytes { bytes in
            var formed = JSONBytes(capacity: bytes.count * 2)
            ViewForm(isUnmasked: true).write(bytes, into: &formed)
            var answer = Answer(.json, formed.bytes)
            answer.tag = ContentTag.of(bytes, seed: 0)
            return answer
        }
    }

    private static func write(_ run: Run, into json: inout JSONBytes) {
        json.raw("{")
        json.member("run", run.id.number)
        json.member("stream", run.stream)
        json.member("mode", run.mode)
        json.member("state", run.state.rawValue)
        json.member("started_at", run.startedAt.description)
        json.member("ended_at", run.endedAt?.description)
        json.member("mapping_version", run.mappingVersion)
        json.key("counts")
        json.raw("{")
        json.member("read", run.counts.read)
        json.member("new", run.counts.new)
        json.member("changed", run.counts.changed)
        json.member("unchanged", run.counts.unchanged)
        json.member("duplicate", run.counts.duplicate)
        json.member("quarantined", run.counts.quarantined)
        json.member("vanished", run.counts.vanished)
        json.raw("}")
        json.key("totals")
        json.raw("[")
        for total in run.totals {
            json.separate()
            json.raw("{")
            json.member("side", total.side.rawValue)
            write(total, into: &json)
            json.raw("}")
        }
        json.raw("]")
        if let completeness = run.pull.completeness {
            json.member("proof", completeness.proof.rawValue)
            json.member("proof_detail", completeness.detail)
        } else if let limit = run.pull.limit {
            json.member("proof", "cut_by_limit")
            json.member("proof_detail", "--limit \(limit)")
        }
        json.member("newest_data", run.pull.newestData?.description)
        if !run.pull.notices.isEmpty {
            json.key("notices")
            json.raw("[")
            for notice in run.pull.notices {
                json.separate()
                json.raw("{")
                json.member("code", notice.code)
                json.member("message", notice.message)
                json.member("place", notice.place)
                json.raw("}")
            }
            json.raw("]")
        }
        if run.pull.noticesLeftOut > 0 { json.member("notices_left_out", run.pull.noticesLeftOut) }
        if let code = run.errorCode {
            json.key("error")
            json.raw("{")
            json.member("code", code)
            json.member("message", run.errorMessage)
            json.raw("}")
        }
        json.raw("}")
    }

    private static func write(_ total: RunTotal, into json: inout JSONBytes) {
        json.member("measure", total.measure)
        json.member("count", total.count)
        json.member("sum_fen", total.sum.amount)
    }

    /// Records that could not be taken over: where they stand and why, without their text, which may hold anything.
    func quarantine(_ call: Call, _ store: any StoreReader) throws -> Answer {
        let stream = try call.text("stream").map { try Self.stream($0, store) }
        let state = try call.choice("state", default: "open", of: QuarantineState.allCases.map(\.rawValue))
        let code = try call.text("code", atMost: 64)
        if let code, !code.utf8.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2E }) {
            throw Problem.parameter("code", "must be letters and dots, as in record.badDate")
        }
        let limit = try call.integer("limit", default: 50, in: 1...500)
        let after = try call.integer("after", default: 0, in: 0...9_007_199_254_740_991)
        var json = JSONBytes()
        json.raw("{\"counts\":[")
        for count in try store.quarantineCounts() {
            json.separate()
            json.raw("{")
            json.member("stream", count.stream)
            json.member("code", count.code)
            json.member("count", count.count)
            json.raw("}")
        }
        json.raw("],\"records\":[")
        let records = try store.quarantine(
            stream: stream?.id, state: QuarantineState(rawValue: state), code: code,
            after: after == 0 ? nil : QuarantineID(Int64(after)), limit: limit)
        for record in records {
            json.separate()
            json.raw("{")
            json.member("id", record.id.number)
            json.member("stream", record.stream)
            json.member("state", record.state.rawValue)
            json.member("code", record.code)
            json.member("message", record.message)
            json.member("place", record.place)
            json.member("column", record.column)
            json.member("key", record.key.map { String(decoding: $0, as: UTF8.self).replacing("\u{1F}", with: ",") })
            json.member("candidates", record.candidates)
            json.member("first_run", record.firstRun.number)
            json.member("last_run", record.lastRun.number)
            json.raw("}")
        }
        json.raw("]")
        if records.count == limit { json.member("next", records.last?.id.number) }
        json.raw("}")
        return formed(json)
    }

    /// How fresh each stream is.
    func freshness(_ call: Call, _ store: any StoreReader) throws -> Answer {
        var json = JSONBytes()
        json.raw("{")
        json.member("now", WallClock.now(in: Instant.now.offsetMinutes).description)
        json.member("accounts", try store.accountCount())
        json.member("views_to_rebuild", try store.touchedCount())
        json.key("streams")
        json.raw("[")
        for stream in try streamStates(store) {
            json.separate()
            json.raw("{")
            json.member("stream", stream.name)
            json.member("records", stream.records)
            json.member("succeeded_at", stream.succeededAt?.description)
            json.member("age_seconds", stream.age)
            json.member("last_state", stream.lastState)
            json.member("quarantined", stream.quarantined)
            json.raw("}")
        }
        json.raw("]}")
        return Answer(.json, json.bytes)
    }

    struct StreamState {
        var name: String
        var records: Int64 = 0
        var succeededAt: Instant?
        /// Seconds since then.
        var age: Int64?
        var lastState: String?
        var quarantined: Int64 = 0
    }

    /// Every stream that the mappings know, those never synced too.
    func streamStates(_ store: any StoreReader) throws -> [StreamState] {
        let counts = try store.quarantineCounts()
        let now = WallClock.microseconds
        var states = try store.streams().map { stream in
            let state = try store.state(stream: stream.id)
            return StreamState(
                name: stream.name, records: state.records, succeededAt: state.succeededAt,
                age: state.succeededAt.map { max(0, (now - $0.microseconds) / 1_000_000) },
                lastState: try store.runs(stream: stream.id, limit: 1).first?.state.rawValue,
                quarantined: counts.filter { $0.stream == stream.name }.reduce(0) { $0 + $1.count })
        }
        let known = Set(states.map(\.name))
        let waiting = workspace.mappings.files.keys.map(\.description).filter { !known.contains($0) }.sorted()
        states += waiting.map { StreamState(name: $0) }
        return states
    }

    /// Whether it makes sense to ask: the store answers, is of the right version, and no stream is older than allowed.
    func ready(_ store: any StoreReader) throws -> Answer {
        var stale: [String] = []
        if let limit = settings.maxAge {
            for stream in try streamStates(store) where stream.age.map({ $0 > Int64(limit) }) ?? true {
                stale.append(stream.name)
            }
        }
        var json = JSONBytes()
        json.raw("{")
        json.member("status", stale.isEmpty ? "ready" : "stale")
        json.member("accounts", try store.accountCount())
        json.member("stale", stale)
        json.raw("}")
        return Answer(status: stale.isEmpty ? 200 : 503, .json, json.bytes)
    }

    /// Prometheus' page; what lies in the store is looked up now.
    func metricsPage(_ store: any StoreReader) throws -> Answer {
        for stream in try streamStates(store) {
            let labels = [("stream", stream.name)]
            metrics.set("hearth_stream_records", labels, stream.records)
            metrics.set("hearth_quarantine_records", labels, stream.quarantined)
            if let age = stream.age { metrics.set("hearth_sync_lag_seconds", labels, age) }
        }
        metrics.set("hearth_store_bytes", [], try self.store.size())
        metrics.set("hearth_store_accounts", [], try store.accountCount())
        return Answer(.metrics, Array(metrics.exporter.text().utf8))
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
    }

    /// Who looked at what, newest first, by whatever way they asked.
    func accessLog(_ call: Call) throws -> Answer {
        let account = try call.text("account", atMost: 64)
        if let account, !account.utf8.allSatisfy({ Self.isOfNumber($0) }) {
            throw Problem.parameter("account", "must be an account number: letters and digits")
        }
        let end = try call.text("after", atMost: 4096).map { text throws(Problem) in
            guard let end = AccessPage.End(text) else {
                throw Problem.parameter("after", "must be \"next\" of the page before, as in access:120,mcp-1:7")
            }
            return end
        }
        let limit = try call.integer("limit", default: 100, in: 1...1000)
        let page = try log.entries(account: account, after: end, limit: limit)
        var json = JSONBytes()
        json.raw("{\"entries\":[")
        for entry in page.entries {
            json.separate()
            json.raw("{\"log\":")
            json.string(entry.log)
            json.raw(",\"position\":")
            json.integer(entry.position)
            if entry.json.count > 2 {
                json.raw(",")
                json.raw(Array(entry.json[1...]))
            } else {
                json.raw("}")
            }
        }
        json.raw("]")
        json.member("next", page.end?.description)
        json.raw("}")
        return Answer(.json, json.bytes)
    }
}
