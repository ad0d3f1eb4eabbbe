import ConfigurationFiles
import Events
import Foundation
import HeatModel
package import Webhooks
import Yams

extension HearthConfiguration {
    /// Who events are delivered to: `webhooks.yaml` beside the configuration; nobody where there is no such file.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem at its file, line and column.
    package func webhooks() throws -> [WebhookEndpoint] {
        let folder = URL(fileURLWithPath: path, relativeTo: nil).deletingLastPathComponent()
        let file = folder.appendingPathComponent("webhooks.yaml").path
        guard FileManager.default.fileExists(atPath: file) else { return [] }
        var reader = ConfigurationReader(path: file)
        let endpoints = reader.webhooks()
        if !reader.problems.isEmpty { throw ConfigurationErrors(reader.problems) }
        return endpoints
    }
}

extension ConfigurationReader {
    mutating func webhooks() -> [WebhookEndpoint] {
        guard let (_, root) = load() else { return [] }
        var outside = outsideValues()
        let filled = outside.fill(root)
        problems += outside.problems
        defer { problems = outside.masked(problems) }
        guard let top = section(filled, "the file") else { return [] }
        expect(top, only: ["webhooks"], in: "the file")
        guard let all = section(of: "webhooks", in: top) else { return [] }
        return all.entries.compactMap { entry in
            guard let body = section(entry.value, "webhook \(entry.name)") else { return nil }
            if entry.name.isEmpty || entry.name.utf8.count > 64
                || !entry.name.utf8.allSatisfy({
                    ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 <= 9 || [0x2D, 0x2E, 0x5F].contains($0)
                })
            {
                report(
                    .configBadValue, "a webhook's name must be of letters, digits, - . and _, 64 at most", at: entry.key
                )
            }
            return webhook(entry.name, body)
        }
    }

    private mutating func webhook(_ name: String, _ body: Section) -> WebhookEndpoint? {
        expect(
            body, only: ["url", "secrets", "types", "accounts", "personal", "private", "timeout", "ca", "from"],
            in: "webhook \(name)")
        let isPrivate = flag(of: "private", in: body) ?? false
        let url = required("url", in: body, of: "webhook \(name)")
        if let url, let node = body["url"] {
            let host = URL(string: url)?.host
            let isKnown = url.hasPrefix("https://") || isPrivate && url.hasPrefix("http://")
            if !isKnown || host?.isEmpty != false || url.contains(where: \.isWhitespace) {
                report(
                    .configBadValue, "\"url\" must be an address that begins with https://", at: node,
                    advice: "http:// is for a private network: with private: true")
            }
        }
        var endpoint = WebhookEndpoint(name: name, url: url ?? "", secrets: secrets(name, body))
        endpoint.isPrivate = isPrivate
        endpoint.seesPersonalData = flag(of: "personal", in: body) ?? false
        if let node = body["types"] {
            for (type, place) in list(node, "\"types\"") ?? [] {
                guard let named = EventType.named(type) else {
                    report(
                        .configBadValue, "\"\(type)\" is no type of event", at: place,
                        advice: NearestName.advice(type, among: EventType.names))
                    continue
                }
                endpoint.types.formUnion(named.map(\.rawValue))
            }
        }
        endpoint.accounts = Set((texts(of: "accounts", in: body) ?? []).map { AccountNumber.folded($0) })
        if let seconds = integer(of: "timeout", in: body, atLeast: 1, atMost: 30) { endpoint.timeout = seconds * 1000 }
        endpoint.ca = text(of: "ca", in: body).map { resolve($0) }
        if let node = body["from"], let from = text(node, "\"from\"") {
            if from != "now", from != "oldest" { report(.configBadValue, "\"from\" must be now or oldest", at: node) }
            endpoint.fromOldest = from == "oldest"
        }
        return url == nil || endpoint.secrets.isEmpty ? nil : endpoint
    }

    private mutating func secrets(_ name: String, _ body: Section) -> [[UInt8]] {
        guard let node = body["secrets"] else {
            report(.configMissingKey, "webhook \(name) needs \"secrets\"", at: body.place)
            return []
        }
        var secrets: [[UInt8]] = []
        for (text, place) in list(node, "\"secrets\"") ?? [] {
            guard let secret = WebhookSignature.secret(text) else {
                // What it is stands in no message.
                report(
                    .configBadValue, "a secret must be whsec_ and 24 to 64 bytes in base64", at: place,
                    advice: "make one: echo whsec_$(openssl rand -base64 32)")
                continue
            }
            secrets.append(secret)
        }
        if secrets.isEmpty, node.sequence?.isEmpty == true {
            report(.configBadValue, "\"secrets\" must name at least one", at: node)
        }
        return secrets
    }
}
