import HeatModel
import JSONText
import Records
package import Store

extension Answerer {
    /// Runs, newest first, with their books and control totals.
    ///
    /// - Parameters:
    ///   - each: at most so many of each stream.
    ///   - number: only this run, with what it wrote down of itself.
    func runs(
        _ name: String?, _ kind: RunChoice.Kind, each: Int?, limit: Int, number: Int64?, _ store: any StoreReader
    ) throws -> Reply {
        let stream = try name.map { try Self.stream($0, store) }
        var json = JSONBytes()
        json.raw("{\"version\":2,\"runs\":[")
        for run in try number.map({ [try Self.run($0, of: stream, store)] })
            ?? store.runs(RunChoice(kind, stream: stream?.id, each: each), limit: limit)
        {
            json.separate()
            Self.write(run, log: try number == nil ? nil : store.log(of: run.id), into: &json)
        }
        json.raw("]}")
        return Reply(AnswerDocument(json.bytes, tag: json.withUnsafeBytes { ContentTag.of($0, seed: 0) }))
    }

    private static func run(_ number: Int64, of stream: StoredStream?, _ store: any StoreReader) throws -> Run {
        if let run = try store.run(RunID(number)), stream == nil || run.stream == stream?.name { return run }
        throw Problem(
            .unknown, "unknown-run", "There is no run of this number", detail: "/v1/runs lists them", parameter: "run")
    }

    /// A stream of the store by its name.
    package static func stream(_ name: String, _ store: any StoreReader) throws -> StoredStream {
        let streams = try store.streams()
        if let stream = streams.first(where: { $0.name == name }) { return stream }
        throw Problem(
            .unknown, "unknown-stream", "There is no stream of this name",
            detail: streams.isEmpty
                ? "nothing has been synced yet" : "there are: \(streams.map(\.name).joined(separator: ", "))",
            parameter: "stream")
    }

    private static func write(_ run: Run, log: RunLog?, into json: inout JSONBytes) {
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
        json.member("proof", run.pull.statement?.proof)
        json.member("proof_detail", run.pull.statement?.detail)
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
        if let log {
            json.key("log")
            json.raw("[")
            for line in log.lines {
                json.separate()
                json.raw("{")
                json.member("after_ms", line.after)
                json.member("level", line.level.rawValue)
                json.member("text", line.text)
                json.raw("}")
            }
            json.raw("]")
            if log.leftOut > 0 { json.member("log_left_out", log.leftOut) }
        }
        json.raw("}")
    }

    static func write(_ total: RunTotal, into json: inout JSONBytes) {
        json.member("measure", total.measure)
        json.member("count", total.count)
        json.member("sum_fen", total.sum.amount)
        json.key("sum")
        json.yuan(total.sum.amount)
    }
}
