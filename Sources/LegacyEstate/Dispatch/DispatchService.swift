import Dispatch
import Foundation
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
/// Operations `QueryWorkOrders`, `QueryTemperatures` and `QueryOutages` with `Since` (RFC 3339 or empty), `Page` (from 1) and `PageSize`.
/// Every request carries a WS-Security UsernameToken (text or digest); a wrong one is answered by a fault. `?wsdl` describes
/// the service.
///
/// `QueryWorkOrders` takes `AccountNo`, `ExternalRef`, `CreatedFrom` and `CreatedTo` too. A user of its own may write:
/// `CreateWorkOrder`, `AmendWorkOrder`, `CancelWorkOrder`, `ReopenWorkOrder`, `RecordVisit`, each with a free field `ExternalRef`. The
/// system knows no idempotency key: the same request twice makes two orders. What it refuses it answers with a code and words.
package final class DispatchService: Sendable {
    package static let path = "/ws/dispatch"

    private struct State {
        var estate: Estate
        var index: TemperatureIndex
        var server: Task<Void, any Error>?
        var address: String?
        var misbehaviour: DispatchMisbehaviour
        var requests: Int
    }

    private let state: Mutex<State>
    private let reader: UsernameToken
    private let writer: UsernameToken
    private let book: DispatchBook
    /// Where the book's journal is written.
    private let writing = DispatchQueue(label: "dispatch.journal")

    init(
        _ estate: Estate, reader: UsernameToken, writer: UsernameToken, book: DispatchBook,
        misbehaviour: DispatchMisbehaviour
    ) {
        // After a restart other requests meet with misfortune.
        let requests = book.entries().count
        state = Mutex(
            State(estate: estate, index: TemperatureIndex(estate), misbehaviour: misbehaviour, requests: requests))
        self.reader = reader
        self.writer = writer
        self.book = book
    }

    /// Everything that callers wrote, in the order in which it took effect.
    package var entries: [DispatchEntry] { book.entries() }

    /// Misbehaves otherwise from now on.
    package func misbehave(_ misbehaviour: DispatchMisbehaviour) { state.withLock { $0.misbehaviour = misbehaviour } }

    /// Writes as an employee at a desk of the system does, without any caller.
    /// - Returns: the number of the order.
    /// - Throws: ``HearthError`` `source.refused` with the system's words.
    @discardableResult
    package func write(_ entry: DispatchEntry) throws -> String {
        do { return try book.write(entry, in: state.withLock { $0.estate }) } catch let refusal as DispatchBook.Refusal
        {
            throw HearthError(.init("source.refused"), refusal.words)
        }
    }

    /// Where the service listens; nil while it does not.
    package var address: String? { state.withLock { $0.address } }

    /// Answers from another day's estate from now on.
    package func show(_ estate: Estate) {
        state.withLock { ($0.estate, $0.index) = (estate, TemperatureIndex(estate)) }
    }

    /// Starts to listen.
    /// - Parameter port: 0 for any that is free.
    /// - Returns: the address of the service, without `?wsdl`.
    /// - Throws: ``HearthError`` `source.unreachable` where the port cannot be opened.
    package func start(port: Int = 0) async throws -> String {
        if let address { return address }
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let router = Router(context: DispatchContext.self)
        router.get("ws/dispatch") { request, _ in self.describe(request) }
        router.post("ws/dispatch") { request, context in await self.answer(request, context) }
        var logger = Logger(label: "dispatch")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
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

    /// ``start(port:)`` for a thread that may block, never one of the cooperative pool.
    /// - Throws: as ``start(port:)``.
    package func startAndWait(port: Int = 0) throws -> String {
        let outcome = Outcome()
        Task.detached {
            do { outcome.set(.success(try await self.start(port: port))) } catch { outcome.set(.failure(error)) }
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

    private func answer(_ request: Request, _ context: DispatchContext) async -> Response {
        var request = request
        guard let body = try? await request.collectBody(upTo: 1 << 20) else {
            return Self.fault("Client", "请求过大或中断", is12: false)
        }
        guard let envelope = SOAPRequest(Array(body.readableBytesView)) else {
            return Self.fault("Client", "请求不是格式良好的 XML", is12: false)
        }
        let is12 = envelope.element("Envelope")?.namespace == SOAPEnvelope.namespace(true)
        let mayWrite = writer.accepts(envelope)
        guard mayWrite || reader.accepts(envelope) else {
            return Self.fault("FailedAuthentication", "用户名或口令不正确", is12: is12)
        }
        let name = envelope.operation ?? ""
        if let operation = DispatchAnswer.Operation(rawValue: name) {
            return await query(operation, envelope, context, is12: is12)
        }
        guard let operation = DispatchEntry.Operation.allCases.first(where: { $0.rawValue == name }) else {
            return Self.fault("Client", "没有这个操作", is12: is12)
        }
        guard mayWrite else { return Self.fault("Client", "该用户无权写入", is12: is12) }
        // What was begun is ended, also where the caller hangs up meanwhile.
        return await Task.detached { await self.write(operation, envelope, context, is12: is12) }.value
    }

    private func query(
        _ operation: DispatchAnswer.Operation, _ envelope: SOAPRequest, _ context: DispatchContext, is12: Bool
    ) async -> Response {
        let (estate, misbehaviour, number) = next()
        switch misbehaviour.act(number, isQuery: true).act {
        case .queryCloses: return await context.cut()
        case .queryFaults: return Self.fault("Server", "数据库忙", is12: is12)
        default: break
        }
        var wanted = DispatchOrders.Wanted()
        for (name, path) in [
            ("Since", \DispatchOrders.Wanted.since), ("CreatedFrom", \.createdFrom), ("CreatedTo", \.createdTo),
        ] {
            let text = envelope.text(name) ?? ""
            if text.isEmpty { continue }
            guard let instant = Instant(text) else { return Self.fault("Client", "\(name) 不是时间", is12: is12) }
            wanted[keyPath: path] = LocalTime(seconds: instant.microseconds / 1_000_000 + 8 * 3600)
        }
        wanted.account = envelope.text("AccountNo").flatMap { $0.isEmpty ? nil : $0 }
        wanted.reference = envelope.text("ExternalRef").flatMap { $0.isEmpty ? nil : $0 }
        guard let page = Int(envelope.text("Page") ?? "1"), let size = Int(envelope.text("PageSize") ?? "500"),
            page >= 1,
            page <= 100_000_000, (1...DispatchAnswer.maximumPageSize).contains(size)
        else { return Self.fault("Client", "Page 或 PageSize 超出范围", is12: is12) }
        let moment = Int64(Date().timeIntervalSince1970 * 1000) - Int64(misbehaviour.stale)
        let answer = DispatchAnswer(
            orders: DispatchOrders(estate, book.entries(until: misbehaviour.stale > 0 ? moment : nil)),
            operation: operation, wanted: wanted, page: page, pageSize: size, is12: is12,
            asOf: LocalTime(seconds: moment / 1000 + 8 * 3600), index: state.withLock { $0.index })
        return Response(
            status: .ok, headers: [.contentType: SOAPEnvelope.contentType(is12)],
            body: ResponseBody { writer in
                for piece in answer.pieces() { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            })
    }

    /// The estate, how it misbehaves, and the number of this request.
    private func next() -> (Estate, DispatchMisbehaviour, Int) {
        state.withLock { state in
            state.requests += 1
            return (state.estate, state.misbehaviour, state.requests)
        }
    }

    private func write(
        _ operation: DispatchEntry.Operation, _ envelope: SOAPRequest, _ context: DispatchContext, is12: Bool
    ) async -> Response {
        let (estate, misbehaviour, number) = next()
        let (act, delay) = misbehaviour.act(number, isQuery: false)
        let isLate = act == .slow || act == .late
        let wait = Duration.milliseconds(isLate ? delay : 0)
        switch act {
        case .closesBefore: return await context.cut()
        case .faultsBefore: return Self.fault("Server", "系统忙,请稍后再试", is12: is12)
        case .slow: try? await Task.sleep(for: wait)
        default: break
        }
        let outcome: Result<String, DispatchBook.Refusal>
        do {
            let entry = try DispatchEntry(operation, envelope, referenceLength: misbehaviour.referenceLength)
            outcome = .success(try await onDisk { try self.book.write(entry, in: estate) })
        } catch let refusal as DispatchBook.Refusal {
            outcome = .failure(refusal)
        } catch {
            return Self.fault("Server", "系统内部错误", is12: is12)
        }
        switch act {
        case .closesAfter: return await context.cut()
        case .faultsAfter: return Self.fault("Server", "系统内部错误", is12: is12)
        case .errorsAfter:
            return Self.written(operation, .failure(.init(code: 9000, words: "系统内部错误")), is12: is12)
        case .late: try? await Task.sleep(for: wait)
        default: break
        }
        return Self.written(operation, outcome, is12: is12)
    }

    /// Runs what blocks on a thread of its own.
    private func onDisk<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            writing.async { continuation.resume(with: Result { try body() }) }
        }
    }

    private static func written(
        _ operation: DispatchEntry.Operation, _ outcome: Result<String, DispatchBook.Refusal>, is12: Bool
    ) -> Response {
        Response(
            status: .ok, headers: [.contentType: SOAPEnvelope.contentType(is12)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: SOAPEnvelope.written(operation, outcome, is12: is12))))
    }

    private static func fault(_ code: String, _ text: String, is12: Bool) -> Response {
        Response(
            status: .internalServerError, headers: [.contentType: SOAPEnvelope.contentType(is12)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: SOAPEnvelope.fault(code, text, is12: is12))))
    }
}

