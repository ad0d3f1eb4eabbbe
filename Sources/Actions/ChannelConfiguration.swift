package import ConfigurationFiles
import HeatModel
import SOAPConnector
import Webhooks
import Yams

/// A channel of `notices.yaml`: a system that customers are told through.
package enum ChannelConfiguration {
    /// Names of actions' systems that are channels begin so: no source has such a name.
    package static let prefix = "notices/"

    /// How a channel tells.
    package enum Way: String, Sendable, CaseIterable {
        /// By a gateway of short messages, to a phone.
        case http
        case webhook
        case file
        /// To those who follow the official account.
        case wechat
        /// On the chat page, where it is open.
        case chat
    }

    /// - Parameters:
    ///   - names: placeholders of wordings, which templates may use too.
    ///   - wechat: what sends to followers; nil where the company has no official account.
    /// - Returns: nil where something is wrong; the reader has noted what, and where it stands.
    package static func read(
        _ name: String, _ section: Section, names: Set<String>, wechat: (any ActionSink)? = nil,
        reader: inout ConfigurationReader
    ) -> ActionSystem? {
        let before = reader.problems.count
        let system = reader.channel(name, section, names: names, wechat: wechat)
        return reader.problems.count == before ? system : nil
    }
}

extension ActionSystem {
    /// The same, asked before each send.
    package func gated(by gate: any ActionGate) -> ActionSystem {
        var system = self
        system.gate = gate
        return system
    }

    /// A channel that takes everything and sends nothing.
    package static func simulated(_ name: String, _ send: @escaping @Sendable ([String: String]) -> Void)
        -> ActionSystem
    {
        ActionSystem(name: name, sink: SimulatedSink(take: send))
    }
}

/// Takes what it is given, and keeps nothing of it.
private struct SimulatedSink: ActionSink {
    var take: @Sendable ([String: String]) -> Void
    let kinds: Set<ActionKind> = [.sendNotice]
    let longestCall = 1

    func send(_ letter: ActionLetter) -> SendOutcome {
        take(letter.texts)
        return .confirmed(id: nil, words: nil)
    }
    func probe(_ letter: ActionLetter) -> ProbeOutcome { .absent(asOf: nil) }
}

/// A page takes what is told on it, in the transaction that notes it: a worker has nothing to send.
private struct PageSink: ActionSink {
    let kinds: Set<ActionKind> = [.sendNotice]
    let longestCall = 1

    func send(_ letter: ActionLetter) -> SendOutcome { .refused(words: "a page takes what is told on it by itself") }
    func probe(_ letter: ActionLetter) -> ProbeOutcome { .unanswerable }
}

extension ConfigurationReader {
    fileprivate mutating func channel(
        _ name: String, _ body: Section, names: Set<String>, wechat: (any ActionSink)?
    ) -> ActionSystem? {
        let all = ChannelConfiguration.Way.allCases.map(\.rawValue)
        expect(body, only: all + ["settle", "attempts", "backoff", "breaker"], in: "a channel")
        let ways = ChannelConfiguration.Way.allCases.filter { body[$0.rawValue] != nil }
        guard let way = ways.first, ways.count == 1 else {
            report(.configBadValue, "a channel must have one of \(all.joined(separator: ", "))", at: body.place)
            return nil
        }
        let sink: (any ActionSink)?
        switch way {
        case .http: sink = httpSink(body, names.union(HTTPSink.names))
        case .webhook: sink = webhookSink(body)
        case .file: sink = channelFolder(body)
        case .wechat:
            if let section = section(of: way.rawValue, in: body) { expect(section, only: [], in: "wechat") }
            if wechat == nil {
                report(
                    .configBadAction, "the configuration has no \"channels: wechat\" to tell followers by",
                    at: body[way.rawValue]!)
            }
            sink = wechat
        case .chat: sink = PageSink()
        }
        guard let sink else { return nil }
        var system = ActionSystem(name: ChannelConfiguration.prefix + name, sink: sink)
        system.attempts = 20
        system.take(patience(body))
        if system.settle <= Int64(sink.longestCall), way == .http || way == .webhook {
            report(
                .configBadAction,
                "\"settle\" must be longer than a request may take (\(sink.longestCall) s): before that its absence proves nothing",
                at: body["settle"].map { place($0) } ?? body.place,
                advice: "add to the timeout what the gateway may take until its receipts show what it did")
        }
        return system
    }

    private mutating func options(_ section: Section) -> SOAPOptions {
        let milliseconds = (seconds(of: "timeout", in: section, atLeast: 1) ?? 10) * 1000
        return SOAPOptions(
            endpoint: "", timeouts: SOAPTimeouts(connect: min(milliseconds, 10_000), total: milliseconds))
    }

    private mutating func address(_ name: String, _ section: Section, of what: String) -> String? {
        guard let text = requiredSecret(name, in: section, of: what) else { return nil }
        if !["http://", "https://"].contains(where: text.hasPrefix), let node = section[name] {
            report(.configBadAction, "\"\(name)\" is not an http or https address", at: node)
            return nil
        }
        return text
    }

