import Glibc
import HearthTesting
import HeatModel
import Records
import SOAPConnector
import TestTraits
import Testing

/// What goes wrong, and what is rightly empty, with a SOAP implementation that is not ours.
@Suite(.waitsForServers) struct SpyneTroubleTests {
    private static func with(_ body: String, _ change: (inout SOAPStream) -> Void = { _ in }) -> SOAPStream {
        var stream = Dispatch.all
        stream.body = body
        change(&stream)
        return stream
    }

    /// SOAP says 500; many services say 200. It is a fault under both, and never an empty answer.
    @Test(arguments: ["11", "fault200"]) func aFaultIsOneUnderAnyStatus(_ path: String) throws {
        let refused = Self.with("<d:Refuse><d:why>x</d:why></d:Refuse>") { $0.total = nil }
        let error = thrown { _ = try Pulled(Dispatch.connector(path, [refused]), .init(stream: "all")) }
        #expect(error.code.name == "source.soapFault" && error.message.contains("nothing of the kind: x"))
        #expect(!String(reflecting: error).contains("张三"))
        #expect(try Dispatch.connector(path, [refused]).check().first?.verdict == .failed)
    }

    @Test(arguments: ["11", "fault200"]) func aBusyServerIsAskedAgain(_ path: String) throws {
        func busy(_ times: Int) -> SOAPStream {
            Self.with(
                "<d:BusyWorkOrders><d:key>\(UInt64.random(in: 0...(.max)))</d:key><d:times>\(times)</d:times></d:BusyWorkOrders>"
            ) { $0.total = .init(path: "d:BusyWorkOrdersResult/@total") }
        }
        let pulled = try Pulled(Dispatch.connector(path, [busy(2)], attempts: 3), .init(stream: "all"))
        #expect(pulled.rows == Dispatch.rows)
        let error = thrown { _ = try Pulled(Dispatch.connector(path, [busy(3)], attempts: 3), .init(stream: "all")) }
        #expect(error.code.name == "source.soapFault" && error.message.contains("Server.Busy"))
    }

    @Test(arguments: [SOAPUsernameToken.PasswordType.text, .digest])
    func securityUnderVersion12(_ type: SOAPUsernameToken.PasswordType) throws {
        func connector(_ password: String) throws -> SOAPConnector {
            let credentials = SOAPCredentials(user: Dispatch.user.user, password: password)
            return try Dispatch.connector(
                "wsse12", [Dispatch.pages()], version: .v12,
                security: .init(usernameToken: .init(credentials: credentials, type: type)))
        }
        #expect(try Pulled(connector(Dispatch.user.password), .init(stream: "pages")).rows == Dispatch.rows)
        let error = thrown { _ = try Pulled(connector("guess"), .init(stream: "pages")) }
        #expect(error.code.name == "source.unauthorized" && !String(reflecting: error).contains("guess"))
    }

    /// Windows of half a day: a pull that breaks off goes on with the window after the last one that was read.
    @Test func windowsGoOnWhereTheyBrokeOff() throws {
        var stream = Dispatch.windows
        stream.paging = .window(.init(startsAt: Instant("2026-11-01T00:00:00+08:00")!, step: 43_200))
        let connector = try Dispatch.connector("11", [stream])
        let whole = try Pulled(connector, .init(stream: "windows"))
        let isPast = Today.text > "2026-11-03"
        if isPast { #expect(whole.rows == Dispatch.rows) }
        #expect(whole.summary.completeness?.proof == .wholeAnswer)
        let windows = Dictionary(grouping: whole.batches, by: \.origin.name).count
        #expect(whole.batches.count == windows && whole.batches.allSatisfy { $0.endsOrigin && $0.cursor != nil })
        struct Broken: Error {}
        for broken in 1...3 where isPast {
            var first: [RawBatch] = []
            #expect(throws: Broken.self) {
                _ = try connector.pull(.init(stream: "windows")) { batch in
                    first.append(batch)
                    if first.count == broken { throw Broken() }
                }
            }
            // The batch that was refused is not committed.
            let kept = first.dropLast()
            let rest = try Pulled(connector, .init(stream: "windows", cursor: kept.last?.cursor))
            #expect(kept.flatMap(\.texts) + rest.rows == Dispatch.rows)
        }
    }

