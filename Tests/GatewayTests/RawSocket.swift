import Foundation
import Glibc

/// A client's socket that reads as slowly as it is asked to. Blocks: for threads that may wait.
final class RawSocket: Sendable {
    private let descriptor: CInt

    /// - Parameter segment: bytes a segment, as on a real network, with a receive buffer to match; nil is the system's.
    init(port: Int, segment: CInt? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var segment {
            let size = socklen_t(MemoryLayout<CInt>.size)
            setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_MAXSEG, &segment, size)
            var buffer = segment * 4
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, size)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if connected != 0 { throw POSIXError(.ECONNREFUSED) }
    }

    deinit { Glibc.close(descriptor) }

    /// Whether all was taken.
    @discardableResult
    func send(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// What there is, at most so much, waiting for the first byte; empty at the end.
    func receive(atMost limit: Int = 65_536) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, limit, 0))
        }
    }

    /// Reads until it has seen `text`, or to the end; all that came.
    func receive(until text: String) -> String {
        var found = ""
        while !found.contains(text) {
            let part = receive()
            if part.isEmpty { break }
            found += String(decoding: part, as: UTF8.self)
        }
        return found
    }

    func receiveAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = receive()
            if part.isEmpty { return bytes }
            bytes += part
        }
    }

    /// Breaks the connection off: the other side learns it at once, whatever waits to be read here.
    func abort() {
        var none = sockaddr()
        none.sa_family = sa_family_t(AF_UNSPEC)
        _ = connect(descriptor, &none, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Says that nothing more will be asked.
    func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }
}
