import Foundation
import Glibc

/// The bytes of files, made without Hearth and without a program for each.
enum FileBytes {
    /// Through iconv(3).
    static func encoded(_ text: String, _ encoding: String) -> [UInt8] {
        if encoding == "UTF-8" { return Array(text.utf8) }
        let converter = iconv_open(encoding, "UTF-8")!
        defer { iconv_close(converter) }
        var input = Array(text.utf8).map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 4 + 16)
        let made = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output -> Int in
                var from = input.baseAddress
                var left = input.count
                var to = output.baseAddress
                var room = output.count
                precondition(iconv(converter, &from, &left, &to, &room) != -1, "\(encoding) cannot spell the text")
                return output.count - room
            }
        }
        return output[..<made].map { UInt8(bitPattern: $0) }
    }

    /// One member that stores its content as it is.
    static func gzip(_ content: [UInt8]) -> [UInt8] {
        precondition(content.count < 0x10000)
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
        let block = [1] + little(content.count, 2) + little(~content.count & 0xFFFF, 2) + content
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + block + little(Int(crc32(content)), 4) + little(content.count, 4)
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~crc
    }
}

extension DropBox {
    /// Under a name of any bytes.
    func put(_ name: [UInt8], _ bytes: [UInt8]) {
        let path = (Array("\(path)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        precondition(descriptor >= 0)
        defer { close(descriptor) }
        precondition(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    /// Takes every file out of the folder, also those whose names are no UTF-8.
    func clear() {
        guard let folder = opendir(path) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { _ = unlinkat(dirfd(folder), $0, 0) }
            }
        }
    }

    /// Sets when a file was modified, in seconds since 1970, as a sender's system may.
    func setModified(_ name: [UInt8], _ seconds: Int) {
        let path = (Array("\(path)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        precondition(utimensat(AT_FDCWD, path, times, 0) == 0)
    }

    func setModified(_ name: String, _ seconds: Int) { setModified(Array(name.utf8), seconds) }
}
