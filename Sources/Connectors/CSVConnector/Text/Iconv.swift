import Glibc

/// A converter of iconv(3) to UTF-8. Not Sendable: one thread at a time.
final class Iconv {
    private let handle: iconv_t

    /// Nil where iconv does not know the encoding.
    init?(from encoding: String) {
        guard let handle = iconv_open("UTF-8", encoding), Int(bitPattern: handle) != -1 else { return nil }
        self.handle = handle
    }

    deinit { iconv_close(handle) }

    /// The UTF-8 bytes of one character, first byte lowest; 0 where the bytes are not exactly one.
    func single(_ bytes: [UInt8]) -> UInt32 {
        var output: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        let made = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output -> Int in
                let result = convert(input.baseAddress!, count: bytes.count, to: output.baseAddress!, room: 8)
                return result.state == .done ? result.made : 0
            }
        }
        if made == 0 || made > 4 { return 0 }
        return (0..<made).reduce(0) { $0 | UInt32(output[$1]) << UInt32(8 * $1) }
    }

    enum State { case done, undecodable, unfinished, full }

    /// Converts until the input ends, is bad or unfinished, or the room is used up.
    func convert(
        _ input: UnsafePointer<UInt8>, count: Int, to output: UnsafeMutablePointer<UInt8>, room: Int
    ) -> (taken: Int, made: Int, state: State) {
        var inLeft = count
        var outLeft = room
        let result = input.withMemoryRebound(to: CChar.self, capacity: count) { input in
            output.withMemoryRebound(to: CChar.self, capacity: room) { output -> Int in
                var from: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: input)
                var to: UnsafeMutablePointer<CChar>? = output
                let result = iconv(handle, &from, &inLeft, &to, &outLeft)
                return Int(bitPattern: UInt(bitPattern: Int(result))) == -1 ? Int(errno) : 0
            }
        }
        let state: State
        switch Int32(result) {
        case 0: state = .done
        case EINVAL: state = .unfinished
        case E2BIG: state = .full
        default: state = .undecodable
        }
        return (count - inLeft, room - outLeft, state)
    }
}
