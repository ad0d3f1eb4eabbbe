import HeatModel
import Testing

@testable import Onboarding

@Suite struct LexiconTests {
    private let lexicon = Lexicon.shipped

    @Test func everyCharacterHasItsSyllable() {
        let entries = lexicon.common + lexicon.facts + lexicon.own.values.flatMap { $0 }
        let terms = entries.flatMap(\.terms) + lexicon.others + lexicon.entities.flatMap(\.terms)
        for term in terms where term.form == .chinese {
            #expect(term.parts.count == term.text.count, "\(term.text)")
        }
        #expect(terms.count > 600)
    }

    /// Each entry is a field of its entity, and each code value one of the field's.
    @Test func entriesAreFieldsOfTheCatalogue() {
        for (kind, entries) in lexicon.own {
            for entry in entries { #expect(kind.field(named: entry.name) != nil, "\(kind).\(entry.name)") }
        }
        for entry in lexicon.facts {
            #expect(lexicon.entries(of: .premises).contains { $0.name == entry.name })
        }
        for (kind, field) in [("charge", "item"), ("payment", "channel"), ("workOrder", "state")] {
            #expect(lexicon.values["\(kind).\(field)"] != nil)
        }
    }

    @Test(arguments: [
        ("ysje", "应收金额", "initials"), ("yingshoujine", "应收金额", "pinyin"), ("yingsjine", "应收金额", "pinyin and initials"),
        ("应收金额(元)", "应收金额", "label"), ("F_YSJE", "应收金额", "initials"),
    ])
    func namesFitChineseWords(name: String, word: String, how: String) throws {
        let term = try #require(lexicon.own[.charge]?.flatMap(\.terms).first { $0.text == word })
        let read = ColumnName(name, sharedPrefix: "f", vocabulary: lexicon.vocabulary)
        let fit = try #require(read.fit(term))
        #expect(fit.how.hasPrefix(how), "\(fit)")
    }

    @Test(arguments: [
        ("CUSTNO", "customer number"), ("acctNum", "account number"), ("AMT_DUE", "amount due"),
        ("dueAmt", "due amount"),
    ])
    func namesFitEnglishWords(name: String, words: String) {
        let term = Lexicon.Term(
            text: words, form: .english, parts: EnglishWords.normal(words.split(separator: " ").map(String.init)))
        let fit = ColumnName(name, vocabulary: lexicon.vocabulary).fit(term)
        #expect((fit?.score ?? 0) > 800, "\(String(describing: fit))")
    }

    @Test func namesThatFitNothingFitNothing() {
        for name in ["x", "col17", "版本", "zzzz"] {
            let read = ColumnName(name, vocabulary: lexicon.vocabulary)
            let best = lexicon.entries(of: .charge).flatMap(\.terms).compactMap { read.fit($0)?.score }.max() ?? 0
            #expect(best < 500, "\(name)")
        }
    }
}
