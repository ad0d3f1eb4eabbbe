import HeatModel

/// Someone who does not exist: the region of the ID number (99…) was never assigned and no phone number starts with 100.
struct Person: Sendable {
    var name: String
    var phones: [String]
    /// 18 characters with a right check digit, or 15 digits as issued before 1999; empty for a business.
    var idNumber: String
    var isElderly: Bool

    init(seed: UInt64, index: Int, isBusiness: Bool, community: Community, year: Int) {
        var random = SplitMix64(seed: seed, subject: .person, index: index)
        if isBusiness {
            name = community.name + random.pick(Self.trades)
            idNumber = ""
            isElderly = false
        } else {
            name = random.pick(Self.surnames) + random.pick(Self.givenNames)
            if random.chance(550) { name += random.pick(Self.givenNames) }
            let birth = CivilDate(dayNumber: Int32(random.within(-14_600...12_700)))
            isElderly = year - birth.components.year >= 70
            idNumber = Self.idNumber(birth: birth, random: &random)
        }
        phones = ["100" + Digits.padded(random.below(100_000_000), 8)]
        if random.chance(180) { phones.append("100" + Digits.padded(random.below(100_000_000), 8)) }
        if random.chance(60) { phones.append("022-99" + Digits.padded(random.below(1_000_000), 6)) }
    }

    private static func idNumber(birth: CivilDate, random: inout SplitMix64) -> String {
        let (year, month, day) = birth.components
        let region = "9901" + Digits.padded(random.within(1...12), 2)
        let serial = Digits.padded(random.below(1000), 3)
        let monthAndDay = Digits.padded(month, 2) + Digits.padded(day, 2)
        if year < 1965, random.chance(40) { return region + Digits.padded(year % 100, 2) + monthAndDay + serial }
        let body = region + String(year) + monthAndDay + serial
        let check = checkDigit(body)
        return body + (check == "X" && random.chance(300) ? "x" : check)
    }

    /// The eighteenth character of an ID number after GB 11643-1999.
    static func checkDigit(_ seventeen: String) -> String {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        var sum = 0
        for (digit, weight) in zip(seventeen.utf8, weights) { sum += Int(digit - 0x30) * weight }
        return ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
    }

    private static let surnames = [
        "张", "王", "李", "赵", "刘", "陈", "杨", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋",
        "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "欧阳", "上官", "司徒", "诸葛", "東方",
    ]
    /// 瑋 and 珅 end in the byte of `|` in GB18030, 誠, 瀄 and 玕 in that of `\`; 㛃, 𬍛 and 𬭎 take four bytes.
    private static let givenNames = [
        "伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "桂", "兰", "建", "国",
        "文", "华", "玉", "梅", "春", "秋", "冬", "雪", "晨", "宇", "航", "欣", "怡", "嘉", "诚", "信", "博", "远", "瑋", "珅", "誠", "瀄",
        "玕", "璟", "喆", "曌", "㛃", "𬍛", "𬭎", "垚", "玥", "琎",
    ]
    private static let trades = ["便利店", "理发店", "药房", "面馆", "水果行", "图文社", "干洗店", "幼儿园", "诊所", "五金行"]
}
