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
        // The program's end closes the pipe, whether it has spoken or was stopped. It may have been given a mask that holds other signals off.
        let stop = DispatchWorkItem { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: stop)
        defer { stop.cancel() }
        try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try? input.fileHandleForWriting.close()
        var sound: [UInt8] = []
        while let part = try? output.fileHandleForReading.read(upToCount: 1 << 16), !part.isEmpty {
            sound += part
            if sound.count > Self.mostBytes {
                stop.perform()
                break
            }
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0, process.terminationReason == .exit, sound.count > 44,
            sound.count <= Self.mostBytes, sound.starts(with: "RIFF".utf8)
        else { return nil }
        return sound
    }
}
