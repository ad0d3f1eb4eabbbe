import Answers
import Attachments
import HeatModel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Setup
import Sync

/// A client's connection: collects a request, has it answered, writes the answer, takes up the next. One request at a time, in
/// the order in which they came.
///
/// There is no task and no queue between the socket and the answer: what needs no waiting is answered on the event loop
/// (``Turn``), the rest on a pool of threads. Everything is bounded: the request's head (by the decoder), its body, how long
/// either may take, what a client sends ahead, and what it does not fetch.
///
/// Confined to its channel's event loop.
final class Connection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// Parts that a client may send ahead before the socket is no longer read.
    private var mostAhead: Int { incoming == nil ? 64 : 4 }

    let gateway: Gateway
    let turn: Turn
    var context: ChannelHandlerContext?
    var peer = ""

    var head: HTTPRequestHead?
    var fields: RequestFields?
    var body: [UInt8] = []
    /// Bytes from which on a body is a large one.
    private static let largeBody = 1 << 20
    /// Of a large body: among those that are held in memory at once.
    private var bodyPlace: StreamLimits.Place?
    /// Among those that wait for a server to come so far as they have seen.
    var behindPlace: StreamLimits.Place?
    /// The request is refused already: what remains of it is only read past.
    var isSkipping = false
    /// A request is being answered.
    private var isBusy = false
    /// A file on its way in, whose bytes are not collected.
    var incoming: IncomingFile?
    /// What came last is being written to a file: what comes next waits.
    var isHolding = false
    private var ahead = CircularBuffer<HTTPServerRequestPart>()
    var closesAfter = false
    /// What is being sent piece by piece; the request is answered when it ends.
    var stream: OpenStream?
    private var wantsRead = false
    var request = AnswerWriter.Request()
    var route = Route.unknown
    var mount: Mount?
    var site: SiteTable.Match?
    private var mostBody: Int { site?.mostBody(head?.method.rawValue) ?? gateway.settings.maxBody }
    var begun = NIODeadline.now()

    /// When the first byte of a request came that has not come whole.
    private var receivingSince: NIODeadline?
    var lastActive = NIODeadline.now()
    private var watch: RepeatedTask?

    var requestID: String { request.requestID }

    init(gateway: Gateway, turn: Turn) {
        self.gateway = gateway
        self.turn = turn
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        peer = context.remoteAddress?.ipAddress ?? "unknown"
        // One look a second at how long things take is cheaper than a timer for each request.
        watch = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
            self?.lookAtTimes()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch?.cancel()
        watch = nil
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.cancel()
        watch = nil
        ahead.removeAll()
        stream?.drop()
        dropIncoming()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isBusy || isHolding || !ahead.isEmpty {
            ahead.append(part)
        } else {
            take(part)
        }
    }

    func read(context: ChannelHandlerContext) {
        // A client that sends ahead more than this waits.
        if ahead.count > mostAhead { wantsRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stream?.resume()
            takeUp()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            // Shutting down: what has begun is finished, if in time, and what never would be is ended.
            closesAfter = true
            if let stream, stream.isEndless { stream.finish() }
            if !isBusy, head == nil, ahead.isEmpty { return context.close(promise: nil) }
            let bound = TimeAmount.seconds(Int64(gateway.settings.shutdownTimeout))
            context.eventLoop.assumeIsolated().scheduleTask(in: bound) { [weak self] in
                self?.context?.close(promise: nil)
            }
        case ChannelEvent.inputClosed:
            closesAfter = true
            // Who asks nothing more may still fetch an answer, but does not listen for ever.
            if !isBusy && ahead.isEmpty || stream?.isEndless == true { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What comes after a refusal, the decoder's complaint about it too, changes nothing: the answer is on its way.
        if isSkipping { return }
        guard let error = error as? HTTPParserError else {
            // A broken connection, or a TLS handshake that failed: there is no one left to answer.
            context.close(promise: nil)
            return
        }
        closesAfter = true
        if isBusy { return }
        request = AnswerWriter.Request(keepsAlive: false, requestID: RequestNumber.next())
        let problem =
            switch error {
            case .headerOverflow:
                Problem(
                    431, "header-too-large", "The request's header fields are too large",
                    detail: "\(gateway.settings.maxHeader) bytes and 100 fields are allowed")
            case .invalidVersion: Problem(505, "bad-version", "Only HTTP/1.1 and HTTP/1.0 are spoken here")
            default: Problem(400, "bad-request", "The request is not HTTP", detail: "its head could not be read")
            }
        refuse(problem)
    }

    /// To be called for all bytes that come in, before they are decoded.
    func noteBytes() {
        lastActive = .now()
        if receivingSince == nil { receivingSince = lastActive }
    }

    private func lookAtTimes() {
        guard let context else { return }
        let now = NIODeadline.now()
        let settings = gateway.settings
        if let stream {
            let isStalled = stream.isStalled(for: .seconds(Int64(settings.idleTimeout)))
            return isStalled ? context.close(promise: nil) : stream.beat()
        }
        if isBusy {
            // Answered, but not fetched.
            if !context.channel.isWritable, now - lastActive > .seconds(Int64(settings.idleTimeout)) {
                context.close(promise: nil)
            }
            return
        }
        if let since = receivingSince {
            let bodyTimeout = incoming == nil ? settings.bodyTimeout : gateway.attachments.settings.uploadSeconds
            let limit = head == nil ? settings.headerTimeout : settings.headerTimeout + bodyTimeout
            guard now - since > .seconds(Int64(limit)) else { return }
            if isSkipping { return context.close(promise: nil) }
            request = AnswerWriter.Request(keepsAlive: false, requestID: RequestNumber.next())
            refuse(
                Problem(
                    408, "request-timeout", "The request did not come whole in time",
                    detail: head == nil
                        ? "its header fields may take \(settings.headerTimeout) s"
                        : "its body may take \(bodyTimeout) s"))
        } else if now - lastActive > .seconds(Int64(settings.idleTimeout)) {
            context.close(promise: nil)
        }
    }

    // MARK: Request

    func takeUp() {
        while !isBusy, !isHolding, let context, context.channel.isWritable, let part = ahead.popFirst() { take(part) }
        if wantsRead, ahead.count <= mostAhead, let context {
            wantsRead = false
            context.read()
        }
        if closesAfter, !isBusy, !isSkipping, head == nil, ahead.isEmpty { context?.close(promise: nil) }
    }

    private func take(_ part: HTTPServerRequestPart) {
        if isSkipping {
            if case .end = part { receivingSince = nil }
            return
        }
        switch part {
        case .head(let head): begin(head)
        case .body(let buffer):
            if incoming != nil { return store(buffer) }
            if body.count + buffer.readableBytes > mostBody { return refuseBody() }
            body.append(contentsOf: buffer.readableBytesView)
        case .end:
            guard let head else { return }
            receivingSince = nil
            begun = lastActive
            isBusy = true
            if incoming != nil { return finishIncoming() }
            handle(head)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        self.head = head
        body.removeAll(keepingCapacity: true)
        request = AnswerWriter.Request(
            isHead: head.method == .HEAD, isHTTP11: head.version.minor >= 1, keepsAlive: head.isKeepAlive)
        route = .unknown
        mount = nil
        site = gateway.sites.isEmpty ? nil : gateway.sites.find(String(head.uri.prefix { $0 != "?" }))
        do {
            let fields = try RequestFields(head.headers)
            self.fields = fields
            request.ifNoneMatch = fields.ifNoneMatch
            request.acceptsGzip = fields.acceptsGzip
            request.range = fields.range
            request.ifRange = fields.ifRange
            request.requestID = RequestNumber.accepted(fields.requestID) ?? RequestNumber.next()
            if let origin = fields.origin, gateway.settings.origins.contains(origin) { request.allowedOrigin = origin }
            if head.uri.utf8.count > 8192 {
                throw Problem(414, "uri-too-long", "The request's target is too long", detail: "8192 bytes are allowed")
            }
            if isUpload(head) { return try beginUpload(head, fields) }
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
                length > mostBody
            {
                return refuseBody()
            }
            if site != nil, mostBody >= Self.largeBody { bodyPlace = try gateway.largeBodies.enter(peer) }
            if fields.expectsContinue { sayContinue() }
        } catch {
            if request.requestID.isEmpty { request.requestID = RequestNumber.next() }
            refuse(Problem(error))
        }
    }

    func sayContinue() {
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    private func refuseBody() {
        let problem = Problem(
            413, "body-too-large", "The request's body is too large", detail: "\(mostBody) bytes are allowed")
        refuse(problem, as: site?.refusal(problem.status))
    }

    /// Answers before the request is there as a whole. The connection ends with it.
    func refuse(_ problem: Problem, as page: Answer? = nil) {
        dropIncoming()
        isSkipping = true
        isBusy = true
        closesAfter = true
        request.keepsAlive = false
        if head != nil, let site {
            site.metrics.note(problem.status)
        } else {
            gateway.metrics.note(route == .upload ? route : .unknown, problem.status)
        }
        finish(page ?? Answer(problem, requestID: request.requestID), caller: "none")
    }

    func finish(_ answer: Answer, caller: String) {
        var answer = answer
        if answer.stream != nil, !request.isHead { admitStream(&answer, caller: caller) }
        turn.finish(answer, caller: caller, peer: peer, requestID: request.requestID, for: self)
    }

    // MARK: Answer

    /// Writes an answer; called by the turn, at its end.
    func send(_ answer: Answer, _ writer: AnswerWriter) {
        guard let context else { return }
        if closesAfter { request.keepsAlive = false }
        if answer.stream != nil { return open(answer, writer, context) }
        let (buffer, status) = writer.write(answer, to: request, allocator: context.channel.allocator)
        if !isSkipping {
            if let site {
                site.metrics.note(status, since: begun)
            } else {
                gateway.metrics.note(route, status, since: begun)
            }
        }
        write(buffer, context)
    }

    /// Writes the last of an answer and takes up the next request, or closes.
    func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        let promise: EventLoopPromise<Void>? = request.keepsAlive ? nil : context.eventLoop.makePromise()
        promise?.futureResult.assumeIsolated().whenComplete { _ in self.closeSoon() }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
        head = nil
        fields = nil
        if bodyPlace != nil {
            body = []
            bodyPlace = nil
        }
        isBusy = isSkipping
        if request.keepsAlive, !isSkipping, !ahead.isEmpty || wantsRead { takeUp() }
    }

    /// Ends the connection so that the client gets the answer: a socket closed with unread bytes in it resets, and the client
    /// may lose what was sent. So the sending half goes first, and the rest once the client has closed or a second has gone by.
    private func closeSoon() {
        guard let context else { return }
        if !isSkipping || !context.channel.isActive {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        isBusy = false
        takeUp()
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [weak self] in
            self?.context?.close(promise: nil)
        }
    }
}
