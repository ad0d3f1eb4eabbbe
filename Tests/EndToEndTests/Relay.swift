import Foundation
import Synchronization

/// Stands between a client and an HTTP server, and lets a number of bytes of answers through before it goes wrong.
final class Relay: Sendable {
    enum Trouble: Sendable {
        /// The connection ends in the middle of an answer.
        case cut
        /// Every further request is answered with a SOAP fault, under this HTTP status.
        case fault(Int)
        /// Every further request is answered with a login page.
        case page
    }

    let address: String
    private let listener: Int32
    private let upstream: UInt16
    private let trouble: Trouble
    /// Bytes of answers that still pass.
    private let budget: Mutex<Int>

    /// - Parameter address: of the server, `http://127.0.0.1:PORT/path`.
    init(before address: String, trouble: Trouble, afterBytes bytes: Int) throws {
        guard let url = URL(string: address), let port = url.port else { throw POSIXError(.EINVAL) }
        upstream = UInt16(port)
        self.trouble = trouble
        budget = Mutex(bytes)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var own = Self.loopback(port: 0)
        let bound = withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        self.address = "http://127.0.0.1:\(UInt16(bigEndian: own.sin_port))\(url.path)"
        Thread.detachNewThread { [self] in while let client = accepted() { serve(client) } }
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Foundation.close(listener)
    }

    private func accepted() -> Int32? {
        let client = accept(listener, nil, nil)
        return client < 0 ? nil : client
    }

    private func serve(_ client: Int32) {
        Thread.detachNewThread { [self] in
            defer { Foundation.close(client) }
            if budget.withLock({ $0 }) <= 0, let answer = canned {
                var request = [UInt8](repeating: 0, count: 65_536)
                _ = read(client, &request, request.count)
                send(answer, to: client)
                return
            }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { Foundation.close(server) }
            var there = Self.loopback(port: upstream)
            let connected = withUnsafePointer(to: &there) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard connected == 0 else { return }
            pump(client, server)
        }
    }

    private func pump(_ client: Int32, _ server: Int32) {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        var waiting = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, 2, 10_000) > 0 {
            for (from, to) in [(0, server), (1, client)] where waiting[from].revents != 0 {
                var count = read(waiting[from].fd, &bytes, bytes.count)
                if count <= 0 { return }
                if from == 0, budget.withLock({ $0 }) <= 0, let canned {
                    send(canned, to: client)
                    return
                }
                var isCut = false
                if from == 1 {
                    budget.withLock { left in
                        if case .cut = trouble, left < count {
                            count = max(left, 0)
                            isCut = true
                        }
                        left -= count
                    }
                }
                if !send(Array(bytes[..<count]), to: to) || isCut { return }
            }
        }
    }

    private var canned: [UInt8]? {
        let (status, kind, body): (Int, String, String)
        switch trouble {
        case .cut: return nil
        case .fault(let code):
            (status, kind) = (code, "text/xml; charset=utf-8")
            body = """
                <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client.Closed</faultcode>\
                <faultstring>closed for the night</faultstring></s:Fault></s:Body></s:Envelope>
                """
        case .page: (status, kind, body) = (200, "text/html", "<html><body>Please log in</body></html>")
        }
        let head =
            "HTTP/1.1 \(status) X\r\nContent-Type: \(kind)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array((head + body).utf8)
    }

    @discardableResult
    private func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent <= 0 { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
