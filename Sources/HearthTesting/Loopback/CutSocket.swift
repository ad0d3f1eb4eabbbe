import Glibc
import HeatModel
import Synchronization

/// Stands between a client and the Unix socket of a server, and ends a connection after a number of bytes of answers, or has the server say
/// something else than it does.
package final class CutSocket: Sendable {
    /// Where clients connect to.
    package let path: String
    private let upstream: String
    private let replacement: (of: [UInt8], by: [UInt8])?
    private let listener: Int32
    private let state = Mutex<(most: Int?, passed: Int)>((nil, 0))

    /// - Parameters:
    ///   - path: must not be there; a folder of the test's own holds it.
    ///   - replacement: what is put in the place of the same number of bytes wherever an answer holds them.
    package init(_ path: String, before upstream: String, replacing replacement: (of: [UInt8], by: [UInt8])? = nil) throws {
        self.path = path
        self.replacement = replacement
        self.upstream = upstream
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.at(path, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            Glibc.close(listener)
            throw HearthError(.sourceUnreachable, "no socket can be made at \(path)")
        }
        OwnThread.start { [self] in
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 { return }
                OwnThread.start { self.serve(client) }
            }
        }
    }

    package func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        unlink(path)
    }

    /// Lets so many bytes of answers through in each connection from now on; nil lets all through.
    package func cut(after most: Int?) { state.withLock { $0.most = most } }

    /// Bytes of answers that have passed in the connection that was opened last.
    package var passed: Int { state.withLock { $0.passed } }

    private func serve(_ client: Int32) {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            Glibc.close(client)
            Glibc.close(server)
        }
        let most = state.withLock { state in
            state.passed = 0
            return state.most ?? .max
        }
        guard Self.at(upstream, { connect(server, $0, $1) }) == 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var waiting = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var left = most
        while poll(&waiting, 2, -1) > 0 {
            for (from, to) in [(0, server), (1, client)] where waiting[from].revents != 0 {
                var count = read(waiting[from].fd, &bytes, bytes.count)
                if count <= 0 { return }
                if from == 1 {
                    if let replacement, let found = bytes[..<count].firstRange(of: replacement.of) {
                        bytes.replaceSubrange(found, with: replacement.by)
                    }
                    count = min(count, left)
                    left -= count
                    state.withLock { $0.passed += count }
                }
                guard Self.send(bytes[..<count], to: to), left > 0 else { return }
            }
        }
    }

    private static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent <= 0 { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private static func at(_ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
