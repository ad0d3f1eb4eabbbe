import Foundation
import Glibc
import HeatModel
import SQLiteStore
import Store

/// Views of random accounts whose pages lie on the disk alone, beside a page of the same file that does: before each the system is told
/// to let go of the file (`posix_fadvise`). The reader keeps what it has read, as one that serves does: the upper pages of the indexes.
enum ColdLookup {
    private static let reads = 2_000
    private static let pageSize = 4096

    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let store = try SQLiteStore(path: folder.viewsStore)
        try store.checkpoint()
        let file = open(folder.viewsStore, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw HearthError(.benchmarkFailed, "cannot open \(folder.viewsStore)") }
        defer { close(file) }
        // Pages that are still to be written cannot be let go.
        fsync(file)
        let pages = Int(lseek(file, 0, SEEK_END)) / pageSize
        let page = UnsafeMutableRawPointer.allocate(byteCount: pageSize, alignment: pageSize)
        defer { page.deallocate() }
        var random = SeededNumbers(seed: 1)
        var bytes: Int64 = 0

        func timed(_ read: () throws -> Void) throws -> (Double, Int64) {
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            let before = try bytesFromDisk()
            let started = ContinuousClock.now
            try read()
            let elapsed = ContinuousClock.now - started
            return (elapsed.seconds, try bytesFromDisk() - before)
        }
        func readPage() throws -> (Double, Int64) {
            let at = off_t(Int.random(in: 0..<pages, using: &random) * pageSize)
            return try timed { _ = pread(file, page, pageSize, at) }
        }
        func lookUp() throws -> (Double, Int64) {
            let number = "HT\(10_000_000 + Int.random(in: 0..<folder.rows / 5, using: &random))"
            return try timed {
                let view = try Array(number.utf8).withUnsafeBytes { number in
                    try store.read { try $0.view(number: number) }
                }
                guard let view else { throw HearthError(.benchmarkFailed, "an account has no view") }
                bytes += Int64(view.body.count)
            }
        }

        for _ in 0..<reads / 10 { _ = try lookUp() }
        bytes = 0
        var (ofPages, ofViews): ([Double], [Double]) = ([], [])
        var fromDisk: Int64 = 0
        for _ in 0..<reads {
            ofPages.append(try readPage().0)
            let (seconds, read) = try lookUp()
            ofViews.append(seconds)
            fromDisk += read
        }
        if fromDisk == 0 { throw HearthError(.benchmarkFailed, "nothing came from the disk: is the folder in memory?") }
        ofViews.sort()
        let median = BenchmarkLine.median(ofPages)
        var measurement = Measurement(rows: Int64(reads), bytes: bytes, seconds: ofViews.reduce(0, +))
        measurement.medianMicroseconds = ofViews[reads / 2] * 1e6
        measurement.p99Microseconds = ofViews[reads * 99 / 100] * 1e6
        measurement.share = ofViews[reads / 2] / median
        measurement.note =
            "\(fromDisk / Int64(reads)) bytes from the disk a lookup, a page alone \(Int(median * 1e6)) µs in the median"
        return measurement
    }

    /// What this process has had read from the disk so far.
    private static func bytesFromDisk() throws -> Int64 {
        let counted = try String(contentsOfFile: "/proc/self/io", encoding: .utf8)
        let line = counted.split(separator: "\n").first { $0.hasPrefix("read_bytes:") }
        guard let line, let bytes = Int64(line.split(separator: " ")[1]) else {
            throw HearthError(.benchmarkFailed, "/proc/self/io does not tell what was read from the disk")
        }
        return bytes
    }
}
