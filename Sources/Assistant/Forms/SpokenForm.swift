/// A text as it is said aloud: numbers, money, dates and times in words, long numbers digit by digit, no symbol.
///
///     还应缴 1,846.40 元 → 还应缴一千八百四十六元四角
enum SpokenForm {
    static func of(_ text: String) -> String {
        var reader = Reader(Array(text.unicodeScalars))
        return reader.read()
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var index = 0
        var out = String.UnicodeScalarView()

        init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

        mutating func read() -> String {
            while index < scalars.count {
                let scalar = scalars[index]
                if isDigit(index) {
                    number()
                } else if isLetter(index) {
                    word()
                } else {
                    symbol(scalar)
                }
            }
            return tidy(String(out))
        }

        private func at(_ position: Int) -> Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }
        private func isDigit(_ position: Int) -> Bool { at(position).map { $0.value &- 0x30 <= 9 } ?? false }
        private func isLetter(_ position: Int) -> Bool {
            at(position).map { $0.value < 0x80 && ($0.value | 0x20) &- 0x61 < 26 } ?? false
        }

        private func digits(from position: Int, exactly count: Int) -> String? {
            guard (0..<count).allSatisfy({ isDigit(position + $0) }) else { return nil }
            return String(String.UnicodeScalarView(scalars[position..<position + count]))
        }

        private mutating func say(_ words: String) { out.append(contentsOf: words.unicodeScalars) }

        // MARK: Numbers

        private mutating func number() {
            if date() || season() || time() || fraction() { return }
            amount()
        }

        /// 2025-12-31, and 14:05 behind it.
        private mutating func date() -> Bool {
            guard let year = digits(from: index, exactly: 4), at(index + 4) == "-",
                let month = digits(from: index + 5, exactly: 2), at(index + 7) == "-",
                let day = digits(from: index + 8, exactly: 2), !isDigit(index + 10)
            else { return false }
            say("\(Said.digits(year))年\(Said.whole(Int64(month) ?? 0))月\(Said.whole(Int64(day) ?? 0))日")
            index += 10
            if at(index) == "T" || at(index) == " ", isDigit(index + 1), at(index + 3) == ":" {
                index += 1
                _ = time()
            }
            return true
        }

        /// 2025-2026采暖期
        private mutating func season() -> Bool {
            guard let from = digits(from: index, exactly: 4), at(index + 4) == "-",
                let to = digits(from: index + 5, exactly: 4), !isDigit(index + 9),
                Int(from).map({ $0 + 1 }) == Int(to)
            else { return false }
            say("\(Said.digits(from))到\(Said.digits(to))年")
            index += 9
            while at(index) == " " { index += 1 }
            return true
        }

        /// 8:30, 14:05:20
        private mutating func time() -> Bool {
            let width = isDigit(index + 1) ? 2 : 1
            guard let hour = digits(from: index, exactly: width), at(index + width) == ":",
                let minute = digits(from: index + width + 1, exactly: 2), !isDigit(index + width + 3),
                let hours = Int64(hour), let minutes = Int64(minute), hours <= 24, minutes < 60
            else { return false }
            let said = minutes == 0 ? "整" : (minutes < 10 ? "零" : "") + Said.whole(minutes) + "分"
            say("\(Said.whole(hours))点\(said)")
            index += width + 3
            if at(index) == ":", digits(from: index + 1, exactly: 2) != nil { index += 3 }
            if at(index) == "+", digits(from: index + 1, exactly: 2) != nil, at(index + 3) == ":" { index += 6 }
            range()
            return true
        }

        /// 15/121 天
        private mutating func fraction() -> Bool {
            var end = index
            while isDigit(end) { end += 1 }
            guard end - index <= 4, at(end) == "/", isDigit(end + 1) else { return false }
            var last = end + 1
            while isDigit(last) { last += 1 }
            guard last - end <= 5,
                let above = Int64(String(String.UnicodeScalarView(scalars[index..<end]))),
                let below = Int64(String(String.UnicodeScalarView(scalars[(end + 1)..<last])))
            else { return false }
            say("\(Said.whole(below))分之\(Said.whole(above))")
            index = last
            return true
        }

        private mutating func amount() {
            var whole = ""
            var hasGroups = false
            while true {
                if isDigit(index) {
                    whole.unicodeScalars.append(scalars[index])
                    index += 1
                } else if at(index) == ",", digits(from: index + 1, exactly: 3) != nil, !isDigit(index + 4),
                    !whole.isEmpty
                {
                    hasGroups = true
                    index += 1
                } else {
                    break
                }
            }
            var decimals = ""
            if at(index) == ".", isDigit(index + 1) {
                index += 1
                while isDigit(index) {
                    decimals.unicodeScalars.append(scalars[index])
                    index += 1
                }
            }
            var next = index
            while at(next) == " " { next += 1 }
            let unit = at(next)
            if unit == "元", at(next + 1) != "/", decimals.count <= 2, whole.count <= 12 {
                index = next + 1
                return say(Said.money(whole, decimals))
            }
            let isPercent = unit == "%" || unit == "％"
            if isPercent || unit == "‰" {
                index = next + 1
                return say((isPercent ? "百分之" : "千分之") + Said.decimal(whole, decimals))
            }
            // Without a unit or groups a long number is a name: of an account, a telephone, an order.
            if decimals.isEmpty, !hasGroups,
                whole.count >= 5 || (whole.count > 1 && whole.hasPrefix("0")) || isLetter(index)
            {
                say(Said.code(whole))
                return
            }
            say(Said.decimal(whole, decimals))
            if unit != nil, next > index, unit.map({ $0.value > 0x7F }) == true { index = next }
            range()
        }

