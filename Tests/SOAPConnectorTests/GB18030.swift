import Glibc

/// A text in GB18030, by the C library.
func gb18030(_ text: String) -> [UInt8] {
    let handle = iconv_open("GB18030", "UTF-8")
    defer { iconv_close(handle) }
    var input = Array(text.utf8).map { CChar(bitPattern: $0) }
    var output = [CChar](repeating: 0, count: input.count * 4 + 16)
    var (left, room) = (input.count, output.count)
    let made = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            var (from, to) = (source.baseAddress, target.baseAddress)
            let code = iconv(handle, &from, &left, &to, &room)
            precondition(code != -1, "not in GB18030")
            return target.count - room
        }
    }
    return output[..<made].map { UInt8(bitPattern: $0) }
}
