/// What an answer holds beside its records, as far as it distinguishes an empty answer from a wrong one.
struct AnswerSigns {
    /// A text or an attribute that stands in no record and that no path names.
    struct Text: Hashable {
        /// Local names from the body's child on, with `/` between them.
        var parent: String
        /// Local name, with `@` for an attribute.
        var name: String
        /// The first 120 bytes.
        var text: String
        /// Whether it stands in an element that holds records.
        var isInParent: Bool

        var path: String { parent.isEmpty ? name : "\(parent)/\(name)" }
    }

    /// The first 64.
    var texts: [Text] = []
    /// How many elements stood there that hold records, by a record path of more than one name.
    var parents: Int64 = 0
    /// Namespace in which the record's local name stood instead; empty for none.
    var strangerNamespace: String?
    var sawBodyChild = false
    /// An element whose text begins like an XML document.
    var documentInText: String?
    /// Whether the element at `inner` was there.
    var sawInner = false
    /// Where the result code stood.
    var successParent: String?
    /// Whether an element above the records, which a field looks at, was there.
    var sawAncestorValue = false

    /// Both documents' signs together, where one stands in the other.
    mutating func add(_ other: AnswerSigns) {
        texts = Array((texts + other.texts).prefix(64))
        parents += other.parents
        strangerNamespace = strangerNamespace ?? other.strangerNamespace
        documentInText = documentInText ?? other.documentInText
        successParent = successParent ?? other.successParent
        sawAncestorValue = sawAncestorValue || other.sawAncestorValue
    }
}