        /// 13-14, 8:30–17:00
        private mutating func range() {
            guard at(index) == "-" || at(index) == "–" || at(index) == "~" || at(index) == "～", isDigit(index + 1)
            else { return }
            index += 1
            say("到")
        }

        // MARK: Words and symbols

        private static let units = [
            "kwh": "千瓦时", "gj": "吉焦", "mwh": "兆瓦时", "km": "公里", "m": "米", "id": "身份证", "app": "手机应用",
        ]

        private mutating func word() {
            let start = index
            while isLetter(index) { index += 1 }
            let text = String(String.UnicodeScalarView(scalars[start..<index]))
            if text.lowercased().hasPrefix("http"), at(index) == ":" {
                while let scalar = at(index), scalar.value > 0x20, scalar.value < 0x7F { index += 1 }
                return
            }
            if isDigit(index) {
                // A number with letters in front of it, such as an order's.
                say(text.uppercased().map(String.init).joined())
                while isDigit(index) || isLetter(index) {
                    say(
                        isDigit(index)
                            ? Said.code(String(Character(scalars[index]))) : String(Character(scalars[index])))
                    index += 1
                }
                return
            }
            say(Self.units[text.lowercased()] ?? text)
        }

        private static func isPause(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "，", "。", "？", "！", "、", "；": true
            default: false
            }
        }

        private static let said: [Unicode.Scalar: String] = [
            "℃": "度", "㎡": "平方米", "×": "乘以", "÷": "除以", "=": "等于", "+": "加", "%": "", ",": "，", ";": "；", "?": "？",
            "!": "！", ":": "，", "：": "，", "(": "，", "（": "，", ")": "，", "）": "，", "\n": "。", "—": "，", "/": "每",
            "~": "到",
            "～": "到", ".": "",
        ]

        private mutating func symbol(_ scalar: Unicode.Scalar) {
            index += 1
            let isHan = (0x3400...0x9FFF).contains(scalar.value) || scalar.value == 0x3007 || scalar.value >= 0x20000
            if isHan { return out.append(scalar) }
            if scalar == "-" || scalar == "−", isDigit(index), !(index >= 2 && isDigit(index - 2)) { return say("负") }
            if let words = Self.said[scalar] { return say(words) }
            if Self.isPause(scalar) { out.append(scalar) }
        }

        /// No two pauses in a row, none at the beginning.
        private func tidy(_ text: String) -> String {
            var out = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                guard Self.isPause(scalar) else {
                    out.append(scalar)
                    continue
                }
                guard let last = out.last else { continue }
                if Self.isPause(last) {
                    // The stronger pause stays.
                    if "。？！".unicodeScalars.contains(scalar), !"。？！".unicodeScalars.contains(last) {
                        out.removeLast()
                        out.append(scalar)
                    }
                } else {
                    out.append(scalar)
                }
            }
            if let last = out.last, last == "，" || last == "、" || last == "；" {
                out.removeLast()
                out.append("。")
            }
            return String(out)
        }
    }
}

/// Numbers in Chinese words.
enum Said {
    private static let names = Array("零一二三四五六七八九")

    /// Each digit by itself, as years are said.
    static func digits(_ text: String) -> String {
        String(text.compactMap { $0.wholeNumberValue.map { names[$0] } })
    }

    /// Each digit by itself, as numbers of accounts and telephones are said.
    static func code(_ text: String) -> String {
        String(text.compactMap { $0.wholeNumberValue.map { $0 == 1 ? "幺" : names[$0] } })
    }

    static func whole(_ number: Int64) -> String {
        if number < 0 { return "负" + whole(-number) }
        if number < 10 { return String(names[Int(number)]) }
        var text = ""
        var needsZero = false
        func put(_ value: Int64, _ unit: String, below: Int64, least: Int64) {
            if value > 0 {
                if needsZero { text += "零" }
                text += (value < 10 ? String(names[Int(value)]) : whole(value)) + unit
                needsZero = below > 0 && below < least
            }
        }
        put(number / 100_000_000, "亿", below: number % 100_000_000, least: 10_000_000)
        let tenThousands = number % 100_000_000
        put(tenThousands / 10_000, "万", below: tenThousands % 10_000, least: 1000)
        let rest = tenThousands % 10_000
        put(rest / 1000, "千", below: rest % 1000, least: 100)
        put(rest % 1000 / 100, "百", below: rest % 100, least: 10)
        let tens = rest % 100
        // 十五, and 一百一十五.
        if tens / 10 == 1, text.isEmpty {
            text += "十"
            needsZero = false
        } else {
            put(tens / 10, "十", below: 0, least: 0)
        }
        put(tens % 10, "", below: 0, least: 0)
        return text
    }

    /// `1846`, `40` → 一千八百四十六元四角
    static func money(_ whole: String, _ decimals: String) -> String {
        let padded = (decimals + "00").prefix(2)
        let yuan = Int64(whole) ?? 0
        let fen = Int64(padded) ?? 0
        if yuan == 0, fen > 0 { return cents(fen) }
        if fen == 0 { return Said.whole(yuan) + "元" }
        return Said.whole(yuan) + "元" + (fen < 10 ? "零" : "") + cents(fen)
    }

    private static func cents(_ fen: Int64) -> String {
        (fen / 10 > 0 ? String(names[Int(fen / 10)]) + "角" : "")
            + (fen % 10 > 0 ? String(names[Int(fen % 10)]) + "分" : "")
    }

    /// `19`, `20` → 十九点二
    static func decimal(_ whole: String, _ decimals: String) -> String {
        var part = decimals
        while part.hasSuffix("0") { part.removeLast() }
        let integer = Int64(whole).map { Said.whole($0) } ?? code(whole)
        return part.isEmpty ? integer : integer + "点" + digits(part)
    }
}
