import Foundation
import Understanding

/// The shipped knowledge and a listener of it, made once for all tests.
enum Shared {
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let folder = repository + "/Config/knowledge"
    static let knowledge = Result { try Knowledge.load(folder: folder) }
    static let listener = Result { Listener(try knowledge.get()) }
    /// Labelled utterances that no example was written from.
    static let utterances = Result { try lines("utterances") }
    /// The same of varied times, dates, numbers, addresses and faults; and of two questions in one, beside single ones in several clauses.
    static let slots = Result { try lines("slots") }
    static let seconds = Result { try lines("seconds") }

    private static func lines(_ name: String) throws -> [LabelledLine] {
        try LabelledLine.load(repository + "/Tests/UnderstandingTests/\(name).tsv", knowledge: try knowledge.get())
    }

    static func hear(_ words: String, _ context: HearingContext = HearingContext()) throws -> Heard {
        try listener.get().hear(words, context: context)
    }

    /// A copy of the shipped knowledge that a test may spoil.
    static func copy() throws -> String {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("knowledge-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        return copy
    }
}