    private mutating func template(_ text: String, _ names: Set<String>, at node: Node) -> HTTPTemplate {
        let template = HTTPTemplate(text, names: names)
        if !template.isClosed { report(.configBadAction, "a {{ is not closed", at: node) }
        for name in template.unknown {
            report(
                .configBadAction, "{{\(name)}} is filled in by nothing", at: node,
                advice: NearestName.advice(name, among: names.sorted()))
        }
        return template
    }

    private mutating func httpRequest(_ section: Section, _ names: Set<String>, of what: String) -> HTTPSink.Request? {
        guard let url = address("url", section, of: what) else { return nil }
        let address = template(url, names, at: section["url"]!)
        let form = text(of: "form", in: section)
        let json = text(of: "json", in: section)
        if form != nil, json != nil {
            report(.configBadValue, "\(what) has a body of \"json\" and of \"form\"", at: section.place)
        }
        var body: HTTPTemplate?
        for key in ["json", "form"] {
            if let text = text(of: key, in: section), let node = section[key] { body = template(text, names, at: node) }
        }
        guard let success = self.section(of: "success", in: section) else {
            report(
                .configMissingKey, "\(what) needs \"success\": where its answer says that it did as it was asked",
                at: section.place)
            return nil
        }
        expect(success, only: ["path", "is"], in: "success")
        guard let path = required("path", in: success, of: "success"), let values = texts(of: "is", in: success),
            !values.isEmpty
        else {
            if success["is"] == nil { report(.configMissingKey, "success needs \"is\": the codes", at: success.place) }
            return nil
        }
        return HTTPSink.Request(
            address: address, body: body, isJSON: json != nil, codePath: path, success: Set(values))
    }

    private mutating func httpSink(_ body: Section, _ names: Set<String>) -> HTTPSink? {
        guard let section = section(of: "http", in: body) else { return nil }
        expect(
            section, only: ["url", "headers", "json", "form", "timeout", "success", "refused", "id", "receipt"],
            in: "http")
        guard let request = httpRequest(section, names, of: "http") else { return nil }
        let refused = texts(of: "refused", in: section) ?? []
        for code in refused where request.success.contains(code) {
            report(.configBadAction, "the code \"\(code)\" cannot mean success and refusal", at: section["refused"]!)
        }
        func uses(_ name: String) -> Bool { request.address.uses(name) || request.body?.uses(name) == true }
        if !uses("phone") { report(.configBadAction, "the request has no {{phone}}", at: section.place) }
        if !uses("reference") {
            report(
                .configBadAction, "the request has no {{reference}}, by which a receipt could be told to be its own",
                at: section.place, advice: "put it into the field that receipts repeat: OutId, an external number")
        }
        var sink = HTTPSink(
            request: request, headers: secrets(of: "headers", in: section) ?? [], options: options(section),
            refusals: Set(refused), idPath: text(of: "id", in: section), receipt: nil)
        guard let receipt = self.section(of: "receipt", in: section) else {
            report(
                .configMissingKey,
                "http needs \"receipt\": without it, what got no clear answer could be neither sent again nor called sent",
                at: section.place)
            return nil
        }
        expect(
            receipt,
            only: ["url", "json", "form", "success", "records", "reference", "state", "failed", "total"], in: "receipt")
        guard let question = httpRequest(receipt, names, of: "receipt"),
            let records = required("records", in: receipt, of: "receipt"),
            let reference = required("reference", in: receipt, of: "receipt"),
            let total = required("total", in: receipt, of: "receipt")
        else { return nil }
        sink.receipt = HTTPSink.Receipt(
            request: question, records: records, reference: reference, state: text(of: "state", in: receipt),
            failed: Set(texts(of: "failed", in: receipt) ?? []), total: total)
        return sink
    }

    private mutating func webhookSink(_ body: Section) -> WebhookSink? {
        guard let section = section(of: "webhook", in: body) else { return nil }
        expect(section, only: ["url", "secrets", "headers", "timeout", "goesById"], in: "webhook")
        guard let url = address("url", section, of: "webhook") else { return nil }
        var secrets: [[UInt8]] = []
        for text in self.secrets(of: "secrets", in: section) ?? [] {
            if let secret = WebhookSignature.secret(text) {
                secrets.append(secret)
            } else if let node = section["secrets"] {
                report(
                    .configBadAction, "a secret is not whsec_ and 24 to 64 bytes in base64", at: node,
                    advice: "make one: echo whsec_$(head -c 32 /dev/urandom | base64)")
            }
        }
        return WebhookSink(
            address: url, secrets: secrets, headers: self.secrets(of: "headers", in: section) ?? [],
            options: options(section), goesByID: flag(of: "goesById", in: section) ?? false)
    }

    private mutating func channelFolder(_ body: Section) -> FileSink? {
        guard let section = section(of: "file", in: body) else { return nil }
        expect(section, only: ["folder", "receipts"], in: "file")
        guard let folder = requiredSecret("folder", in: section, of: "file").map(resolve) else { return nil }
        return FileSink(
            folder: folder, receipts: secret(of: "receipts", in: section).map(resolve), kinds: [.sendNotice])
    }
}
