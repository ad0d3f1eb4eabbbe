import Glibc
import Testing

@testable import Disclosure

@Suite struct FreeTextTests {
    private let text = FreeText(known: ["01000045", "WX20261201000123"])

    /// However a number is written, it does not stay.
    @Test(arguments: [
        "13812345678", "138 1234 5678", "138-1234-5678", "1 3 8 1 2 3 4 5 6 7 8", "138.1234.5678", "138,1234,5678",
        "(138)1234/5678", "１３８１２３４５６７８", "138一二三四5678", "一三八一二三四五六七八", "幺三八幺二三四五六七八", "138\n1234\n5678",
        "138\u{200B}1234\u{200D}5678", "138\u{202E}1234\u{2066}5678", "138\u{00AD}12345678", "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
        "①③⑧①②③④⑤⑥⑦⑧", "٠١٣٨١٢٣٤٥٦٧٨", "+86 138 1234 5678", "138 - 1234 - 5678", "120101199001011234",
        "12010119900101123X",
        "120101 19900101 123x", "024-23456789", "23456789", "234 5678", "身份证后六位123456", "后六位12345X", "壹叁捌壹贰叁肆伍陆柒捌",
        "138_1234_5678", "138~1234~5678", "[138][1234][5678]",
        "138、1234、5678", "138+1234+5678", "138*1234*5678", "138→1234→5678", "138:1234:5678", "幺三八幺两三四五六拐洞",
        "120101 1990-03-07 8888", "120101-1990-03-07-8888", "138 1234.56 78", "138 1234 5678", "1.3.8.1.2.3.4.5.6.7.8",
    ]) func numbersAreMasked(_ number: String) {
        let masked = text.masked(FreeText.clean("我的是\(number)谢谢"), of: .customer)
        let digits = masked.unicodeScalars.filter { $0.properties.numericType != nil }
        #expect(digits.count <= 7, "\(masked)")
        #expect(masked.contains("*"), "\(masked)")
        #expect(masked.hasPrefix("我的是") || masked.hasPrefix("我的是+"), "\(masked)")
        #expect(masked.hasSuffix("谢谢"), "\(masked)")
    }

    @Test(arguments: [
        "户号01000045", "还欠2846.40元", "2,846.40 元和1,000.00元", "2026-12-01缴的", "2025-2026采暖期", "12月20日14:05测得19.2℃",
        "100000元", "单号WX20261201000123", "118.60㎡", "3号楼2单元", "二十一度", "12345",
        "两笔 1606.13、107.89 元", "应缴1606.13+107.89元", "金额1500.00/2026-1", "已缴 1500.00(2025.3)",
        "我2026-01-20 13:45缴了138.12元",
        "2025-2026 1606.13元", "户号01000045,2025年", "01000045 2025-2026", "2026年1月20日 13:45:10", "2026-01-20~2026-03-15",
        "2025.3.1-2025.3.15", "¥138.12、¥2000", "１６０６．１３元", "1,000.00+2,000.00=3,000.00",
        "13:45-15:30", "12.1-12.31", "2026.1.20 138.12", "共3笔:1606.13、107.89、15.2", "1606.13-107.89=1498.24",
        "2025-26采暖季", "15、16、17、18、19、20",
    ]) func whatIsHarmlessStays(_ words: String) {
        #expect(text.masked(FreeText.clean(words), of: .customer) == words)
    }

    @Test(arguments: [
        ("我家3号楼2单元501不热", "我家3号楼2单元***不热"), ("501室漏水", "***室漏水"), ("3-2-501", "3-2-***"), ("我叫张小明,家里冷", "我叫***,家里冷"),
        ("a.b+c@example.com", "***"),
        ("邮箱a.b@x.cn、c@y.cn", "邮箱***、***"), ("ab＠example．com谢谢", "***谢谢"), ("@ a@ @b", "@ a@ @b"),
    ]) func placesAndNames(_ words: String, _ masked: String) {
        #expect(text.masked(words, of: .customer) == masked)
    }

