import Testing
import Understanding

@testable import Assistant

/// What words give where something is asked for.
@Suite struct AskedSlotTests {
    @Test(arguments: [
        ("满意", "5"), ("挺好的", "5"), ("3", "3"), ("还行吧", "3"), ("不满意", "1"), ("不太满意", "1"), ("不好", "1"), ("没修好", "1"),
        ("太差了", "1"),
    ])
    func satisfactionIsNotTurnedRound(words: String, score: String) {
        #expect(AskedSlot.value(of: .satisfaction, in: words, nil, bound: []) == score, "\(words)")
    }

    @Test func whatSaysNothingGivesNoScore() {
        for words in ["6", "师傅姓王", ""] {
            #expect(AskedSlot.value(of: .satisfaction, in: words, nil, bound: []) == nil, "\(words)")
        }
    }
}
