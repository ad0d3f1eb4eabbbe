import Foundation
import HeatModel
import Yams

/// The words by which legacy systems name things: `Lexicon/lexicon.yaml`, built into the program.
struct Lexicon: Sendable {
    /// A word of a field.
    struct Term: Hashable, Sendable {
        enum Form: Hashable, Sendable { case chinese, english, abbreviation }
        var text: String
        var form: Form
        /// Of a Chinese word the syllable of each character; of an English one its words.
        var parts: [String]
    }

    /// A field as the lexicon knows it: `charge.due`, or for every entity `account.number`.
    struct Entry: Sendable {
        var name: String
        var terms: [Term]
    }

    /// Names of tables.
    let entities: [(kind: EntityKind, terms: [Term])]
    /// Of every entity.
    let common: [Entry]
    /// Of account and premises.
    let facts: [Entry]
    let own: [EntityKind: [Entry]]
    /// Words that no field takes.
    let others: [Term]
    /// What spellings of a code mean, folded: by `charge.item`, or `class` of the facts.
    let values: [String: [(value: String, spellings: Set<String>)]]
    /// English words, for names that are written without a border between them.
    let vocabulary: Set<String>

    static let shipped = Lexicon(
        yaml: String(decoding: PackageResources.lexicon_yaml, as: UTF8.self),
        syllables: String(decoding: PackageResources.syllables_txt, as: UTF8.self))

    init(yaml: String, syllables: String) {
        var readings: [Character: String] = [:]
        for line in syllables.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            guard parts.count == 2 else { continue }
            for character in parts[1] { readings[character] = String(parts[0]) }
        }
        guard let root = try? Yams.compose(yaml: yaml) else { preconditionFailure("the lexicon is not YAML") }
        func texts(_ node: Node?) -> [String] { node?.sequence.map { $0.compactMap { $0.scalar?.string } } ?? [] }
        func terms(_ node: Node) -> [Term] {
            texts(node["zh"]).map { word in
                Term(text: word, form: .chinese, parts: word.compactMap { readings[$0] })
            }
                + texts(node["en"]).map { word in
                    Term(
                        text: word, form: .english,
                        parts: EnglishWords.normal(word.split(separator: " ").map(String.init)))
                } + texts(node["abbr"]).map { Term(text: $0, form: .abbreviation, parts: [$0]) }
        }
        func pairs(_ node: Node?) -> [(String, Node)] {
            node?.mapping.map { $0.map { ($0.key.scalar?.string ?? "", $0.value) } } ?? []
        }
        func entries(_ name: String) -> [Entry] {
            pairs(root[name]).map { Entry(name: $0.0, terms: terms($0.1)) }
        }
        entities = pairs(root["entities"]).compactMap { pair in
            EntityKind(rawValue: pair.0).map { (kind: $0, terms: terms(pair.1)) }
        }
        common = entries("common")
        facts = entries("facts")
        var own: [EntityKind: [Entry]] = [:]
        for kind in EntityKind.allCases { own[kind] = entries(kind.rawValue) }
        self.own = own
        others = (root["other"]?.sequence.map { Array($0) } ?? []).flatMap(terms)
        var values: [String: [(value: String, spellings: Set<String>)]] = [:]
        for (field, node) in pairs(root["values"]) {
            values[field] = pairs(node).map { pair in
                (value: pair.0, spellings: Set((texts(pair.1) + [pair.0]).map(Self.folded)))
            }
        }
        self.values = values
        var vocabulary: Set<String> = []
        let all = common + facts + own.values.flatMap { $0 }
        for term in all.flatMap(\.terms) + others + entities.flatMap(\.terms) where term.form == .english {
            vocabulary.formUnion(term.parts)
        }
        self.vocabulary = vocabulary.union(EnglishWords.known)
    }

    /// What a field's entries are for records of a kind, with those of every kind.
    func entries(of kind: EntityKind) -> [Entry] {
        let facts = kind == .account || kind == .premises ? facts : []
        let mine = (own[kind] ?? []) + facts
        let names = Set(mine.map(\.name))
        return mine + common.filter { entry in !names.contains(entry.name) }
    }

    /// The codes of a field; nil where the lexicon knows none.
    func codes(of field: String, _ kind: EntityKind) -> [(value: String, spellings: Set<String>)]? {
        values["\(kind.rawValue).\(field)"] ?? (kind == .account || kind == .premises ? values[field] : nil)
    }

    /// A spelling without width, case and blanks at its ends.
    static func folded(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping.lowercased().trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// English words of column names in one spelling.
enum EnglishWords {
    private static let short: [String: String] = [
        "no": "number", "num": "number", "nbr": "number", "nr": "number", "acct": "account", "acc": "account",
        "amt": "amount", "dt": "date", "tm": "time", "addr": "address", "tel": "phone", "telephone": "phone",
        "mob": "mobile", "bldg": "building", "bld": "building", "rm": "room", "cust": "customer", "ord": "order",
        "qty": "quantity", "desc": "description", "descr": "description", "stat": "status", "sts": "status",
        "temp": "temperature", "nm": "name", "cd": "code", "typ": "type", "ts": "time", "upd": "updated",
        "updt": "updated", "crt": "created", "mtr": "meter", "rdg": "reading", "rd": "reading", "pmt": "payment",
        "pymt": "payment", "pay": "payment", "recv": "received", "rcvd": "received", "bal": "balance", "inv": "invoice",
        "txn": "transaction", "trans": "transaction", "ser": "serial", "ref": "reference", "prev": "previous",
        "curr": "current", "cur": "current", "cons": "consumption", "consump": "consumption", "consumer": "consumer",
        "prem": "premises", "comm": "community", "flr": "floor", "hgt": "height", "ht": "height", "stn": "station",
        "tech": "technician", "tkt": "ticket", "disc": "discount", "phones": "phone", "dates": "date", "seas": "season",
        "wo": "work order", "workorder": "work order", "ordr": "order", "uprice": "unit price", "prc": "price",
        "susp": "suspension", "req": "request", "apprv": "approval", "mod": "modified", "chg": "charge",
        "ph": "phone", "idno": "id number", "begin": "start", "beg": "start", "rsn": "reason",
    ]
    static let known = Set(short.keys).union(short.values.flatMap { $0.split(separator: " ").map(String.init) })
        .union(["flag", "code", "is", "of", "the", "at", "on", "by", "key", "value", "text", "total"])

    static func normal(_ words: [String]) -> [String] {
        words.flatMap { word -> [String] in
            let word = word.lowercased()
            if let long = short[word] { return long.split(separator: " ").map(String.init) }
            let isPlural = word.count > 3 && word.hasSuffix("s") && !["ss", "us", "is"].contains { word.hasSuffix($0) }
            return [isPlural ? String(word.dropLast()) : word]
        }
    }
}
