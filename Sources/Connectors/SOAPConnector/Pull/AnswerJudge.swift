import HeatModel

/// Tells an answer without records that is rightly empty from one that is wrong: another namespace, an error under HTTP 200, an
/// element renamed.
struct AnswerJudge {
    enum Verdict: Equatable {
        case records
        /// Nothing stands where records would, and everything else is accounted for.
        case empty
        /// Elements that may hold records stand there, and none does.
        case parentsOnly
    }

    let stream: SOAPStream
    var memory: AnswerMemory
    /// Whether the element that holds records stood more than once in some answer: then it is one of many, not the list.
    private var parentsRepeat = false
    private var emptyBefore: [AnswerSigns.Text]?
    private let now: Instant

    init(_ stream: SOAPStream, memory: AnswerMemory, now: Instant) {
        self.now = now
        self.stream = stream
        self.memory = memory
    }

    /// Throws `source.badAnswer` for an answer in which neither records nor what surrounds them can be recognised.
    mutating func judge(_ end: SOAPEnvelopeEnd, page: Int?, at place: Place) throws -> Verdict {
        let signs = end.signs
        if signs.parents > 1 { parentsRepeat = true }
        if end.records > 0 {
            emptyBefore = nil
            memory.learn(signs)
            return .records
        }
        if let other = signs.strangerNamespace { throw stranger(other, place) }
        if stream.innerPath != nil, !signs.sawInner {
            throw Self.bad(
                "nothing stands at inner \(stream.innerPath ?? ""), where the document with the records is expected\(Self.said(signs))",
                place, "Check inner and the namespaces against an answer of the service.")
        }
        if stream.innerPath == nil, let element = signs.documentInText {
            throw Self.bad(
                "there is no record, and the text of \(element) is itself an XML document", place,
                "Set inner to the path of \(element), and let record name the elements in that document.")
        }
        if end.statedTotal.flatMap({ Int64($0) }) == 0 || end.pageCount.flatMap({ Int64($0) }) == 0 { return .empty }
        if signs.sawAncestorValue { return .parentsOnly }
        if !signs.sawBodyChild {
            throw Self.bad(
                "the answer's Body is empty", place,
                "Look at the request: a service that understands it answers with an element.")
        }
        let unknown = signs.texts.filter { !isAccounted(for: $0, signs, page) }
        if let moved = moved(unknown) {
            throw Self.bad(
                "nothing stands at record \(stream.recordPath), and such an element stands at \(moved) instead", place,
                "If the service moved its records, correct record; if that is another list, read the number of records with total, which says 0 then."
            )
        }
        let inside = unknown.filter(\.isInParent)
        if signs.parents > 0 ? inside.isEmpty : unknown.isEmpty {
            return signs.parents > 1 || (signs.parents == 1 && parentsRepeat) ? .parentsOnly : .empty
        }
        let mayHoldOthers = signs.parents > 1 || (signs.parents == 1 && isPaged)
        if mayHoldOthers, emptyBefore != unknown {
            emptyBefore = unknown
            return .parentsOnly
        }
        throw Self.bad(
            "the answer has no record\(Self.said(unknown)), which nothing in the configuration reads", place,
            "One of two keys of the stream settles it. success, where a result code says that all is well: \(exampleOfSuccess(unknown)). Or record, written with the list above it, which stands there though it is empty: record: List/\(stream.recordPath). If what it says is itself a record, correct record and the namespaces."
        )
    }

    /// The key as it could be written: with the element that looks like a code, which is short and no message.
    private func exampleOfSuccess(_ texts: [AnswerSigns.Text]) -> String {
        let code = texts.filter { !$0.text.isEmpty }.min { $0.text.utf8.count < $1.text.utf8.count }
        guard let code, code.text.utf8.count <= 8, code.text.allSatisfy({ $0.isASCII && $0 != "\"" }) else {
            return "success: {path: Code, is: \"0\"}"
        }
        return "success: {path: \(code.path), is: \"\(code.text)\"}, if that means success"
    }

