import Testing

@testable import Reconciliation

@Suite struct NumberedTextsTests {
    /// Keys that differ in their highest bits, in their lowest, and in both.
    @Test func eachKeyKeepsItsNumber() {
        var keys = NumberedKeys()
        var all: [UInt64] = []
        for high: UInt64 in 0..<3 {
            for middle: UInt64 in 0..<7 {
                for low: UInt64 in 0..<300 { all.append(high << 56 | middle << 32 | low) }
            }
        }
        for (number, key) in all.enumerated() { #expect(keys.number(of: key) == number) }
        for (number, key) in all.enumerated().reversed() { #expect(keys.number(of: key) == number) }
        #expect(keys.keys == all)
    }

    /// Far more than there are slots at first, so that it grows several times, each asked for in two orders, quoted and bare.
    @Test func eachTextKeepsItsNumber() {
        var texts = NumberedTexts()
        let all = (0..<1500).flatMap { ["小区 \($0 * 7919)", "小区 \($0 * 7919)期"] } + [""]
        for (number, text) in all.enumerated() { #expect(texts.number(of: text) == number) }
        for (number, text) in all.enumerated().reversed() {
            #expect(texts.number(of: text) == number)
            #expect(texts.number(of: "\"\(text)\"") == number)
            #expect(texts.text(number) == text)
        }
    }

    @Test func aTextIsGivenBackWithoutItsEscapes() {
        var texts = NumberedTexts()
        let number = texts.number(of: #"三\"期\\"#)
        #expect(texts.text(number) == #"三"期\"#)
    }
}

extension NumberedTexts {
    fileprivate mutating func number(of json: String) -> Int {
        Array(json.utf8).withUnsafeBytes { number(of: $0) }
    }
}
