import Foundation
import HeatModel

/// Files of a log with what may not be on the disk yet: taken from the writer, and brought there without it.
struct UnsyncedFiles: ~Copyable {
    private let descriptors: [Int32]
    private let hasNewName: Bool
    private let files: LogFolder

    /// - Parameter descriptors: are closed with this.
    init(descriptors: [Int32], hasNewName: Bool, files: LogFolder) {
        self.descriptors = descriptors
        self.hasNewName = hasNewName
        self.files = files
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// - Throws: `audit.failed`, after all files have been tried.
    consuming func sync() throws {
        var failure: HearthError?
        for descriptor in descriptors where fdatasync(descriptor) != 0 {
            failure = failure ?? files.failure("the log cannot be brought to the disk", files.path)
        }
        if hasNewName { try files.syncNames() }
        if let failure { throw failure }
    }
}