    /// Where an element with the records' name stands outside of what holds records, at places that no earlier answer had.
    private func moved(_ unknown: [AnswerSigns.Text]) -> String? {
        guard !memory.isEmpty else { return nil }
        let inRecords = unknown.compactMap { text -> (text: AnswerSigns.Text, path: String)? in
            let names = text.path.split(separator: "/")
            guard !text.isInParent, let at = names.firstIndex(where: { $0 == recordName }) else { return nil }
            return (text, names[...at].joined(separator: "/"))
        }
        return inRecords.contains { memory.knowsPlace(of: $0.text) } ? nil : inRecords.first?.path
    }

    /// Without its prefix.
    private var recordName: Substring {
        let name = stream.recordPath.split(separator: "/").last ?? ""
        return name.split(separator: ":").last ?? name
    }

    private var isPaged: Bool { if case .pages = stream.paging { true } else { false } }

    private func isAccounted(for text: AnswerSigns.Text, _ signs: AnswerSigns, _ page: Int?) -> Bool {
        // What stands beside a result code that means success belongs to it.
        if stream.success != nil, text.parent == signs.successParent { return true }
        if memory.knows(text) { return true }
        guard memory.knowsPlace(of: text) else { return false }
        // A clock, the page's number, a count of what is not there.
        return text.text == page.map(String.init) || text.text == "0" || isClock(text.text)
    }

    /// Today's date or yesterday's or tomorrow's, with or without a time, in digits and the marks between them.
    private func isClock(_ text: String) -> Bool {
        guard text.allSatisfy({ $0.isNumber || "-:./ TZ+年月日时分秒".contains($0) }) else { return false }
        let digits = text.filter(\.isNumber)
        let isSpelled = digits.count < text.count || [8, 12, 14, 17].contains(digits.count)
        return isSpelled
            && ([-86_400, 0, 86_400] as [Int64]).contains { seconds in
                let day = Instant(
                    microseconds: now.microseconds + seconds * 1_000_000, offsetMinutes: now.offsetMinutes)
                return digits.hasPrefix(day.description.prefix(10).filter(\.isNumber))
            }
    }

    private func stranger(_ namespace: String, _ place: Place) -> HearthError {
        return Self.bad(
            "the records' element \(recordName) stands in \(namespace.isEmpty ? "no namespace" : "namespace \(String(namespace.prefix(200)))"), not in the one that record names",
            place,
            "The service was changed, or namespaces is wrong: give \(recordName)'s prefix the namespace that stands there."
        )
    }

    static func bad(_ message: String, _ place: Place, _ advice: String) -> HearthError {
        HearthError(.sourceBadAnswer, message, at: place, advice: advice)
    }

    private static func said(_ signs: AnswerSigns) -> String { said(signs.texts) }

    /// `, and says Code "-1", Message "…"`: three at most.
    static func said(_ texts: [AnswerSigns.Text]) -> String {
        if texts.isEmpty { return "" }
        let shown = texts.prefix(3).map { "\($0.name) \(SeenText($0.text))" }
        return ", and says \(shown.joined(separator: ", "))\(texts.count > 3 ? " and more" : "")"
    }
}

extension SOAPSuccess {
    /// Throws `source.refused` where the result code is another one, `source.badAnswer` where there is none.
    func judge(_ end: SOAPEnvelopeEnd, at place: Place) throws {
        guard let code = end.success, !code.isEmpty else {
            throw AnswerJudge.bad(
                "nothing stands at success.path \(path)\(AnswerJudge.said(end.signs.texts))", place,
                "Check the path against an answer of the service; without its result code an answer proves nothing.")
        }
        if values.contains(code) { return }
        let beside = end.signs.texts.filter { $0.parent == end.signs.successParent && !$0.text.isEmpty }
        let message = end.message ?? beside.map(\.text).joined(separator: ", ")
        throw HearthError(
            .sourceRefused,
            "the service answers with code \(SeenText(code)) instead of \(values.map { "\"\($0)\"" }.joined(separator: " or ")): \(SeenText(message, atMost: 200))",
            at: place, advice: "It is the service's own word; look at the request, the session and the service's log.")
    }
}
