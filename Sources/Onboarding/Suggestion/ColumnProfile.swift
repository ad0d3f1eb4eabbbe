import Foundation
import HeatModel

/// What the values of a column look like, as counts. Of the values themselves it keeps only folded ones for comparing.
struct ColumnProfile {
    /// Values that are not nothing.
    var filled = 0
    var rows = 0
    /// Folded value → how often.
    var counts: [String: Int] = [:]
    var accountNumbers = 0
    var digits = 0
    var idNumbers = 0
    var phones = 0
    var dates = 0
    /// Dates with a time that is not midnight.
    var times = 0
    var seasons = 0
    var numbers = 0
    var mostPlaces = 0
    var lowest: ExactDecimal?
    var highest: ExactDecimal?
    var chinese = 0
    var personNames = 0
    var places = 0
    /// Month and day of `11/15/2025`: whether the first or second part is above 12.
    var slashes = 0
    var firstAbove12 = 0
    var secondAbove12 = 0

    static let nothings: Set<String> = ["", "-", "--", "无", "null", "none", "n/a", "na", "空", "\\n", "/"]

    init(_ values: [String?]) {
        rows = values.count
        for value in values {
            guard let value else { continue }
            let text = Lexicon.folded(value)
            if Self.nothings.contains(text) { continue }
            filled += 1
            counts[text, default: 0] += 1
        }
        for (text, count) in counts { look(text, count) }
    }

    /// In thousandths of the values.
    func share(_ part: KeyPath<ColumnProfile, Int>) -> Int {
        filled == 0 ? 0 : self[keyPath: part] * 1_000 / filled
    }

    var distinct: Int { counts.count }
    var isUnique: Bool { filled == rows && distinct * 1_000 >= 985 * rows }
    /// So few values that they may be codes.
    var isFewValued: Bool {
        distinct > 0 && distinct <= 40 && (distinct <= 3 || distinct * 3 <= filled)
            && counts.keys.allSatisfy { $0.count <= 24 }
    }

    /// Whether all its numbers lie between two, given in thousandths.
    func lies(_ bounds: ClosedRange<Int64>) -> Bool {
        guard let lowest, let highest else { return false }
        return lowest.compare(ExactDecimal(units: bounds.lowerBound, places: 3)) >= 0
            && highest.compare(ExactDecimal(units: bounds.upperBound, places: 3)) <= 0
    }

    private mutating func look(_ text: String, _ count: Int) {
        let bytes = Array(text.utf8)
        let isDigits = bytes.allSatisfy { $0 &- 0x30 <= 9 }
        if isDigits { digits += count }
        if isDigits, bytes.count == 8, DateReading(text) == nil { accountNumbers += count }
        if Self.isIDNumber(bytes) { idNumbers += count }
        if Self.isPhones(text) { phones += count }
        if Self.isSeason(bytes) { seasons += count }
        if let date = DateReading(text) {
            dates += count
            if date.hasTime { times += count }
            if let (first, second) = date.slash {
                slashes += count
                if first > 12 { firstAbove12 += count }
                if second > 12 { secondAbove12 += count }
            }
        }
        number(text, count)
        let han = text.unicodeScalars.filter { $0.properties.isIdeographic }.count
        if han > 0, han * 2 >= text.unicodeScalars.count { chinese += count }
        if han == text.unicodeScalars.count, 2...4 ~= han, let first = text.first, Self.surnames.contains(first) {
            personNames += count
        }
        if text.contains("号楼") || text.contains("单元") || text.hasSuffix("室") || text.contains("栋") || text.contains("幢")
        {
            places += count
        }
    }

