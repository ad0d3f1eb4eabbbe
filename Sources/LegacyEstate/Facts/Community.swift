/// A housing estate (小区): ten buildings of sixty rooms, all of one layout.
struct Community: Sendable {
    static let accountsPerBuilding = 60
    static let accountsPerCommunity = 600

    let index: Int
    let name: String
    let district: String
    let station: String
    let networkNumber: String
    let units: Int
    let floors: Int
    let roomsPerFloor: Int
    private let meteredPhase: Int
    private let splitPhase: Int
    /// Floor area of a typical flat, 0.001 ㎡.
    let typicalArea: Int64

    init(index: Int, options: EstateOptions, tariff: CityTariff) {
        var random = SplitMix64(seed: options.seed, subject: .community, index: index)
        self.index = index
        // A step that shares no factor with the number of pairs visits each pair once before any name returns.
        let pairs = Self.heads.count * Self.tails.count
        let pair = (index * 611 + Int(SplitMix64.mix(options.seed) % UInt64(pairs))) % pairs
        let phase = index / pairs
        name =
            Self.heads[pair / Self.tails.count] + Self.tails[pair % Self.tails.count]
            + (phase == 0 ? "" : "\(phase + 1)期")
        district = random.pick(tariff.districts)
        station = "HRZ" + Digits.padded(index / 4 + 1, 4)
        networkNumber = "GW-" + Digits.padded(index / 4 + 1, 4) + "-" + Digits.padded(index % 4 + 1, 2)
        let layouts = [(5, 6, 2), (3, 10, 2), (2, 15, 2), (2, 10, 3), (4, 5, 3), (1, 15, 4), (1, 30, 2)]
        // The smallest estate is one community and must still have buildings of several units.
        (units, floors, roomsPerFloor) = layouts[random.below(index == 0 ? 2 : layouts.count)]
        splitPhase = random.below(5)
        meteredPhase = random.below(3)
        typicalArea = Int64(random.within(62...128)) * 1000
    }

    /// Heat meters stand in the flats of this building.
    func isMetered(building: Int) -> Bool { (building + meteredPhase) % 3 == 0 }

    /// Billed by two lines, inner and shared area, where the city charges the building area.
    func splitsSharedArea(building: Int) -> Bool { (building + splitPhase) % 5 == 0 }

    /// Where the account with this position in the community lives.
    func position(_ offset: Int) -> (building: Int, unit: Int, floor: Int, room: Int) {
        let building = offset / Self.accountsPerBuilding
        let inBuilding = offset % Self.accountsPerBuilding
        let perUnit = floors * roomsPerFloor
        let inUnit = inBuilding % perUnit
        let floor = inUnit / roomsPerFloor + 1
        return (building + 1, inBuilding / perUnit + 1, floor, floor * 100 + inUnit % roomsPerFloor + 1)
    }

    /// 東 ends in the byte of `|` in GB18030, 誠 in that of `\`, 㛃 takes four bytes.
    private static let heads = [
        "阳光", "翠湖", "锦绣", "金穗", "滨河", "和顺", "康宁", "紫薇", "玉泉", "朝霞", "東昇", "誠信", "云杉", "桃源", "银杏", "枫林",
        "海棠", "丹桂", "清泉", "听雨", "望岳", "松涛", "竹韵", "梅苑", "荷塘", "春晖", "秋实", "暖阳", "福泽", "安居", "嘉禾", "盛景",
        "天润", "博雅", "文澜", "书香", "观澜", "龙栖", "凤鸣", "星汇",
    ]
    private static let tails = [
        "花园", "家园", "新村", "里", "公寓", "苑", "小区", "华庭", "雅居", "名邸", "嘉园", "东里", "西里", "南里", "北里", "府邸",
        "新城", "广场", "庭院", "水岸", "绿洲", "人家", "春天", "佳苑", "丽景", "豪庭", "国际", "一村", "二村", "三村", "大院", "胡同",
        "半岛", "山庄", "别苑", "馨苑", "景园", "世家", "印象", "郡", "湾", "城", "台", "轩", "阁",
    ]
}
