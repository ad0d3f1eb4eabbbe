import Dispatch
import HeatModel
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// The dispatch system, alive: SOAP 1.1 (and 1.2) over HTTP on the loopback interface, at a port that the system chooses.
///
///     let service = estate.dispatchService()
///     let address = try await service.start()      // http://127.0.0.1:40123/ws/dispatch
///     …
///     await service.stop()
///
/// Operations `QueryWorkOrders` and `QueryTemperatures` with `Since` (RFC 3339 or empty), `Page` (from 1) and `PageSize`.
/// Every request carries a WS-Security UsernameToken (text or digest); a wrong one is answered by a fault. `?wsdl` describes
/// the service.
package final class DispatchService: Sendable {
    package static let path = "/ws/dispatch"

    private struct State {
        var estate: Estate
        var server: Task<Void, any Error>?
        var address: String?
    }

    private let state: Mutex<State>
    private let token: UsernameToken

    init(_ estate: Estate, user: String, password: String) {
        state = Mutex(State(estate: estate))
        token = UsernameToken(user: user, password: password)
    }

    /// Where the service listens; nil while it does not.
    package var address: String? { state.withLock { $0.address } }

    /// Answers from another day's estate from now on.
    package func show(_ estate: Estate) { state.withLock { $0.estate = estate } }

    /// Starts to listen.
    /// - Returns: the address of the service, without `?wsdl`.
    /// - Throws: ``HearthError`` `source.unreachable` where no port can be opened.
    package func start() async throws -> String {
        if let address { return address }
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.get("ws/dispatch") { request, _ in self.describe(request) }
        router.post("ws/dispatch") { request, _ in await self.answer(request) }
        var logger = Logger(label: "dispatch")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                announce.yield(channel.localAddress?.port ?? 0)
                announce.finish()
            }, logger: logger)
        let server = Task.detached {
            defer { announce.finish() }
            try await application.run()
        }
        for await port in ports where port > 0 {
            let address = "http://127.0.0.1:\(port)\(Self.path)"
            state.withLock {
                $0.server = server
                $0.address = address
            }
            return address
        }
        server.cancel()
        throw HearthError(.init("source.unreachable"), "the dispatch service cannot open a port on 127.0.0.1")
    }

    /// Stops listening and waits until open requests are gone.
    package func stop() async {
        let server = state.withLock { state in
            defer {
                state.server = nil
                state.address = nil
            }
            return state.server
        }
        server?.cancel()
        _ = await server?.result
    }

    /// ``start()`` for a thread that may block, never one of the cooperative pool.
    /// - Throws: as ``start()``.
    package func startAndWait() throws -> String {
        let outcome = Outcome()
        Task.detached {
            do { outcome.set(.success(try await self.start())) } catch { outcome.set(.failure(error)) }
        }
        return try outcome.wait().get()
    }

    /// ``stop()`` for a thread that may block.
    package func stopAndWait() {
        let outcome = Outcome()
        Task.detached {
            await self.stop()
            outcome.set(.success(""))
        }
        _ = outcome.wait()
    }

    /// Carries one result from a task to a waiting thread.
    private final class Outcome: Sendable {
        private let value = Mutex<Result<String, any Error>>(.success(""))
        private let done = DispatchSemaphore(value: 0)

        func set(_ result: Result<String, any Error>) {
            value.withLock { $0 = result }
            done.signal()
        }

        func wait() -> Result<String, any Error> {
            done.wait()
            return value.withLock { $0 }
        }
    }

    private func describe(_ request: Request) -> Response {
        let host = request.head.authority ?? "127.0.0.1"
        let bytes = SOAPEnvelope.wsdl(address: "http://\(host)\(Self.path)")
        return Response(
            status: .ok, headers: [.contentType: "text/xml; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func answer(_ request: Request) async -> Response {
        var request = request
        guard let body = try? await request.collectBody(upTo: 1 << 20) else {
            return Self.fault("Client", "请求过大或中断", is12: false)
        }
        guard let envelope = SOAPRequest(Array(body.readableBytesView)) else {
            return Self.fault("Client", "请求不是格式良好的 XML", is12: false)
        }
        let is12 = envelope.element("Envelope")?.namespace == SOAPEnvelope.namespace(true)
        guard token.accepts(envelope) else { return Self.fault("FailedAuthentication", "用户名或口令不正确", is12: is12) }
        guard let name = envelope.operation, let operation = DispatchAnswer.Operation(rawValue: name) else {
            return Self.fault("Client", "没有这个操作", is12: is12)
        }
        let since = envelope.text("Since") ?? ""
        let instant = since.isEmpty ? nil : Instant(since)
        guard since.isEmpty || instant != nil else { return Self.fault("Client", "Since 不是时间", is12: is12) }
        guard let page = Int(envelope.text("Page") ?? "1"), let size = Int(envelope.text("PageSize") ?? "500"),
            page >= 1,
            page <= 100_000_000, (1...DispatchAnswer.maximumPageSize).contains(size)
        else { return Self.fault("Client", "Page 或 PageSize 超出范围", is12: is12) }
        let answer = DispatchAnswer(
            estate: state.withLock { $0.estate }, operation: operation,
            since: instant.map { LocalTime(seconds: $0.microseconds / 1_000_000 + 8 * 3600) }, page: page,
            pageSize: size,
            is12: is12)
        return Response(
            status: .ok, headers: [.contentType: SOAPEnvelope.contentType(is12)],
            body: ResponseBody { writer in
                for piece in answer.pieces() { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            })
    }

    private static func fault(_ code: String, _ text: String, is12: Bool) -> Response {
        Response(
            status: .internalServerError, headers: [.contentType: SOAPEnvelope.contentType(is12)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: SOAPEnvelope.fault(code, text, is12: is12))))
    }
}

extension Estate {
    /// The demo's credentials of the dispatch service.
    package static let dispatchUser = "hearth"
    package static let dispatchPassword = "demo-dispatch-2026"

    /// The dispatch system of this estate, not yet listening.
    package func dispatchService(
        user: String = Estate.dispatchUser, password: String = Estate.dispatchPassword
    ) -> DispatchService {
        DispatchService(self, user: user, password: password)
    }
}