/// A request's connection, which may be cut.
private struct DispatchContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Closes the connection; what is answered after that reaches nobody.
    func cut() async -> Response {
        try? await channel.close()
        return Response(status: .serviceUnavailable)
    }
}

extension DispatchEntry {
    /// What a caller asks for.
    /// - Throws: ``DispatchBook/Refusal`` where a time is none.
    init(_ operation: Operation, _ envelope: SOAPRequest, referenceLength: Int) throws(DispatchBook.Refusal) {
        func text(_ name: String) -> String? { envelope.text(name).flatMap { $0.isEmpty ? nil : $0 } }
        self.init(operation: operation, at: 0, order: text("WorkOrderNo") ?? "")
        reference = String((text("ExternalRef") ?? "").prefix(referenceLength))
        account = text("AccountNo")
        kind = text("Type")
        isUrgent = text("Emerge").map { $0 == "1" }
        phone = text("Phone")
        description = text("Description")
        note = text("Remark")
        satisfaction = text("Satisfy")
        guard let wanted = text("AppointTime") else { return }
        guard let instant = Instant(wanted) else { throw .badTime }
        appointed = instant.microseconds / 1_000_000 + 8 * 3600
    }
}

extension Estate {
    /// The demo's credentials of the dispatch service: who may read …
    package static let dispatchUser = "hearth"
    package static let dispatchPassword = "demo-dispatch-2026"
    /// … and who may also write.
    package static let dispatchWriter = "hearth-actions"
    package static let dispatchWriterPassword = "demo-dispatch-writes-2026"

    /// The dispatch system of this estate, not yet listening. What is written into it is forgotten with it.
    package func dispatchService(
        user: String = Estate.dispatchUser, password: String = Estate.dispatchPassword
    ) -> DispatchService {
        DispatchService(
            self, reader: UsernameToken(user: user, password: password), writer: Self.writer, book: DispatchBook(),
            misbehaviour: DispatchMisbehaviour())
    }

    /// The same with a journal: what is written into it stands there when it is started again, whatever ended it.
    /// - Throws: ``HearthError`` `source.failed` where the journal cannot be read or written.
    package func dispatchService(
        journal: String, misbehaviour: DispatchMisbehaviour = DispatchMisbehaviour()
    ) throws -> DispatchService {
        DispatchService(
            self, reader: UsernameToken(user: Self.dispatchUser, password: Self.dispatchPassword),
            writer: Self.writer, book: try DispatchBook(journal: journal), misbehaviour: misbehaviour)
    }

    private static var writer: UsernameToken { UsernameToken(user: dispatchWriter, password: dispatchWriterPassword) }
}
