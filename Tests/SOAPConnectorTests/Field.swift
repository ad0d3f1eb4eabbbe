import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Synchronization
import Testing

/// A service of the field and a connector to it.
enum Field {
    static let fields: [SOAPField] = [.init("no", "No"), .init("temp", "Temp")]

    static func stream(
        _ paging: SOAPPaging = .none, record: String = "Order", fields: [SOAPField] = fields, total: SOAPTotal? = nil,
        inner: String? = nil, success: SOAPSuccess? = nil, cursor: SOAPCursorField? = nil
    ) -> SOAPStream {
        SOAPStream(
            name: "orders",
            body: "<Get><since>{{cursor}}</since><p>{{page}}</p><s>{{pageSize}}</s><t>{{token}}</t></Get>",
            recordPath: record, fields: fields, key: ["no"], paging: paging, cursor: cursor, total: total,
            innerPath: inner,
            success: success)
    }

    static func connector(
        _ stream: SOAPStream, attempts: Int = 3, login: SOAPLogin? = nil, headers: [String] = [],
        faults: [String] = ["Server", "Receiver"], charset: String? = nil,
        _ handler: @escaping LoopbackService.Handler
    ) throws -> SOAPConnector {
        try SOAPConnector(
            source: "field",
            options: SOAPOptions(
                endpoint: LoopbackService.shared.address(handler), timeouts: .init(connect: 5000, total: 20_000),
                retry: .init(attempts: attempts, base: 1, cap: 2, faults: faults), headers: headers, charset: charset,
                login: login),
            streams: [stream])
    }

    static func pull(_ connector: SOAPConnector, _ cursor: Cursor? = nil) throws -> Pulled {
        try Pulled(connector, .init(stream: "orders", cursor: cursor))
    }

    static func order(_ number: Int, temp: String? = "20.5") -> String {
        "<Order><No>A\(number)</No>\(temp.map { "<Temp>\($0)</Temp>" } ?? "")</Order>"
    }

    static func orders(_ numbers: some Sequence<Int>) -> String { numbers.map { order($0) }.joined() }

    /// The page that a request asks for, of so many orders.
    static func page(_ request: LoopbackService.Request, of count: Int, cap: Int = .max) -> [Int] {
        let (page, size) = (Int(sent("p", in: request.body)) ?? 1, min(cap, Int(sent("s", in: request.body)) ?? count))
        return Array((1...count).dropFirst((page - 1) * size).prefix(size))
    }
}

/// The error that the body throws.
func thrown(sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) -> HearthError {
    do { try body() } catch let error as HearthError { return error } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    return HearthError(.init("test.nothing"), "")
}

/// Counts, from any thread.
final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
    var count: Int { value.withLock { $0 } }
}
