import Testing

@testable import hearth

/// What a screen gets of data that is not ours.
@Suite struct TerminalTests {
    @Test func whatSteersATerminalIsShownByItsNumber() {
        #expect(Terminal.visible("张伟\t1 单元\nÄé €🏠") == "张伟\t1 单元\nÄé €🏠")
        // A title of the window, a line written over, the direction turned, a sequence in one byte.
        #expect(Terminal.visible("\u{1B}]0;x\u{7}") == "\\u{1b}]0;x\\u{7}")
        #expect(Terminal.visible("a\rb\r\n") == "a\\u{d}b\\u{d}\n")
        #expect(Terminal.visible("\u{202E}cod.exe\u{9B}2J\u{2066}") == "\\u{202e}cod.exe\\u{9b}2J\\u{2066}")
    }
}
