import Foundation
import Glibc
package import Records

/// What the machine has left for the program.
package enum Machine {
    static let leastMemory: UInt64 = 256 << 20
    private static let fewFiles: UInt64 = 1024
    private static let leastFiles: UInt64 = 256

    /// Memory, files that may be open, and the clock.
    package static func findings() -> [CheckFinding] {
        [memory(root: ""), openFiles(mostOpen()), clock(kernelClock())]
    }

    // MARK: Memory

    /// - Parameter root: what stands before `/proc` and `/sys`.
    package static func memory(root: String) -> CheckFinding {
        guard let machine = available(root) else {
            return CheckFinding("memory", .warning, "/proc/meminfo cannot be read", advice: "mount /proc")
        }
        var (left, whose) = (machine, "of the machine")
        for (limit, used) in [
            ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        ] {
            // `max` is no number, and no limit.
            guard let most = number(root + limit), let taken = number(root + used) else { continue }
            let rest = most > taken ? most - taken : 0
            if rest < left { (left, whose) = (rest, "of the control group") }
        }
        let told = "\(Volumes.megabytes(left)) \(whose) left"
        return left < leastMemory
            ? CheckFinding("memory", .warning, told, advice: "a first sync and a backup want some hundred megabytes")
            : CheckFinding("memory", .ok, told)
    }

    private static func available(_ root: String) -> UInt64? {
        guard let text = try? String(contentsOfFile: root + "/proc/meminfo", encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
        }
        return nil
    }

    private static func number(_ path: String) -> UInt64? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
            UInt64($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    // MARK: Open files

    private static func mostOpen() -> UInt64 {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : 0
    }

    package static func openFiles(_ most: UInt64) -> CheckFinding {
        let told = most > 1 << 40 ? "as many as are wanted" : "\(most) at once"
        let advice = "each caller and each reader of the store holds some: raise LimitNOFILE= of the unit, or ulimit -n"
        if most < leastFiles { return CheckFinding("open files", .failed, told, advice: advice) }
        return most < fewFiles
            ? CheckFinding("open files", .warning, told, advice: advice) : CheckFinding("open files", .ok, told)
    }

    // MARK: Clock

    /// `TIME_ERROR`: the clock is not synchronised.
    private static let timeError: CInt = 5

    package enum Clock: Sendable { case kept, notKept, unknown }

    private static func kernelClock() -> Clock {
        // Swift's Glibc has no sys/timex.h: the function is found by its name. It writes a `timex`, which is shorter than this; nothing is
        // set where its first word, the modes, is 0.
        typealias Ask = @convention(c) (UnsafeMutableRawPointer) -> CInt
        guard let found = dlsym(nil, "adjtimex") else { return .unknown }
        let ask = unsafeBitCast(found, to: Ask.self)
        return withUnsafeTemporaryAllocation(byteCount: 512, alignment: 16) { state in
            state.initializeMemory(as: UInt8.self, repeating: 0)
            guard let start = state.baseAddress else { return .unknown }
            let answer = ask(start)
            if answer < 0 { return .unknown }
            return answer == timeError ? .notKept : .kept
        }
    }

    package static func clock(_ clock: Clock) -> CheckFinding {
        switch clock {
        case .kept: CheckFinding("clock", .ok, "the kernel says that it is kept right")
        case .notKept:
            CheckFinding(
                "clock", .warning, "nothing keeps it right",
                advice: "let chrony or systemd-timesyncd run: deadlines, quiet hours and tokens go by it")
        case .unknown: CheckFinding("clock", .ok, "the kernel does not say whether it is kept right")
        }
    }
}