    /// What is known licenses no number of a person.
    @Test(arguments: [
        "13812345678", "t13812345678", "tel:138-1234-5678", "+86 13812345678", "bill/2026-138-1234-5678",
        "1a3812345678",
    ]) func knownIsNoLicence(_ known: String) {
        for author in [FreeText.Author.customer, .company] {
            let text = FreeText(known: [known, "1381234", "12345678", "5678"])
            for words in ["13812345678", "138-1234-5678", "1381234 5678", "138 12345678"] {
                #expect(text.masked("我的是\(words)", of: author).contains("****5678"), "\(words)")
            }
        }
        let text = FreeText(known: ["12010119900307888X", "120101199003078883", "12010119900307888"])
        for words in ["12010119900307888X", "120101199003078883", "120101 19900307 8883", "120101-19900307-888x"] {
            #expect(text.masked(words, of: .company).contains("****"), "\(words)")
        }
    }

    @Test func personsNumbersAreFound() {
        for text in [
            "13812345678", "t13812345678", "tel:138-1234-5678", "120101-19900307-8888", "120101199003078883",
            "8613812345678",
            "1_3_8_1_2_3_4_5_6_7_8", "x/99120101199003078883", "120101 19900307 8883", "a-138.1234.5678-b",
        ] { #expect(FreeText.holdsPersonsNumber(text), "\(text)") }
        for text in [
            "", "01000045", "WX20261201000123", "billing.charges/1", "20261201134500123456", "1734567890123456789",
            "2026-12-01T13:45:00", "100000202612010001", "12812345678", "question-7", "agent_12",
        ] { #expect(!FreeText.holdsPersonsNumber(text), "\(text)") }
    }

    /// No text costs more than its length.
    @Test(arguments: ["1", "a.", "a", "@a", "1 ", "1.1-", "138 ", "我叫 ", "1-", "13:45,"]) func longWordsAreRead(
        _ part: String
    ) {
        let text = FreeText(known: ["01000045"])
        let words = String(repeating: part, count: 4000 / part.count)
        for author in [FreeText.Author.customer, .company] {
            let took = processorSeconds { _ = text.masked(words, of: author) }
            #expect(took < 5, "\(part) \(took)")
        }
        let took = processorSeconds { _ = FreeText.holdsPersonsNumber(words) }
        #expect(took < 5, "\(part) \(took)")
    }

    /// Of this thread, whatever else the machine does.
    private func processorSeconds(_ body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let begin = now()
        body()
        return now() - begin
    }

    /// What the company tells keeps its amounts, dates and numbers of orders.
    @Test func whatIsToldStays() {
        for words in ["致电138.1234.5678", "身份证120101,19900101,1234", "我叫王五", "a@example.com"] {
            #expect(text.masked(words, of: .company).contains("*"), "\(words)")
        }
        let told = "应缴2,846.40元,已缴1,000.00元,截止2026-12-31;维修单20261201;来电024 2345 6789"
        #expect(
            text.masked(told, of: .company)
                == "应缴2,846.40元,已缴1,000.00元,截止2026-12-31;维修单20261201;来电024****6789")
    }

    @Test func knownValuesGoInParts() {
        let view = Array(
            "{\"facts\":{\"holder_name\":\"张小明\",\"holder_phones\":[\"13812345678\"],\"holder_id_number\":\"120101199001011234\",\"room\":\"501\",\"community\":\"阳光花园\"}}"
                .utf8)
        let personal = view.withUnsafeBytes { FreeText.personal(in: $0) }
        let text = FreeText(personal: personal)
        for words in ["张 小 明在家", "我是张小明", "张-小-明"] {
            #expect(!text.masked(words, of: .company).contains("小"), "\(words)")
        }
        #expect(text.masked("尾号1234567", of: .company) == "尾号***")
        #expect(text.masked("后六位011234", of: .company) == "后六位***")
        #expect(text.masked("阳光花园缴2501.00元", of: .company) == "阳光花园缴2501.00元")
    }

    @Test func whatHidesIsTakenAway() {
        #expect(FreeText.clean("a\u{0}b\u{1B}c\u{202E}d\u{200B}e\u{FEFF}f\u{85}g\u{2028}h\n") == "a b cdef g\nh")
    }
}

/// What is looked for in places and names, as patterns, beside what goes through the text.
@Suite struct FreeTextPatternTests {
    private static func byPatterns(_ text: String) -> String {
        var words = text.replacing(
            /((?:我叫|本人叫|名叫|户主叫|户主是|姓名是|姓名为|名字是|名字叫|(?:姓名|户主)[:\u{FF1A}])\s*)\p{Han}{2,4}/
        ) { "\($0.output.1)***" }
        words = words.replacing(
            /(号楼|号院|单元|栋|幢|座)([\s\-—－]*)[0-9０-９]{2,5}(?![0-9０-９]*\s*(?:号楼|单元|栋|幢|座|层|楼|门|元|度))/
        ) { "\($0.output.1)\($0.output.2)***" }
        words = words.replacing(/[0-9０-９]{2,5}(\s*(?:室|房号))/) { "***\($0.output.1)" }
        return words.replacing(/(^|[^0-9.])([0-9]{1,3}\s*[\-—－]\s*[0-9]{1,2}\s*[\-—－]\s*)[0-9]{3,4}(?![0-9])/) {
            "\($0.output.1)\($0.output.2)***"
        }
    }

