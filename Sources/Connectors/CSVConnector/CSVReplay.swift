import Foundation
import HeatModel
import Records

/// Reads files again that a tape took down: each is laid into a file of its own for as long as it is read.
struct CSVReplay {
    let stream: CSVStream
    let request: PullRequest

    func run(_ pieces: any PulledPieces, _ deliver: @escaping (consuming RawBatch) throws -> Void) throws {
        let handed = Handed()
        var following = try pieces.next()
        while let piece = following {
            guard piece.kind == .file, let survey = FileSurvey(piece) else {
                throw HearthError(
                    .archiveDamaged, "an archived file lacks how it was read", at: .address(piece.name),
                    advice: "\(.verifyAudit) shows whether it was altered")
            }
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-\(UUID().uuidString)").path
            defer { unlink(path) }
            try lay(pieces, into: path)
            let isWhole = pieces.isWhole
            following = try pieces.next()
            // What is left of a file that was broken off came from it no more once the next was begun.
            let most = isWhole ? nil : following?.facts["after"].flatMap { Int($0) }
            let limit = request.limit.map { $0 - Int(handed.rows) }
            let origin = Origin(
                kind: .file, name: piece.name, digest: survey.digest, byteCount: survey.byteCount,
                isSnapshot: piece.facts["snapshot"] == "1")
            do {
                _ = try FilePull.run(
                    stream, FileReader(DropPath(path, shown: piece.facts["path"] ?? piece.name)), survey,
                    origin: origin,
                    request: request, limit: limit, sumColumn: stream.trailer?.sumColumn,
                    deliver: { batch in
                        if let most, handed.batches >= most { throw Enough() }
                        handed.rows += Int64(batch.rowCount + batch.defects.count)
                        handed.batches += 1
                        do { try deliver(batch) } catch {
                            handed.isRefused = true
                            throw error
                        }
                    })
            } catch {
                // What was broken off then breaks off now.
                if isWhole || handed.isRefused { throw error }
            }
        }
    }

    private struct Enough: Error {}

    private final class Handed {
        var rows: Int64 = 0
        var batches = 0
        var isRefused = false
    }

    private func lay(_ pieces: any PulledPieces, into path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileReader.failure(path, errno) }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 1)
        defer { buffer.deallocate() }
        while case let count = try pieces.read(into: buffer), count > 0 {
            var done = 0
            while done < count {
                let written = write(descriptor, buffer.baseAddress! + done, count - done)
                if written < 0 { throw FileReader.failure(path, errno) }
                done += written
            }
        }
    }
}

extension FileSurvey {
    /// What a replay needs to know of the file that its bytes, maybe cut off, do not tell.
    /// - Parameter batches: how many the files before it have given.
    func piece(_ origin: Origin, path: String, after batches: Int) -> PulledPiece {
        PulledPiece(
            kind: .file, name: origin.name,
            facts: [
                "path": path, "sha256": digest, "bytes": String(byteCount), "snapshot": origin.isSnapshot ? "1" : "0",
                "after": String(batches), "encoding": encodingName, "mark": String(markLength),
                "clean": isCleanUTF8 ? "1" : "0",
            ])
    }

    init?(_ piece: PulledPiece) {
        guard let digest = piece.facts["sha256"], let bytes = piece.facts["bytes"].flatMap({ Int64($0) }),
            let mark = piece.facts["mark"].flatMap({ Int($0) }), let name = piece.facts["encoding"]
        else { return nil }
        let encoding: Encoding =
            switch name {
            case "utf-8": .utf8
            case "gb18030": .gb18030
            case "utf-16le": .utf16LittleEndian
            case "utf-16be": .utf16BigEndian
            case "workbook": .workbook
            default: .named(String(name.dropFirst(Self.named.count)))
            }
        self.digest = digest
        self.byteCount = bytes
        self.encoding = encoding
        markLength = mark
        isCleanUTF8 = piece.facts["clean"] == "1"
    }

    /// As it is shown to people.
    var shownEncoding: String {
        switch encoding {
        case .utf8: "UTF-8"
        case .gb18030: "GB18030"
        case .utf16LittleEndian: "UTF-16LE"
        case .utf16BigEndian: "UTF-16BE"
        case .named(let name): name
        case .workbook: "a workbook"
        }
    }

    private static let named = "named "

    private var encodingName: String {
        switch encoding {
        case .utf8: "utf-8"
        case .gb18030: "gb18030"
        case .utf16LittleEndian: "utf-16le"
        case .utf16BigEndian: "utf-16be"
        case .named(let name): Self.named + name
        case .workbook: "workbook"
        }
    }
}
