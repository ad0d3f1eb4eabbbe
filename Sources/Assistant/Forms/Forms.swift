import HeatModel

/// Puts a message into the forms of all channels, from one source.
struct Forms {
    let company: Company

    init(_ company: Company) { self.company = company }

    /// - Parameter plainly: for who wants everyday words: every form has them.
    func message(_ draft: Play.Draft, plainly: Bool = false) -> AssistantReply.Message {
        let entry = draft.entry
        func full(_ name: String) -> String? { company.values[name] ?? draft.values[name]?.full }
        func plain(_ name: String) -> String? { company.values[name] ?? draft.values[name]?.plain }
        let everyday = PlainForm.of(Self.tidy((entry.plain ?? entry.full).filled(plain)), company)
        let text = plainly ? everyday : Self.tidy(entry.full.filled(full))
        let steps =
            draft.steps
            + entry.steps.map {
                AssistantReply.Step(words: $0.words.filled(full), picture: $0.picture, pictureWords: $0.pictureWords)
            }
        let short = ShortForm.of(
            entry.short.map { Self.tidy($0.filled(full)) } ?? text, link: entry.link?.address,
            most: company.shortSegments)
        var aloud = entry.spoken.map { Self.tidy($0.filled(full)) } ?? text
        // Who only hears has no steps before their eyes.
        if entry.spoken == nil {
            for (index, step) in steps.enumerated() { aloud += "\n第\(Said.whole(Int64(index + 1)))步,\(step.words)" }
        }
        return AssistantReply.Message(
            full: text, short: short, spoken: SpokenForm.of(aloud),
            plain: everyday, steps: steps,
            choices: draft.choices.map { .init(id: $0.id, words: $0.words, digit: $0.digit) }, chart: draft.chart,
            link: entry.link.map { .init(words: $0.words, address: $0.address) }, entry: entry.name, wants: draft.wants)
    }

    /// What was told, once more.
    ///
    /// - Parameter plainly: in everyday words, whatever form a channel takes.
    func again(_ messages: [AssistantReply.Message], plainly: Bool) -> [AssistantReply.Message] {
        // That it is said slowly is said once.
        let told = messages.filter { !$0.entry.hasPrefix(RoomEntry.slowly.rawValue + "@") }
        guard plainly else { return told }
        return told.map { message in
            var message = message
            if message.full == message.plain { return message }
            message.full = message.plain
            message.short = ShortForm.of(
                message.plain, link: message.link?.address, most: company.shortSegments)
            var aloud = message.plain
            for (index, step) in message.steps.enumerated() {
                aloud += "\n第\(Said.whole(Int64(index + 1)))步,\(step.words)"
            }
            message.spoken = SpokenForm.of(aloud)
            return message
        }
    }

    /// Lines without blanks at their ends, none empty: a value may have been.
    static func tidy(_ text: String) -> String {
        // Most texts are tidy.
        let isTidy = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).allSatisfy { line in
            let scalars = Substring(line).unicodeScalars
            guard let first = scalars.first, let last = scalars.last else { return false }
            return !first.properties.isWhitespace && !last.properties.isWhitespace
        }
        if isTidy { return text }
        return text.split(separator: "\n").compactMap { line in
            let words = line.drop(while: \.isWhitespace)
            return words.lastIndex { !$0.isWhitespace }.map { words[...$0] }
        }
        .joined(separator: "\n")
    }
}
