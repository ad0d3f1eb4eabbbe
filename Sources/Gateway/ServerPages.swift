import Answers
import Attachments
import HeatModel
import JSONText
import Setup
import Store

/// Pages about the server itself.
extension Gateway {
    func page(_ route: Route, _ store: any StoreReader) throws -> Answer {
        if route == .metrics { return try metricsPage(store) }
        throw Problem.notFound
    }

    /// Pages that ask nothing of the store.
    func constantPage(_ route: Route) -> Answer? {
        if route == .health { return Answer(.json, Array("{\"status\":\"ok\"}".utf8)) }
        guard route == .openAPI else { return nil }
        var answer = Answer(.yaml, openAPI)
        answer.tag = openAPI.withUnsafeBytes { ContentTag.of($0, seed: 0) }
        return answer
    }

    /// Whether it makes sense to ask: the store answers, is of the right version, no stream is older than allowed, and what is shown can
    /// be written down. Of a store on servers it names what is wrong with them; while one of them answers, it makes sense to ask.
    func readiness(_ call: Call) -> Answer {
        let troubles = servers?.troubles() ?? []
        do {
            guard let servers else { return try store.read { try ready($0, []) } }
            return try servers.read(at: .replica, notBefore: nil) { store, _ in try ready(store, troubles) }
        } catch let error as HearthError where error.code.area == "store" && !troubles.isEmpty {
            var json = JSONBytes()
            json.raw("{")
            json.member("status", "unavailable")
            write(troubles, into: &json)
            json.raw("}")
            return Answer(status: 503, .json, json.bytes)
        } catch {
            return answer(to: error, of: call)
        }
    }

    private func write(_ troubles: [HearthError], into json: inout JSONBytes) {
        json.key("store")
        json.raw("[")
        for (index, trouble) in troubles.enumerated() {
            json.raw(index == 0 ? "{" : ",{")
            json.member("code", trouble.code.name)
            json.member("server", trouble.place?.description)
            json.member("message", trouble.message)
            if let advice = trouble.advice { json.member("advice", advice.text(naming: \.routeName)) }
            json.raw("}")
        }
        json.raw("]")
    }

    private func ready(_ store: any StoreReader, _ troubles: [HearthError]) throws -> Answer {
        try log.check()
        var stale: [String] = []
        if let limit = settings.maxAge {
            for stream in try answerer.streamStates(store) where stream.age.map({ $0 > Int64(limit) }) ?? true {
                stale.append(stream.name)
            }
        }
        var json = JSONBytes()
        json.raw("{")
        json.member("status", !stale.isEmpty ? "stale" : troubles.isEmpty ? "ready" : "degraded")
        json.member("accounts", try store.accountCount())
        json.member("stale", stale)
        if !troubles.isEmpty { write(troubles, into: &json) }
        json.raw("}")
        return Answer(status: stale.isEmpty ? 200 : 503, .json, json.bytes)
    }

    /// Prometheus' page; what lies in the store is looked up now.
    private func metricsPage(_ store: any StoreReader) throws -> Answer {
        for stream in try answerer.streamStates(store) {
            let labels = [("stream", stream.name)]
            metrics.set("hearth_stream_records", labels, stream.records)
            metrics.set("hearth_quarantine_records", labels, stream.quarantined)
            if let age = stream.age { metrics.set("hearth_sync_lag_seconds", labels, age) }
        }
        let last = try store.lastEvent().number
        for hook in try store.webhooks() {
            let labels = [("webhook", hook.name)]
            metrics.set("hearth_webhook_behind", labels, last - hook.position.number)
            metrics.set("hearth_webhook_enabled", labels, hook.disabled == nil ? 1 : 0)
            for (name, isDead) in [("hearth_webhook_waiting", false), ("hearth_webhook_given_up", true)] {
                metrics.set(name, labels, try store.webhookDeliveryCount(to: hook.name, isDead: isDead))
            }
        }
        try noteWork(store)
        metrics.set("hearth_attachment_bytes", [], try attachments.usedBytes)
        metrics.set("hearth_store_bytes", [], try self.store.size())
        metrics.set("hearth_store_accounts", [], try store.accountCount())
        return Answer(.metrics, Array(metrics.exporter.text().utf8))
    }
}
