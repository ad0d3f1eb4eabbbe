import Foundation
import Testing

@testable import Understanding

@Suite struct UtteranceTests {
    /// The short way for plain letters and characters comes to what Foundation's mapping does, in every mixture and at every edge.
    @Test func commonTextsAreNormalisedAlike() {
        let edges: [UInt32] = [
            0, 0x7F, 0x80, 0xA0, 0x2FFF, 0x3000, 0x3001, 0x3002, 0x3003, 0x3007, 0x3008, 0x3011, 0x3012, 0x3099, 0x309B,
            0x33FF, 0x3400,
            0x4DBF, 0x4DC0, 0x9FFF, 0xA000, 0xF900, 0xFA10, 0xFF00, 0xFF01, 0xFF10, 0xFF5E, 0xFF5F, 0xFF9E, 0x301, 0xE9,
            0x1F600, 0xFB01,
        ]
        var state: UInt64 = 7
        func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
        func check(_ text: [UInt32]) {
            let string = String(String.UnicodeScalarView(text.compactMap(Unicode.Scalar.init)))
            let expected = string.precomposedStringWithCompatibilityMapping.unicodeScalars.map(\.value)
            #expect(Utterance.compatible(text) == expected, "\(text.map { String($0, radix: 16) })")
        }
        for edge in edges { check([edge]) }
        for _ in 0..<20_000 {
            check(
                (0..<(1 + roll(6))).map { _ in
                    switch roll(5) {
                    case 0: edges[roll(edges.count)]
                    case 1: UInt32(0x20 + roll(0x5F))
                    case 2: UInt32(0xFF01 + roll(0x5E))
                    default: UInt32(0x3400 + roll(0x6C00))
                    }
                })
        }
    }
}
