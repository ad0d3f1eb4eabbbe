import CShipped
import Foundation
import HeatModel

/// Files of `Config/` and `Mappings/` that are built into the program.
enum ShippedFiles {
    typealias File = (name: String, bytes: [UInt8])

    /// What every company begins with.
    static let all = files(ofDemo: false)

    private static func files(ofDemo isDemo: Bool) -> [File] {
        (0..<hearth_shipped_count()).map { hearth_shipped_file($0) }.filter { ($0.is_demo == 1) == isDemo }.map {
            (String(cString: $0.name), Array(UnsafeBufferPointer(start: $0.bytes, count: Int($0.count))))
        }
    }

    /// Where the demonstration company's offices are: a company of one's own begins with none, and tells no customer of places that are not.
    private static let offices = """
        offices:
          - {name: 阳光供热营业厅, address: 阳光路 1 号, hours: 工作日 8:30–17:00}
          - {name: 河东供热营业厅, address: 河东路 9 号, hours: 每天 8:30–17:00}

        """

    /// The demonstration company's doors, all of them open.
    private static let doors = """

        channels: {company: 暖城供热客服, chat: {}, kiosk: {}, desk: {}, console: {}}

        """

    /// What describes the demonstration company, beside ``all``, and before it: what is written stays.
    static let demo: [File] =
        [("Config/knowledge/offices.yaml", Array(offices.utf8))]
        + files(ofDemo: true).map { ($0.name, $0.name == "Config/hearth.yaml" ? $0.bytes + Array(doors.utf8) : $0.bytes) }

    /// Writes files into a folder. One that exists stays as it is.
    ///
    /// - Parameter report: is given the path of each file, and whether it was written.
    /// - Throws: `usage.notWritable`.
    static func write(
        _ files: [File], into folder: URL, report: (_ path: String, _ isWritten: Bool) -> Void = { _, _ in }
    ) throws {
        for (name, bytes) in files {
            let file = folder.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: file.path) {
                report(file.path, false)
                continue
            }
            do {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file, options: .withoutOverwriting)
            } catch {
                throw notWritable("the file cannot be written", file, error)
            }
            report(file.path, true)
        }
    }

    /// Makes a folder; one that exists stays as it is.
    ///
    /// - Throws: `usage.notWritable`.
    static func makeFolder(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw notWritable("the folder cannot be made", folder, error)
        }
    }

    private static func notWritable(_ message: String, _ place: URL, _ cause: any Error) -> HearthError {
        HearthError(
            .usageNotWritable, message, at: .file(place.path, line: 0, column: 0),
            advice: "name a folder that you may write to", cause: cause)
    }
}