    @Test func anEmptyListIsEmpty() throws {
        let counted = Self.with("<d:NoWorkOrders/>") { $0.total = .init(path: "d:NoWorkOrdersResult/@total") }
        let pulled = try Pulled(Dispatch.connector("11", [counted]), .init(stream: "all"))
        #expect(pulled.rows.isEmpty && pulled.summary.completeness?.proof == .wholeAnswer)
        #expect(pulled.batches.map(\.endsOrigin) == [true] && pulled.summary.statedRows == 0)
        // Pages from a moment on when nothing happened any more.
        let connector = try Dispatch.connector("11", [Dispatch.pages(hasMore: true)])
        let first = try Pulled(connector, .init(stream: "pages")).batches.last?.cursor
        let parts = (first?.text ?? "").split(separator: " ").map {
            $0.hasPrefix("from=") ? "from=2026-11-20T00:00:00%2B08:00" : $0
        }
        let later = try Pulled(connector, .init(stream: "pages", cursor: Cursor(parts.joined(separator: " "))))
        #expect(later.rows.isEmpty && later.summary.completeness?.proof == .statedEnd)
        // Where nothing in the configuration says that it may be empty, it is refused, with what to write.
        let silent = Self.with("<d:NoWorkOrders/>") { $0.total = nil }
        let error = thrown { _ = try Pulled(Dispatch.connector("11", [silent]), .init(stream: "all")) }
        #expect(error.code.name == "source.badAnswer" && error.advice?.contains("success: {path") == true)
    }

    @Test func nilIsNull() throws {
        let tape = MemoryTape()
        let pulled = try Pulled(
            Dispatch.connector("11", [Dispatch.all]), .init(stream: "all", tape: tape))
        let pieces = tape.pieces()
        var bytes: [UInt8] = []
        while try pieces.next() != nil {
            var room = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = try room.withUnsafeMutableBytes { try pieces.read(into: $0) }
                if count == 0 { break }
                bytes += room[..<count]
            }
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains("nil=\"true\""))
        let address = try #require(Dispatch.columns.firstIndex(of: "address"))
        let remark = try #require(Dispatch.columns.firstIndex(of: "remark"))
        for (index, row) in pulled.rows.enumerated() {
            // An address that is nil, and a remark that is empty or not there.
            #expect((row[address] == nil) == ((index + 1) % 3 == 0))
            #expect(row[remark] == ((index + 1) % 2 == 1 ? "" : nil))
        }
    }

    /// The server's process ends in the middle of an answer. What was committed stays, and a new server brings the rest.
    @Test(arguments: 1...3) func aServerThatDiesInMidPage(_ request: Int) throws {
        let dying = try PythonService(PythonService.dispatchScript)
        let connector = try Dispatch.connector("dying/\(request)", [Dispatch.pages()], attempts: 2, service: dying)
        var committed: [RawBatch] = []
        let error = thrown {
            _ = try connector.pull(.init(stream: "pages", batchRows: 4)) { committed.append($0) }
        }
        // The first try is cut, the second finds no server.
        #expect(
            ["source.unreachable", "source.truncated"].contains(error.code.name) && error.advice != nil, "\(error)")
        let ended = committed.filter(\.endsOrigin)
        #expect(ended.count == request - 1)
        let again = try PythonService(PythonService.dispatchScript)
        let healed = try Dispatch.connector("11", [Dispatch.pages()], service: again)
        let rest = try Pulled(healed, .init(stream: "pages", cursor: committed.last { $0.cursor != nil }?.cursor))
        #expect(rest.summary.completeness != nil)
        let held =
            ended.isEmpty
            ? []
            : committed.prefix(while: { $0.origin.name != rest.batches.first?.origin.name })
                .flatMap(\.texts)
        #expect(held + rest.rows == Dispatch.rows)
    }
}