    private mutating func number(_ text: String, _ count: Int) {
        var body = text
        for unit in ["平方米", "平米", "m2", "m²", "㎡", "元", "℃", "°c", "米", "kwh", "gj", "m3"] where body.hasSuffix(unit) {
            body = String(body.dropLast(unit.count))
            break
        }
        body = body.replacingOccurrences(of: ",", with: "").trimmingCharacters(in: .whitespaces)
        for sign in ["¥", "￥", "$", "+"] where body.hasPrefix(sign) { body = String(body.dropFirst(sign.count)) }
        guard let value = ExactDecimal(body) else {
            // Digits without an end are an id, and a number all the same.
            if !body.isEmpty, body.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) { numbers += count }
            return
        }
        numbers += count
        if let dot = body.firstIndex(of: ".") {
            mostPlaces = max(mostPlaces, body[body.index(after: dot)...].reversed().drop { $0 == "0" }.count)
        }
        if lowest.map({ value.compare($0) < 0 }) ?? true { lowest = value }
        if highest.map({ value.compare($0) > 0 }) ?? true { highest = value }
    }

    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checkDigits = Array("10x98765432".utf8)

    private static func isIDNumber(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 18, bytes.prefix(17).allSatisfy({ $0 &- 0x30 <= 9 }) else { return false }
        let sum = zip(bytes, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
        return checkDigits[sum % 11] == bytes[17]
    }

    private static func isPhones(_ text: String) -> Bool {
        let parts = text.split { "/、,，;； ".contains($0) }
        guard !parts.isEmpty else { return false }
        return parts.allSatisfy { part in
            let digits = part.filter { $0.isNumber }
            let isPlain = part.allSatisfy { $0.isNumber || $0 == "-" || $0 == "+" }
            if digits.count == 11, digits.hasPrefix("1"), isPlain { return true }
            return isPlain && part.contains("-") && digits.hasPrefix("0") && 10...12 ~= digits.count
        }
    }

    private static func isSeason(_ bytes: [UInt8]) -> Bool {
        let digits = bytes.filter { $0 &- 0x30 <= 9 }
        guard digits.count == 8 || digits.count == 6, digits[0] == 0x32, digits[1] == 0x30 else { return false }
        let year = Int(digits[2] - 0x30) * 10 + Int(digits[3] - 0x30)
        let next = Int(digits[digits.count - 2] - 0x30) * 10 + Int(digits[digits.count - 1] - 0x30)
        if digits.count == 8, digits[4] != 0x32 || digits[5] != 0x30 { return false }
        return next == year + 1
    }

    private static let surnames = Set(
        "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊甄曲家封芮储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公"
    )
}

/// A day or moment in one of the ordinary spellings, as far as a column's kind goes; the mapping's own reader has the last word.
struct DateReading {
    var hasTime = false
    /// The first two parts of `11/15/2025`.
    var slash: (Int, Int)?

    init?(_ text: String) {
        let digits = text.split { !$0.isNumber }.map { Array($0.utf8.filter { $0 &- 0x30 <= 9 }) }
        guard let first = digits.first, first.count == text.split(whereSeparator: { !$0.isNumber }).first?.utf8.count
        else {
            return nil
        }
        func value(_ part: [UInt8]) -> Int { part.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        let letters = text.filter { $0.isLetter && !"年月日时分秒tzt上下午ampm".contains($0) }
        if !letters.isEmpty { return nil }
        if digits.count == 1 {
            guard first.count == 8 || first.count == 14, text.utf8.count == first.count else { return nil }
            let (year, month, day) = (
                value(Array(first[0..<4])), value(Array(first[4..<6])), value(Array(first[6..<8]))
            )
            guard 1900...2100 ~= year, 1...12 ~= month, 1...31 ~= day else { return nil }
            hasTime = first.count == 14 && value(Array(first[8...])) != 0
            return
        }
        guard digits.count >= 3 else { return nil }
        if first.count == 4 {
            guard 1900...2100 ~= value(first) || value(first) == 0, value(digits[1]) <= 12, value(digits[2]) <= 31
            else {
                return nil
            }
        } else if digits[2].count == 4, text.contains("/") || text.contains("-") || text.contains(".") {
            let (one, two) = (value(first), value(digits[1]))
            guard 1...31 ~= one, 1...31 ~= two, min(one, two) <= 12, 1900...2100 ~= value(digits[2]) else { return nil }
            slash = (one, two)
        } else {
            return nil
        }
        if digits.count > 3 {
            hasTime = digits.dropFirst(3).prefix(3).contains { value($0) != 0 }
        }
    }
}
