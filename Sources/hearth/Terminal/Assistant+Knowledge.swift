import Answers
import Assistant
import HeatModel
import Requests
import Understanding

extension Assistant {
    /// The assistant that the knowledge beside a configuration makes.
    ///
    /// - Throws: every problem of its files; also where an intent has no answer, or an answer no intent.
    static func load(
        besides configuration: String, desk: RequestDesk, access: any AccessRecorder,
        onTrouble: @escaping @Sendable (HearthError) -> Void
    ) throws -> Assistant {
        let folder = Knowledge.folder(besides: configuration)
        let knowledge = try Knowledge.load(folder: folder)
        return Assistant(
            try Playbook.load(folder: folder, intents: Set(knowledge.intents.map(\.id))),
            hearing: Listener(knowledge), desk: desk, access: access, onTrouble: onTrouble)
    }
}
