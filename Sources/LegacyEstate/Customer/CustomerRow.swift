import HeatModel

/// A row of the customer system's drop, as text, before quoting.
struct CustomerRow {
    static let header = [
        "用户编号", "姓名", "联系电话", "身份证号", "城区", "小区", "楼号", "单元", "楼层", "房号", "建筑面积", "套内面积", "公摊面积",
        "层高", "用户类型", "换热站", "管网编号", "供热状态", "老人", "低保", "建档日期", "更新时间", "备注",
    ]

    var fields: [String]

    enum Column: Int {
        case number = 0
        case name = 1
        case phones = 2
        case idNumber = 3
        case buildingArea = 10
        case updatedAt = 21
        case remark = 22
    }

    subscript(_ column: Column) -> String {
        get { fields[column.rawValue] }
        set { fields[column.rawValue] = newValue }
    }

    init(_ account: AccountFacts, estate: Estate) {
        var random = SplitMix64(seed: estate.options.seed, subject: .spelling, index: account.index)
        let building = account.building
        let buildingText = random.pick([
            "\(building)号楼", "\(building)#", "\(Digits.chinese(building))号楼", "\(building)栋", "\(building)幢",
            Digits.fullWidth("\(building)") + "号楼", "\(building)",
        ])
        let unitText = random.pick([
            "\(account.unit)单元", "\(Digits.chinese(account.unit))单元", "\(account.unit)",
            Digits.fullWidth("\(account.unit)") + "单元",
        ])
        let roomText = random.pick([
            "\(account.room)", "\(account.room)", "\(account.room)室", "\(account.room)号",
            Digits.fullWidth("\(account.room)"),
        ])
        let phones = account.phones.joined(separator: random.pick(["/", "、", ","]))
        let number = random.chance(20) ? Digits.fullWidth(account.number) : account.number
        let isGone = account.isGone
        let suspension = account.suspension(season: 1)
        let state = isGone ? "拆网" : suspension.map { $0.isPartial ? "部分报停" : "报停" } ?? "正常"
        let area = Self.area(account.buildingArea, &random)
        let inner = random.chance(40) ? random.pick(["", "-", "无"]) : Self.area(account.innerArea, &random)
        let shared = inner.utf8.count < 4 ? "无" : Self.area(account.sharedArea, &random)
        var opened: [UInt8] = []
        opened.append(date: account.openedOn, style: random.below(6))
        let day = estate.options.today.adding(days: -3 - account.index % 400)
        let updated = LocalTime(day, second: random.within(28_000...65_000))
        var remark = ""
        if random.chance(20) { remark = random.pick(["用户称\"楼上漏水\",已回访", "两行\n备注", "新装\"地暖\",\n待验收", "誠瀄|\\备注"]) }
        fields = [
            number, account.holderName, random.chance(25) ? Digits.fullWidth(phones) : phones,
            account.idNumber.isEmpty ? random.pick(["", "-", "无"]) : account.idNumber, account.district,
            account.communityName,
            buildingText, unitText, String(account.floor), roomText, area, inner, shared,
            random.chance(100) ? "-" : account.ceilingHeight.rounded(places: 2, .halfUp)?.description ?? "",
            account.isUnit ? random.pick(["单位", "非居民"]) : "居民", account.station, account.networkNumber, state,
            account.isElderly ? "是" : random.pick(["否", ""]), account.isLowIncome ? "是" : "否",
            String(decoding: opened, as: UTF8.self), updated.text, remark,
        ]
    }

    /// An area with or without its unit, in half or full width, with no more places than it needs.
    private static func area(_ value: ExactDecimal, _ random: inout SplitMix64) -> String {
        let text = (value.exactly(places: 2) ?? value).description
        switch random.below(20) {
        case 0: return text + "㎡"
        case 1: return text + "m2"
        case 2: return text + "平方米"
        case 3: return Digits.fullWidth(text)
        default: return text
        }
    }

    /// Appends the row as RFC 4180 has it, without the end of line. `fieldCount` cuts it short.
    func append(to bytes: inout [UInt8], fieldCount: Int? = nil) {
        for (index, field) in fields.prefix(fieldCount ?? fields.count).enumerated() {
            if index > 0 { bytes.append(0x2C) }
            let needsQuotes = field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
            if !needsQuotes {
                bytes.append(field)
                continue
            }
            bytes.append(0x22)
            for byte in field.utf8 {
                if byte == 0x22 { bytes.append(0x22) }
                bytes.append(byte)
            }
            bytes.append(0x22)
        }
    }
}
