import CLibCurl
import Glibc

/// The numeric address of a host, as it is connected to.
package struct HostAddress: Sendable, Hashable {
    /// Four bytes, or sixteen.
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nil for what is no address of the Internet.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
            }
        default: return nil
        }
    }

    /// Whether anybody on the Internet may have it: none of this machine, of a local network, of a cloud's metadata, or of a group. An
    /// address of IPv6 that stands for one of IPv4 is judged by that.
    package var isPublic: Bool {
        if bytes.count == 4 { return isPublic4 }
        guard bytes.count == 16 else { return false }
        func begins(_ prefix: UInt8...) -> Bool { bytes.starts(with: prefix) }
        let mapped = Array(repeating: UInt8(0), count: 10) + [0xFF, 0xFF]
        if bytes.starts(with: mapped) || begins(0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0) {
            return HostAddress(bytes: Array(bytes[12...])).isPublic
        }
        if begins(0x20, 0x02) { return HostAddress(bytes: Array(bytes[2..<6])).isPublic }
        // 2000::/3 is what has been given out; documentation and tunnels are within it.
        return bytes[0] & 0xE0 == 0x20 && !begins(0x20, 0x01, 0x0D, 0xB8) && !begins(0x20, 0x01, 0, 0)
    }

    private var isPublic4: Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): false
        case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (198, 18...19, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
        default: true
        }
    }
}
