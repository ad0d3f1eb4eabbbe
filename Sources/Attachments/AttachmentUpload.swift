import Crypto
import Foundation
package import HeatModel
import Synchronization

/// A photo or video that is kept.
package struct KeptAttachment: Sendable, Hashable {
    /// Of what is kept, 64 hexadecimal digits in lower case.
    package var sha256: String
    package var kind: AttachmentKind
    package var bytes: Int64
}

/// One file on its way into the folder. Bytes go to a temporary file as they come; nothing of the whole is held in memory. One that is
/// let go of before its end leaves nothing behind.
///
/// Its calls wait for the disk.
package final class AttachmentUpload: Sendable {
    private struct State {
        var mark: [UInt8] = []
        var filter: (any MediaFilter)?
        var hasher = SHA256()
        var taken: Int64 = 0
        var kept: Int64 = 0
        var file: CInt = -1
        var path = ""
        var isOver = false
    }

    package let kind: AttachmentKind
    private let folder: AttachmentFolder
    /// Bytes of the folder that are set aside for it.
    private let reserved: Int64
    private let state = Mutex(State())

    init(_ kind: AttachmentKind, in folder: AttachmentFolder, reserved: Int64) {
        self.kind = kind
        self.folder = folder
        self.reserved = reserved
    }

    deinit { abandon() }

    /// - Throws: `attachment.tooLarge`, `attachment.notAllowed` where it is not of the kind that was said, `attachment.broken`,
    ///   `attachment.folderFull`, `attachment.cannotWrite`. Nothing is left behind then.
    package func take(_ bytes: [UInt8]) throws(HearthError) {
        try guarded { state throws(HearthError) in
            state.taken += Int64(bytes.count)
            if state.taken > folder.settings.mostBytes { throw AttachmentErrors.tooLarge(folder.settings.mostBytes) }
            var bytes = bytes
            if state.filter == nil {
                state.mark += bytes
                guard state.mark.count >= AttachmentKind.markCount else { return }
                try Self.check(state.mark, is: kind)
                state.filter = kind.makeFilter()
                bytes = state.mark
                state.mark = []
            }
            var kept: [UInt8] = []
            kept.reserveCapacity(bytes.count)
            try state.filter?.take(bytes[...], into: &kept)
            if kept.isEmpty { return }
            kept.withUnsafeBytes { state.hasher.update(bufferPointer: $0) }
            state.kept += Int64(kept.count)
            if state.file < 0 { (state.file, state.path) = try folder.makeTemporary() }
            try folder.write(kept, to: state.file)
        }
    }

    /// Ends it: the file is on the disk, under its SHA-256. The same bytes twice are one file.
    ///
    /// - Throws: as ``take(_:)``.
    package func finish() throws(HearthError) -> KeptAttachment {
        try guarded { state throws(HearthError) in
            guard state.filter != nil else {
                try Self.check(state.mark, is: kind)
                throw JPEGFilter.broken("it ends before its end")
            }
            try state.filter?.finish()
            let sha256 = state.hasher.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                .joined()
            let attachment = KeptAttachment(sha256: sha256, kind: kind, bytes: state.kept)
            try folder.place(attachment, state.file, state.path)
            end(&state)
            return attachment
        }
    }

    /// Lets go of it. Does nothing after its end.
    package func abandon() { state.withLock { end(&$0) } }

    private func guarded<Result>(
        _ body: (inout State) throws(HearthError) -> Result
    ) throws(HearthError) -> Result {
        try state.withLock { state throws(HearthError) in
            if state.isOver { throw AttachmentErrors.cannotWrite("it was given up") }
            do throws(HearthError) {
                return try body(&state)
            } catch {
                end(&state)
                throw error
            }
        }
    }

    private func end(_ state: inout State) {
        if state.isOver { return }
        state.isOver = true
        if state.file >= 0 {
            close(state.file)
            // It has another name by now where it was placed.
            unlink(state.path)
        }
        folder.giveBack(reserved)
    }

    private static func check(_ mark: [UInt8], is kind: AttachmentKind) throws(HearthError) {
        let found = AttachmentKind(mark: mark)
        if found == kind { return }
        throw HearthError(
            .attachmentNotAllowed,
            "the file is not \(kind.rawValue)" + (found.map { " but \($0.rawValue)" } ?? ""),
            advice: "send what it is as its Content-Type; taken are \(AttachmentKind.allNames)")
    }
}

extension AttachmentKind {
    package static let allNames = allCases.map(\.rawValue).joined(separator: ", ")
}

enum AttachmentErrors {
    static func tooLarge(_ most: Int64) -> HearthError {
        HearthError(
            .attachmentTooLarge, "the file is larger than \(most) bytes",
            advice: "send a smaller photo or a shorter video")
    }

    static func cannotWrite(_ why: String) -> HearthError {
        HearthError(.attachmentCannotWrite, "the file cannot be kept: \(why)", at: .address("attachments"))
    }

    static func cannotRead(_ folder: String, _ cause: any Error) -> HearthError {
        HearthError(
            .attachmentCannotRead, "the folder of photos and videos cannot be read",
            at: .file(folder, line: 0, column: 0),
            advice: "check its owner and mode, and that `attachments: folder:` names the right one", cause: cause)
    }

    static func full(_ why: String) -> HearthError {
        HearthError(
            .attachmentFolderFull, "no more photos or videos can be kept: \(why)", at: .address("attachments"),
            advice: "report the fault without them; whoever runs the server gives the folder more room")
    }
}
