import Foundation
package import HeatModel

/// What a question takes: the doors read it from a URL, a tool's arguments or a command line by this description alone.
package final class Parameter: Sendable {
    package enum Form: Sendable {
        /// 1 to 64 characters; full-width digits and blanks around it are folded.
        case accountNumber
        /// `2025-2026`, or `latest`.
        case season
        /// At most so many bytes, without control characters.
        case text(most: Int)
        /// At most so many characters, in lines.
        case prose(most: Int)
        /// `2026-12-01T09:00:00+08:00`.
        case instant
        /// A list of at most so many objects, each with these members, all of them texts.
        case objects(members: [String], most: Int)
        /// `billing.charges/123`; U+001F joins the parts of a key of several columns.
        case record
        case choice([String])
        case flag
        case integer(ClosedRange<Int>)
        /// `2026-01-20`.
        case day
        /// Area in ㎡ with at most three places, as in `45.0`.
        case area
        /// An instant with its offset, or the number of a run.
        case asOf
    }

    package let name: String
    package let form: Form
    /// In English, for OpenAPI and for the models that call tools.
    package let description: String
    package let isRequired: Bool
    /// What is meant where it is left out.
    package let standard: ArgumentValue?
    /// The name that tools have for it, where that is another.
    package let toolName: String
    /// Stands in no URL: it is posted in a body, or in a header field.
    package let isPrivate: Bool
    /// The header field of HTTP that it stands in.
    package let header: String?

    package init(
        _ name: String, _ form: Form, _ description: String, isRequired: Bool = false, standard: ArgumentValue? = nil,
        tool: String? = nil, isPrivate: Bool = false, header: String? = nil
    ) {
        self.name = name
        self.form = form
        self.description = description
        self.isRequired = isRequired
        self.standard = standard
        self.toolName = tool ?? name
        self.isPrivate = isPrivate || header != nil
        self.header = header
    }

    /// An argument that came as text.
    /// - Throws: a problem where a number or a flag is none.
    package func argument(_ text: String) throws(Problem) -> ArgumentValue {
        switch form {
        case .integer(let range):
            guard let value = Int(text), range.contains(value) else { throw outside(range) }
            return .integer(value)
        case .flag:
            guard let flag = Bool(text) else { throw .parameter(name, "must be one of true, false") }
            return .flag(flag)
        case .objects: throw .parameter(name, "cannot be given as text")
        default: return .text(text)
        }
    }

    func outside(_ range: ClosedRange<Int>) -> Problem {
        .parameter(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
}

/// One value that is handed to a question.
package enum ArgumentValue: Sendable, Hashable {
    case text(String)
    case integer(Int)
    case flag(Bool)
    case objects([[String: String]])
}

/// The values that are handed to a question, by the names of its parameters.
package struct Arguments: Sendable, ExpressibleByDictionaryLiteral {
    // A handful at most: a search from the front is faster than a table.
    private var items: [(name: String, value: ArgumentValue)] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, ArgumentValue?)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// Setting nil changes nothing.
    package subscript(name: String) -> ArgumentValue? {
        get { items.first { $0.name == name }?.value }
        set { if let newValue { items.append((name, newValue)) } }
    }

    package subscript(text name: String) -> String? {
        if case .text(let text) = self[name] { return text }
        return nil
    }
}

/// Reads the arguments of one question or request by its parameters.
package struct ArgumentReader {
    let definition: DoorDefinition
    package let arguments: Arguments

    package init(definition: DoorDefinition, arguments: Arguments) {
        self.definition = definition
        self.arguments = arguments
    }

    /// Whether it was given.
    package func has(_ name: String) -> Bool { arguments[name] != nil }

    private func parameter(_ name: String) -> Parameter {
        guard let parameter = definition.parameters.first(where: { $0.name == name }) else {
            preconditionFailure("there is no parameter \(name) here")
        }
        return parameter
    }

    /// - Throws: a problem where it is missing and required, or its form is wrong.
    private func value(_ name: String) throws(Problem) -> ArgumentValue? {
        let parameter = parameter(name)
        guard let value = arguments[name] else {
            if parameter.isRequired { throw .parameter(name, "is missing") }
            return parameter.standard
        }
        switch (parameter.form, value) {
        case (.integer(let range), .integer(let number)):
            if !range.contains(number) { throw parameter.outside(range) }
        case (.flag, .flag): break
        case (.choice(let values), .text(let text)):
            if !values.contains(text) { throw .parameter(name, "must be one of \(values.joined(separator: ", "))") }
        case (.text(let most), .text(let text)): try Self.check(text, name, atMost: most)
        case (.prose(let most), .text(let text)):
            if text.isEmpty { throw .parameter(name, "must not be empty") }
            if text.count > most { throw .parameter(name, "must not be longer than \(most) characters") }
            if text.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x7F })
            {
                throw .parameter(name, "must not hold control characters")
            }
        case (.objects(let members, let most), .objects(let list)):
            if list.count > most { throw .parameter(name, "must not have more than \(most) elements") }
            for element in list where Set(element.keys) != Set(members) {
                throw .parameter(name, "must have elements with \(members.joined(separator: ", "))")
            }
        case (.instant, .text(let text)): try Self.check(text, name, atMost: 64)
        case (.record, .text(let text)): try Self.check(text, name, atMost: 256, allowing: "\u{1F}")
        case (.accountNumber, .text), (.season, .text): break
        case (.day, .text(let text)), (.area, .text(let text)): try Self.check(text, name, atMost: 16)
        case (.asOf, .text(let text)): try Self.check(text, name, atMost: 64)
        default: throw .parameter(name, "is of another type")
        }
        return value
    }

    private static func check(
        _ text: String, _ name: String, atMost most: Int, allowing separator: Unicode.Scalar? = nil
    ) throws(Problem) {
        if text.isEmpty { throw .parameter(name, "must not be empty") }
        if text.utf8.count > most { throw .parameter(name, "must not be longer than \(most) bytes") }
        if text.unicodeScalars.contains(where: { ($0.value < 0x20 && $0 != separator) || $0.value == 0x7F }) {
            throw .parameter(name, "must not hold control characters")
        }
    }

    package func text(_ name: String) throws(Problem) -> String? {
        if case .text(let text) = try value(name) { return text }
        return nil
    }

    package func required(_ name: String) throws(Problem) -> String {
        guard let text = try text(name) else { throw .parameter(name, "is missing") }
        return text
    }

    package func integer(_ name: String) throws(Problem) -> Int? {
        if case .integer(let number) = try value(name) { return number }
        return nil
    }

    package func flag(_ name: String) throws(Problem) -> Bool {
        if case .flag(let flag) = try value(name) { return flag }
        return false
    }

    package func instant(_ name: String) throws(Problem) -> Instant? {
        guard let text = try text(name) else { return nil }
        guard let instant = Instant(text) else {
            throw .parameter(name, "must be an instant with its offset, as in 2026-12-01T09:00:00+08:00")
        }
        return instant
    }

    package func objects(_ name: String) throws(Problem) -> [[String: String]] {
        if case .objects(let list) = try value(name) { return list }
        return []
    }

    package func accountNumber(_ name: String = "number") throws(Problem) -> String {
        try AccountNumber.checked(try required(name), named: name)
    }

    /// Nil for the latest.
    func season() throws(Problem) -> String? {
        guard let text = try text("season"), text != "latest" else { return nil }
        let years = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 9, years.count == 2, years.allSatisfy({ $0.utf8.count == 4 }),
            let first = Int(years[0]), let second = Int(years[1]), second == first + 1
        else { throw .parameter("season", "must be two years that follow each other, as in 2025-2026, or \"latest\"") }
        return text
    }

    /// Nil where the day is that of the answer's moment.
    package func day(_ name: String = "on") throws(Problem) -> CivilDate? {
        guard let text = try text(name) else { return nil }
        guard let day = CivilDate(text), (1970...2199).contains(day.components.year) else {
            throw .parameter(name, "must be a day, as in 2026-01-20")
        }
        return day
    }

    func area(_ name: String) throws(Problem) -> ExactDecimal? {
        guard let text = try text(name) else { return nil }
        guard let area = ExactDecimal(text)?.exactly(places: 3), (0...100_000_000).contains(area.units) else {
            throw .parameter(name, "must be an area in ㎡ with at most three places, as in 45.0")
        }
        return area
    }

    package func language() throws(Problem) -> AnswerLanguage {
        let language = AnswerLanguage(rawValue: try required("lang")) ?? .chinese
        return try flag("plain") && language == .chinese ? .plainChinese : language
    }
}

/// The words of an answer, by the name of their file of wordings.
package enum AnswerLanguage: String, Sendable {
    case chinese = "zh"
    /// For elderly customers.
    case plainChinese = "zh_plain"
    case english = "en"
}

extension AccountNumber {
    /// A number as a caller gives it, as the store has it.
    ///
    /// - Throws: a problem where it is no number at all: empty, longer than 64 bytes, or with control characters.
    package static func checked(_ text: String, named name: String = "number") throws(Problem) -> String {
        if text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 }), (1...64).contains(text.utf8.count) {
            return text
        }
        let folded = folded(text)
        if folded.isEmpty || folded.utf8.count > 64 { throw .parameter(name, "must be 1 to 64 characters long") }
        if folded.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            throw .parameter(name, "must not hold control characters")
        }
        return folded
    }
}
