import Glibc
import HeatModel

/// Encodes UTF-8 as GB18030 through iconv of the C library. Made and used by one thread.
struct GB18030Encoder: ~Copyable {
    private let descriptor: iconv_t

    /// - Throws: ``HearthError`` `source.failed` where the C library has no GB18030.
    init() throws {
        let opened = iconv_open("GB18030", "UTF-8")
        guard let opened, Int(bitPattern: opened) != -1 else {
            throw HearthError(
                .init("source.failed"), "the C library has no GB18030", advice: "install the gconv modules of glibc")
        }
        descriptor = opened
    }

    deinit { iconv_close(descriptor) }

    /// Appends the encoded text. Every Unicode character has a GB18030 form, so valid UTF-8 always succeeds.
    func append(_ text: [UInt8], to output: inout [UInt8]) throws {
        var input = text
        let capacity = text.count * 2 + 16
        var written = 0
        var failed = false
        let encoded = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            input.withUnsafeMutableBytes { source in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var fromLeft = source.count
                buffer.withMemoryRebound(to: CChar.self) { target in
                    var to = target.baseAddress
                    var toLeft = capacity
                    failed = iconv(descriptor, &from, &fromLeft, &to, &toLeft) == Int.max.magnitude * 2 + 1
                    written = capacity - toLeft
                }
            }
            count = written
        }
        if failed { throw HearthError(.init("source.failed"), "text that cannot be written as GB18030") }
        output.append(contentsOf: encoded)
    }
}
