import HeatModel
package import Records

/// Reads streams of one SOAP service; see this folder's README for what it can and cannot do.
///
/// ```swift
/// let connector = try SOAPConnector(source: "dispatch", options: .init(endpoint: url, namespaces: ["d": ns]), streams: [orders])
/// let summary = try connector.pull(PullRequest(stream: "workOrders")) { batch in … }
/// ```
package struct SOAPConnector: Connector {
    package let source: String
    package let options: SOAPOptions
    package let streams: [SOAPStream]
    let prepared: [String: (paths: StreamPaths, request: SOAPRequest)]
    /// The requests for one account's records, by stream.
    let fresh: [String: (stream: SOAPStream, request: SOAPRequest)]

    /// Throws `config.…` where the endpoint, a path, a placeholder or a stream's name is wrong.
    package init(source: String, options: SOAPOptions, streams: [SOAPStream]) throws {
        self.source = source
        self.options = options
        self.streams = streams
        guard options.endpoint.hasPrefix("http://") || options.endpoint.hasPrefix("https://") else {
            throw HearthError(
                .configBadEndpoint, "source \(source): the endpoint is not an http or https address",
                at: .address(TransportFailure.shown(options.endpoint)))
        }
        var prepared: [String: (paths: StreamPaths, request: SOAPRequest)] = [:]
        var fresh: [String: (stream: SOAPStream, request: SOAPRequest)] = [:]
        for stream in streams {
            if prepared[stream.name] != nil {
                throw HearthError(
                    .configDuplicateStream, "source \(source): stream \(stream.name) stands twice")
            }
            let columns = stream.fields.map(\.name)
            if Set(columns).count != columns.count {
                throw HearthError(
                    .configDuplicateField, "stream \(stream.name): two fields have the same name")
            }
            for name in stream.key + [stream.cursor?.column].compactMap({ $0 }) where !columns.contains(name) {
                if case .window = stream.paging, !stream.key.contains(name) { continue }
                throw HearthError(
                    .configUnknownColumn, "stream \(stream.name): there is no field \(name)",
                    advice: "Use one of \(columns.joined(separator: ", ")).")
            }
            if case .pages(let pages) = stream.paging, pages.pageSize < 1 {
                throw HearthError(.configBadPaging, "stream \(stream.name): pageSize is less than 1")
            }
            if case .window(let window) = stream.paging, window.step < 1 {
                throw HearthError(
                    .configBadPaging, "stream \(stream.name): a window's step is less than a second")
            }
            if let cursor = stream.cursor, cursor.lookback != 0, case .format = cursor.judged {
                throw HearthError(
                    .configBadValue,
                    "stream \(stream.name): a lookback cannot be taken from a cursor in a spelling of its own",
                    advice: "Leave lookback out, or let startsAt and the service's own filter reach back.")
            }
            prepared[stream.name] = (
                try StreamPaths(stream, namespaces: options.namespaces), try SOAPRequest(stream, options: options)
            )
            if let ofAccount = stream.fresh.map({ stream.ofAccount($0) }) {
                fresh[stream.name] = (ofAccount, try SOAPRequest(ofAccount, options: options, named: ["account"]))
            }
        }
        self.prepared = prepared
        self.fresh = fresh
    }

    package func accountKey(of stream: String) -> AccountKey? { streams.first { $0.name == stream }?.fresh?.key }

    package func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        guard let stream = streams.first(where: { $0.name == request.stream }), let ready = prepared[request.stream]
        else {
            throw HearthError(
                .configUnknownStream, "source \(source) has no stream \(request.stream)",
                advice: "Use one of \(streams.map(\.name).joined(separator: ", ")).")
        }
        if let limit = request.limit, limit <= 0 { return PullSummary() }
        if request.mode == .account { return try pullAccount(request, paths: ready.paths, deliver) }
        return try SOAPPull(options: options, stream: stream, paths: ready.paths, soap: ready.request, request: request)
            .run(deliver)
    }

    /// One account's records, asked for under each of its keys.
    private func pullAccount(
        _ request: PullRequest, paths: StreamPaths, _ deliver: (consuming RawBatch) throws -> Void
    ) throws -> PullSummary {
        guard let (stream, soap) = fresh[request.stream] else {
            throw AccountKey.missing("\(source).\(request.stream)")
        }
        var sum = PullSummary()
        for key in request.accountKeys {
            let summary = try SOAPPull(
                options: options, stream: stream, paths: paths, soap: soap, request: request, named: ["account": key]
            ).run(deliver)
            sum.rows += summary.rows
            sum.bytes += summary.bytes
            sum.completeness = summary.completeness
            if summary.completeness == nil { break }
        }
        return sum
    }

    package func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        guard let stream = streams.first(where: { $0.name == request.stream }), let ready = prepared[request.stream]
        else {
            throw HearthError(.configUnknownStream, "source \(source) has no stream \(request.stream)")
        }
        try SOAPReplay(options: options, stream: stream, paths: ready.paths, request: request).run(pieces, deliver)
    }

    package func check() -> [CheckFinding] {
        var findings: [CheckFinding] = []
        for stream in streams { findings += check(stream) }
        if let wsdl = options.wsdl {
            do {
                let reader = try describe(wsdl)
                findings.append(CheckFinding("wsdl", .ok, "\(reader.operations.count) operations"))
            } catch {
                let error = Self.hearth(error)
                findings.append(CheckFinding("wsdl", .warning, Self.withoutAdvice(error), advice: error.advice))
            }
        }
        if options.security.usernameToken?.type == .text || options.security.basic != nil,
            !options.endpoint.hasPrefix("https://")
        {
            findings.append(
                CheckFinding(
                    "transport", .warning, "the password goes over the network unencrypted", advice: "Use https."))
        }
        if !options.tls.verifies {
            findings.append(
                CheckFinding("tls", .warning, "certificates are not verified", advice: "Set a CA file and verify."))
        }
        let rank: [CheckFinding.Verdict: Int] = [.failed: 0, .warning: 1, .ok: 2]
        return findings.enumerated().sorted { left, right in
            let (a, b) = (rank[left.element.verdict] ?? 0, rank[right.element.verdict] ?? 0)
            return a == b ? left.offset < right.offset : a < b
        }.map(\.element)
    }

    /// What was wrong and where; a finding has its advice apart.
    static func withoutAdvice(_ error: HearthError) -> String {
        var error = error
        error.advice = nil
        return error.description
    }

    package func discover() throws -> [StreamDescription] {
        let service = try options.wsdl.map { try describe($0) }
        var found = streams.map { stream in
            StreamDescription(
                name: stream.name,
                columns: stream.fields.map { field in
                    let last = field.path.split(separator: "/").last.map(String.init) ?? field.path
                    let name = String(last.split(separator: ":").last ?? "")
                    let known = service?.elements.first { $0.name == name || $0.name == last }
                    return .init(
                        name: field.name, type: known?.type.isEmpty == false ? known!.type : "xs:string",
                        isNullable: known?.isOptional ?? true)
                }, key: stream.key, isConfigured: true)
        }
        let configured = Set(prepared.values.map(\.request.operation))
        for operation in service?.operations ?? [] where !configured.contains(operation) {
            let columns = (service?.elements ?? []).filter {
                [operation + "Response", operation + "Result"].contains($0.parent)
            }
            found.append(
                StreamDescription(
                    name: operation,
                    columns: columns.map {
                        .init(name: $0.name, type: $0.type.isEmpty ? "xs:anyType" : $0.type, isNullable: $0.isOptional)
                    },
                    isConfigured: false))
        }
        return found
    }

    private func describe(_ address: String) throws -> WSDLReader {
        let reader = try WSDLReader()
        var total = 0
        let exchange = HTTPExchange(
            url: address, body: nil, headers: options.headers.filter { !$0.contains("{{session}}") }, options: options,
            isCancelled: { false })
        do {
            let head = try exchange.perform { head, part in
                total += part.count
                if total > 64 << 20 {
                    throw HearthError(.sourceTooLarge, "the service description is larger than 64 MiB")
                }
                if head.status < 300 { try reader.read(part) }
            }
            guard head.status < 300 else {
                throw HearthError(
                    head.status == 401 || head.status == 403 ? .sourceUnauthorized : .sourceHttpStatus,
                    "the service description has HTTP status \(head.status)",
                    at: .address(TransportFailure.shown(address)))
            }
            try reader.finish()
        } catch let failure as TransportFailure {
            throw failure.error
        }
        return reader
    }

    static func hearth(_ error: any Error) -> HearthError {
        (error as? HearthError) ?? HearthError(.sourceTransport, "the request failed", cause: error)
    }
}
