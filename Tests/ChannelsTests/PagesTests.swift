import Answers
import Foundation
import HeatModel
import Testing

@testable import Pages

/// What all pages stand on: nothing that came from outside is taken for markup, for a signature or for a form.
@Suite struct PagesTests {
    @Test func textIsNeverMarkup() {
        let hostile = "</p><script>alert(1)</script>\"'&\u{202E}\u{0}\u{7F}"
        #expect(HTML.escaped(hostile) == "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;")
        #expect(HTML.paragraphs("一\n\n二") == "<p>一</p><p>二</p>")
    }

    @Test(arguments: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", "/\\evil.example", "http:",
        "https://a.example/\" onclick=\"x", " https://a.example", "vbscript:x", "",
    ])
    func onlyAddressesOfTheWebAreLinks(_ text: String) { #expect(HTML.address(text) == nil) }

    @Test func addressesOfTheWebAreLinks() {
        #expect(HTML.address("https://pay.example/x?a=1&b=2") == "https://pay.example/x?a=1&amp;b=2")
        #expect(HTML.address("/chat") == "/chat")
    }

    @Test func aProgramSpeaksTheLanguageOfItsLocale() {
        #expect(Tongue(locale: ["LANG": "zh_CN.UTF-8"]) == .chinese && Tongue(locale: ["LANG": "zh_TW"]) == .chinese)
        #expect(Tongue(locale: ["LC_ALL": "C", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8"]) == .english)
        #expect(Tongue(locale: ["LC_ALL": "", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "C.UTF-8"]) == .chinese)
        for environment in [[:], ["LANG": "C"], ["LANG": "en_GB.UTF-8"], ["LANGUAGE": "zh"]] {
            #expect(Tongue(locale: environment) == .english, "\(environment)")
        }
    }

    /// The form of a parameter's detail is that of `Problem.parameter`.
    @Test(arguments: [
        ("must be a whole number", "应为整数"), ("must be a whole number from 1 to 100", "应为 1 到 100 的整数"),
        ("must be one of open, closed", "应为其中之一:open、closed"), ("is missing", "没有填"),
        (
            "is \"; #\"; it must be an instant with its offset, as in 2026 (in a URL + is written %2B), or a run's number",
            "写的是“; #”;应为带时区的时刻,例如 2026,或者运行的编号"
        ),
        ("must be a whole numberx", nil), ("must be one of", nil), ("", nil),
    ])
    func whatIsWrongWithAParameterIsSaidInChinese(_ why: String, _ chinese: String?) {
        let detail = Problem.parameter("limit", why).detail
        #expect(Tongue.chinese.meaning(ofParameter: detail) == chinese.map { "limit " + $0 })
        #expect(Tongue.english.meaning(ofParameter: detail) == nil)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%GG", "a=%FF%FE", "a=1&a=2", "a=%C0%80", "a=\u{0}%ED%A0%80"])
    func brokenFormsAreNone(_ body: String) { #expect(FormBody(Array(body.utf8)) == nil) }

    @Test func formsAreReadAsBrowsersSendThem() {
        let form = FormBody(Array("words=%E5%AE%B6+a%26b&key=&x".utf8))
        #expect(form?["words"] == "家 a&b" && form?["key"] == "" && form?["x"] == "")
        #expect(FormBody((0..<65).map { "f\($0)=1" }.joined(separator: "&").utf8.map { $0 }) == nil)
        var generator = SeededGenerator(state: 7)
        for _ in 0..<300 {
            let text = String(
                (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                    Character(Unicode.Scalar(UInt32.random(in: 0x20...0xD7FF, using: &generator))!)
                })
            #expect(FormBody(Array("a=\(FormBody.encoded(text))".utf8))?["a"] == text)
        }
    }

    @Test func whatOthersSignedIsWorthNothing() throws {
        let (ours, theirs) = (CookieKeys([Array("k".utf8)]), CookieKeys([Array("x".utf8)]))
        let signed = ours.signed("1!abc", for: "chat")
        #expect(ours.verified(signed, for: "chat") == "1!abc")
        #expect(ours.verified(signed, for: "desk") == nil && theirs.verified(signed, for: "chat") == nil)
        // Each single change of a signed text is seen.
        for index in signed.indices {
            var forged = signed
            forged.replaceSubrange(index...index, with: signed[index] == "A" ? "B" : "A")
            if forged.last == signed.last || index != signed.indices.last {
                #expect(ours.verified(forged, for: "chat") == nil, "\(index.utf16Offset(in: signed))")
            }
        }
        let sealed = try ours.sealed("secret", for: "desk")
        #expect(ours.opened(sealed, for: "desk") == "secret" && theirs.opened(sealed, for: "desk") == nil)
        #expect(ours.opened(sealed, for: "chat") == nil && !sealed.contains("secret"))
        // A new key signs, the old one is believed.
        let rotated = CookieKeys([Array("new".utf8), Array("k".utf8)])
        #expect(rotated.verified(signed, for: "chat") == "1!abc" && rotated.opened(sealed, for: "desk") == "secret")
        #expect(ours.verified(rotated.signed("1!abc", for: "chat"), for: "chat") == nil)
    }

    @Test func secretsAreComparedWhole() {
        #expect(CookieKeys.isEqual("热a", "热a"))
        // Two of these are the same to a reader, and other bytes.
        let unequal: [(String?, String)] = [
            ("热b", "热a"), ("热", "热a"), ("\u{E9}", "e\u{301}"), (nil, ""), ("", "a"),
        ]
        for (stated, secret) in unequal {
            #expect(!CookieKeys.isEqual(stated, secret), "\(secret)")
        }
    }

    @Test func sessionsEnd() {
        let (keys, clock) = (CookieKeys([]), TestClock())
        let session = CustomerSession(now: clock.now)
        let header = session.header(
            "c", path: "/", for: "chat", keys: keys, now: clock.now, isSecure: true, keptFor: 60)
        #expect(header.value.contains("; HttpOnly") && header.value.contains("; SameSite=Lax; Max-Age=60; Secure"))
        let cookie = String(header.value.prefix { $0 != ";" }.dropFirst(2))
        func read(_ seconds: Int64) -> CustomerSession? {
            CustomerSession(cookie, for: "chat", keys: keys, now: clock.now, holds: seconds)
        }
        #expect(read(60)?.customer == session.customer)
        clock.pass(61)
        #expect(read(60) == nil && read(120) != nil)
        // Of the future is none of ours.
        clock.pass(-1000)
        #expect(read(120) == nil)
    }

    @Test func whoIsTooFastWaits() {
        let (rates, clock) = (TurnRates.Source(ofProcess: 100).rates("r", most: 10), TestClock())
        for _ in 0..<5 { #expect(rates.take("a", now: clock.now) == nil) }
        let wait = rates.take("a", now: clock.now)
        #expect(wait == 6 && rates.take("b", now: clock.now) == nil)
        clock.pass(Int64(wait ?? 0))
        #expect(rates.take("a", now: clock.now) == nil && rates.take("a", now: clock.now) != nil)
        // Names that are made up fill no memory, and get nowhere.
        let allowed = (0..<5000).filter { rates.take("n\($0)", now: clock.now) == nil }.count
        #expect(allowed < 120)
        #expect(TurnRates.Source(ofProcess: 1).rates("r", most: 0).take("a", now: clock.now) == nil)
    }

    @Test func valuesAreForgotten() {
        let (values, clock) = (RecentValues<Int>(most: 100, seconds: 10), TestClock())
        values.change("a", now: clock.now) { $0 = 1 }
        #expect(values.value("a", now: clock.now) == 1)
        clock.pass(11)
        #expect(values.value("a", now: clock.now) == nil)
        for index in 0..<1000 { values.change("\(index)", now: clock.now) { $0 = index } }
        #expect(values.count <= 100 && values.value("999", now: clock.now) == 999)
    }

    @Test func aDocumentIsReadAsItStands() {
        let json = #"{"b":1,"a":["x\n\"\u4f60",true,null,-0.50,{}],"c":{"d":9007199254740993}}"#
        let document = DocumentValue(Array(json.utf8))
        #expect(document.members.map(\.name) == ["b", "a", "c"])
        let items = document["a"].items
        #expect(items[0].text == "x\n\"你" && items[1].flag == true && !items[2].isThere && items[3].text == "-0.50")
        #expect(items[4].isThere && items[4].members.isEmpty && document["c"]["d"].integer == 9_007_199_254_740_993)
        #expect(!document["none"]["at all"].isThere && document["b"].items.isEmpty && document["a"].text == nil)
        // What is no document of ours harms none.
        for broken in ["", "{", "{\"a\":", "[1,", "\u{0}", String(repeating: "[", count: 100_000), "{\"a\" : 1}"] {
            _ = DocumentValue(Array(broken.utf8))
        }
    }

    @Test func otherSitesAreSeen() {
        func request(_ fields: [String: String]) -> WebRequest { WebRequest(.post, "/chat", fields: fields) }
        #expect(request(["sec-fetch-site": "cross-site"]).isFromElsewhere)
        #expect(request(["origin": "https://evil.example", "host": "hearth.example"]).isFromElsewhere)
        #expect(request(["origin": "null", "host": "hearth.example"]).isFromElsewhere)
        #expect(!request(["origin": "https://hearth.example", "host": "hearth.example"]).isFromElsewhere)
        #expect(!request(["sec-fetch-site": "same-origin"]).isFromElsewhere && !request([:]).isFromElsewhere)
        #expect(
            request(["cookie": "a=1; b=2"]).cookie("b") == "2" && request(["cookie": "b=1; b=2"]).cookie("b") == nil)
    }
}

/// The same numbers each time.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
