import Crypto
import Foundation
import HeatModel
import Pages
import Synchronization

/// Reads texts aloud with a program of the machine (espeak-ng), for browsers that cannot.
///
/// The text goes in by the program's input, so that no list of processes shows it. It has a bound in length, in time and in how many speak at
/// once; what was spoken lately is kept, under a digest of the text, for ten minutes.
final class Voice: Sendable {
    static let mostCharacters = 600
    static let mostBytes = 8 << 20
    private static let mostAtOnce = 2

    private let program: String
    private let seconds: Double
    private let sounds = RecentValues<[UInt8]>(most: 64, seconds: 600)
    private let speaking = Mutex(0)

    /// Nil where there is no such program.
    ///
    /// - Parameter seconds: in which it must have spoken.
    init?(program: String, within seconds: Double = 8) {
        guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
        self.program = program
        self.seconds = seconds
    }

    /// A WAVE file; nil where the program fails, is too slow, or has too much to do. Blocks its thread.
    func sound(of text: String, now: Instant) -> [UInt8]? {
        let text = String(text.prefix(Self.mostCharacters))
        let name = SHA256.hash(data: Data(text.utf8)).map { String($0, radix: 16) }.joined()
        if let known = sounds.value(name, now: now) { return known }
        let mayStart = speaking.withLock { count in
            if count >= Self.mostAtOnce { return false }
            count += 1
            return true
        }
        guard mayStart else { return nil }
        defer { speaking.withLock { $0 -= 1 } }
        guard let sound = spoken(text) else { return nil }
        sounds.change(name, now: now) { $0 = sound }
        return sound
    }

    private func spoken(_ text: String) -> [UInt8]? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["-v", "cmn", "-s", "140", "--stdin", "--stdout"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try? input.fileHandleForWriting.close()
        let sound = sound(from: output.fileHandleForReading.fileDescriptor)
        // What has said all has closed its output and ends by itself; else it may not care for a request.
        if sound == nil { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        guard let sound, process.terminationStatus == 0, process.terminationReason == .exit, sound.count > 44,
            sound.starts(with: "RIFF".utf8)
        else { return nil }
        return sound
    }

    /// All that comes until the pipe is closed; nil where it is too much, or not in time. The thread itself looks at the clock: one that
    /// waited for its turn in a pool would come late where the pool is full.
    private func sound(from descriptor: Int32) -> [UInt8]? {
        let end = ContinuousClock.now + .seconds(seconds)
        var sound: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = left > 0 ? poll(&waited, 1, Int32(left.rounded(.up))) : 0
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, sound.count + count <= Self.mostBytes else { return nil }
            if count == 0 { return sound }
            sound += part[..<count]
        }
    }
}