    @Test func whatGoesThroughTheTextFindsWhatThePatternsFind() {
        let parts = [
            "3", "12", "501", "2046", "５", "０１", "号楼", "号院", "单元", "栋", "座", "室", "房号", "房", "元", "度", "层", " ", "\n",
            "-", "—", "－",
            ".", ",", "我叫", "本人叫", "户主", "户主是", "姓名", "名字叫", ":", "：", "王", "小明", "张三丰", "a",
            "不热",
        ]
        var state: UInt64 = 7
        func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
        var changed = 0
        for _ in 0..<4_000 {
            let text = (0..<(2 + roll(14))).map { _ in parts[roll(parts.count)] }.joined()
            let found = FreeText.withoutNamesAndPlaces(Array(text.unicodeScalars))
            let words = String(String.UnicodeScalarView(found))
            #expect(words == Self.byPatterns(text), "\(text)")
            if words != text { changed += 1 }
        }
        #expect(changed > 400)
    }

    /// Two ways to write one letter are the same; a mark over a letter hides no name.
    @Test func lettersAreComposed() {
        let text = FreeText(personal: [.init("Ren\u{E9}e", .name), .init("欧阳小明", .name)])
        #expect(!text.masked("我是Rene\u{301}e", of: .customer).contains("Ren"))
        #expect(!text.masked("欧阳小明\u{301}家", of: .customer).contains("小明"))
    }

    /// A text that needs no cleaning is what the long way makes of it, which a character that is not seen has it take.
    @Test func whatIsCleanStays() {
        let scalars = (1...0xFFFF).compactMap { Unicode.Scalar(UInt32($0)) }
        for scalar in scalars {
            for text in ["好\(scalar)a", "\(scalar)", "\(scalar)好", "好\(scalar)"] {
                let cleaned = FreeText.clean(text)
                #expect(Array(cleaned.unicodeScalars) == Array(FreeText.clean(text + "\u{200B}").unicodeScalars))
            }
        }
    }

    /// Characters of one to four bytes come out as they were.
    @Test func charactersOfEachWidthStay() {
        let words = "a\u{E9}\u{3B1}好\u{20BB7}\u{1F600}12"
        #expect(FreeText().masked(words + "13812345678" + words, of: .customer).hasPrefix("a\u{E9}\u{3B1}好\u{20BB7}\u{1F600}"))
        #expect(Array(FreeText().masked(words, of: .company).utf8) == Array(words.utf8))
    }

    /// Ten digits are no person's number, eleven may be.
    @Test func shortestNumber() {
        #expect(!FreeText.holdsPersonsNumber("1381234567"))
        #expect(FreeText.holdsPersonsNumber("13812345678"))
        #expect(FreeText.holdsPersonsNumber("幺三八-1234-五六七八"))
        #expect(FreeText.holdsPersonsNumber("bill/12010119900307888X"))
    }
}
