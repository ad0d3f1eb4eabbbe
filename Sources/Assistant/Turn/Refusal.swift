/// Words by which somebody does not want what is offered.
extension Company {
    /// Whether a few words begin with a no to what they name.
    func isRefusal(_ text: String) -> Bool {
        var rest = Substring(text)
        for subject in refusers where rest.hasPrefix(subject) { rest = rest.dropFirst(subject.count) }
        return text.count <= 12 && !text.contains("，") && !text.contains(",")
            && refusals.contains { rest.hasPrefix($0) }
    }

    /// Whether a matter is one that something is begun in: a no to it begins nothing.
    func mayBeRefused(_ intent: String?) -> Bool { intent.map(refused.contains) ?? false }
}
