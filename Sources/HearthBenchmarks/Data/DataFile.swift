import Glibc
import HeatModel

/// A file of made-up data, written through a buffer; it appears under its name once it is whole.
final class DataFile {
    private let path: String
    private let file: UnsafeMutablePointer<FILE>
    private var buffer: [UInt8] = []

    init(_ path: String) throws {
        self.path = path
        guard let file = fopen(path + ".part", "w") else {
            throw HearthError(
                .benchmarkFailed, "cannot write: errno \(errno)", at: .file(path, line: 0, column: 0))
        }
        self.file = file
    }

    func append(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 20 { flush() }
    }

    private func flush() {
        _ = buffer.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        buffer.removeAll(keepingCapacity: true)
    }

    func close() throws {
        flush()
        let isWhole = ferror(file) == 0
        guard fclose(file) == 0, isWhole, rename(path + ".part", path) == 0 else {
            throw HearthError(
                .benchmarkFailed, "cannot write: errno \(errno)", at: .file(path, line: 0, column: 0))
        }
    }

    /// With leading zeros.
    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// `12.05` of 1205.
    static func hundredths(_ number: Int) -> String { "\(number / 100).\(padded(number % 100, 2))" }
}
