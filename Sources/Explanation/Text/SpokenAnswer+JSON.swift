package import JSONText

extension JSONObject {
    /// The answer in these wordings, under `text`.
    package mutating func texts(_ wordings: [Wording], of answer: some TextAnswer) {
        if wordings.isEmpty { return }
        list("text", wordings) { json, wording in
            json.text("language", wording.language)
            var rendered = AnswerText(wording)
            answer.render(into: &rendered)
            json.value("text") { rendered.write(to: &$0) }
        }
    }

    /// What is said in each of these wordings, under `text`.
    package mutating func said(_ wordings: [Wording], _ say: (inout AnswerText) -> Void) {
        if wordings.isEmpty { return }
        list("text", wordings) { json, wording in
            json.text("language", wording.language)
            var text = AnswerText(wording)
            say(&text)
            json.text("text", text.text)
        }
    }
}
