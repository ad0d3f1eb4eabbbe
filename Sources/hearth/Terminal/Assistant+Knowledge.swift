import Answers
import Assistant
import Requests
import Understanding

/// The listener as the assistant asks it.
struct Ears: Hearing {
    let listener: Listener
    func hear(_ words: String, context: HearingContext) -> Heard { listener.hear(words, context: context) }
}

extension Assistant {
    /// The assistant that the knowledge beside a configuration makes.
    ///
    /// - Throws: every problem of its files; also where an intent has no answer, or an answer no intent.
    static func load(
        besides configuration: String, desk: RequestDesk, access: any AccessRecorder
    ) throws -> Assistant {
        let folder = Knowledge.folder(besides: configuration)
        let knowledge = try Knowledge.load(folder: folder)
        return Assistant(
            try Playbook.load(folder: folder, intents: Set(knowledge.intents.map(\.id))),
            hearing: Ears(listener: Listener(knowledge)), desk: desk, access: access)
    }
}
