package import HeatModel

/// A city's heating tariff as the estate's billing system applies it. Prices in 元 with 3 places, heights in m with 3 places.
///
/// The figures are of the kind that cities publish, good enough for fixtures. What a city does not state stays nil, and
/// the estate then charges nothing for it.
package struct CityTariff: Sendable {
    /// Which area of the premises is charged.
    package enum Basis: String, Sendable { case building, inner, usable }

    /// A charge per ㎡ and a charge for the heat used, in the unit in which the city publishes it.
    package struct TwoPart: Sendable {
        package var base: ExactDecimal
        package var heat: ExactDecimal
        /// `kWh` or `GJ`.
        package var unit: String
        /// Where the city publishes the price of heat in kWh, too: 元/kWh.
        package var heatByKilowattHour: ExactDecimal?

        /// The published prices of heat, kWh before GJ.
        var prices: [(unit: String, heat: ExactDecimal)] {
            (heatByKilowattHour.map { [("kWh", $0)] } ?? []) + [(unit, heat)]
        }
    }

    /// So many percent of the area price for each step of ceiling height above the threshold.
    package struct HeightSurcharge: Sendable {
        package var threshold: ExactDecimal
        package var step: ExactDecimal
        package var percent: Int
        /// Whether a step that is only begun counts in full.
        package var countsStartedStep: Bool
        package var appliesToResidents: Bool
    }

    package var city: City
    /// Two capital letters used in tariff codes: `TJ`.
    package var code: String
    /// The city in Chinese: `天津市`.
    package var name: String
    package var districts: [String]
    package var residentBasis: Basis
    package var unitBasis: Basis
    package var residentPrice: ExactDecimal
    package var unitPrice: ExactDecimal
    package var residentTwoPart: TwoPart?
    package var unitTwoPart: TwoPart?
    /// Price of purely metered heat (kWh) for units; the estate's own, where the city has a two-part tariff.
    package var meteredPrice: ExactDecimal?
    /// A metered bill of a closed season is at most so many percent of the area fee.
    package var capPercent: Int?
    package var height: HeightSurcharge?
    /// Share of the area fee still due while supply is suspended, in ‰.
    package var suspensionPermille: Int
    /// Month and day by which a season must be paid, in the year in which the season starts.
    package var due: (month: Int, day: Int)
    /// Late fee in ‰ a day.
    package var lateFeePermille: Int
    /// Months before the season with a discount for payment in full, in ‰.
    package var earlyPayment: [(month: Int, permille: Int)]
    /// First and last month and day of the season.
    package var start: (month: Int, day: Int)
    package var end: (month: Int, day: Int)

    /// The tariff of a city.
    package init(_ city: City) {
        func milli(_ units: Int64) -> ExactDecimal { ExactDecimal(units: units, places: 3) }
        self.city = city
        residentBasis = .building
        unitBasis = .building
        suspensionPermille = 0
        due = (12, 31)
        lateFeePermille = 0
        earlyPayment = []
        start = (11, 15)
        end = (3, 15)
        switch city {
        case .beijing:
            (code, name) = ("BJ", "北京市")
            districts = ["东昇区", "西苑区", "南池区", "北辰山区"]
            (residentPrice, unitPrice) = (milli(24_000), milli(45_000))
            residentTwoPart = TwoPart(
                base: milli(12_000), heat: milli(44_450), unit: "GJ", heatByKilowattHour: milli(160))
            unitTwoPart = TwoPart(base: milli(18_000), heat: milli(160), unit: "kWh")
            meteredPrice = milli(320)
            suspensionPermille = 300
        case .tianjin:
            (code, name) = ("TJ", "天津市")
            districts = ["海河区", "津东区", "津西区", "新港区"]
            (residentPrice, unitPrice) = (milli(25_000), milli(40_000))
            residentTwoPart = TwoPart(base: milli(7_500), heat: milli(130), unit: "kWh")
            unitTwoPart = residentTwoPart
            meteredPrice = milli(260)
            suspensionPermille = 200
            lateFeePermille = 2
            earlyPayment = [(6, 30), (7, 20), (8, 20), (9, 10)]
        case .jinan:
            (code, name) = ("JN", "济南市")
            districts = ["泉城区", "历山区", "千佛区", "明湖区"]
            residentBasis = .inner
            (residentPrice, unitPrice) = (milli(26_700), milli(39_800))
            residentTwoPart = TwoPart(base: milli(8_010), heat: milli(200), unit: "kWh")
            unitTwoPart = TwoPart(base: milli(11_940), heat: milli(300), unit: "kWh")
            meteredPrice = milli(400)
            capPercent = 110
            due = (11, 15)
        case .harbin:
            (code, name) = ("HB", "哈尔滨市")
            districts = ["松江区", "冰城区", "江北新区", "太阳区"]
            (residentBasis, unitBasis) = (.usable, .usable)
            (residentPrice, unitPrice) = (milli(38_320), milli(43_300))
            residentTwoPart = TwoPart(base: milli(16_540), heat: milli(44_410), unit: "GJ")
            unitTwoPart = residentTwoPart
            meteredPrice = milli(320)
            capPercent = 100
            height = HeightSurcharge(
                threshold: milli(3_200), step: milli(100), percent: 3, countsStartedStep: false,
                appliesToResidents: false)
            start = (10, 20)
            end = (4, 20)
        case .shenyang:
            (code, name) = ("SY", "沈阳市")
            districts = ["浑河区", "沈中区", "铁岭新区", "辉山区"]
            (residentPrice, unitPrice) = (milli(26_000), milli(32_000))
            height = HeightSurcharge(
                threshold: milli(3_500), step: milli(300), percent: 10, countsStartedStep: true,
                appliesToResidents: true)
            start = (11, 1)
            end = (3, 31)
        }
    }

    /// Percent added to the area price for a ceiling height; 0 where the city has no such rule for the class.
    package func heightPercent(height value: ExactDecimal, isUnit: Bool) -> Int {
        guard let height, isUnit || height.appliesToResidents, let metres = value.exactly(places: 3),
            metres.units > height.threshold.units
        else { return 0 }
        let above = metres.units - height.threshold.units
        let step = height.step.units
        return Int(height.countsStartedStep ? (above + step - 1) / step : above / step) * height.percent
    }

    /// Whether the city gives money back for a room that a visit found too cold.
    var refundsColdRooms: Bool { city == .beijing || city == .jinan || city == .harbin }

    /// 元 a ㎡ and season by area, as 0.001 元.
    func areaPrice(isUnit: Bool) -> Int64 { (isUnit ? unitPrice : residentPrice).units }

    func twoPart(isUnit: Bool) -> TwoPart? { isUnit ? unitTwoPart : residentTwoPart }

    func basis(isUnit: Bool) -> Basis { isUnit ? unitBasis : residentBasis }

    /// Quantity with 3 places times price with 3 places, in fen, half a fen rounded up: the rule of every line of the estate.
    package static func amount(quantity: ExactDecimal, price: ExactDecimal) -> Fen {
        let scale = ExactDecimal.powersOfTen[Int(quantity.places) + Int(price.places)]
        return Fen(
            Int64(ExactDecimal.divide(Int128(quantity.units) * Int128(price.units) * 100, by: Int128(scale), .halfUp)))
    }

    /// The same with both factors in thousandths; neither is negative.
    static func amount(milli quantity: Int64, price: Int64) -> Int64 { (quantity * price + 5_000) / 10_000 }

    /// Of a part of the season; nil for all of it.
    static func amount(milli quantity: Int64, price: Int64, for part: Part?) -> Int64 {
        guard let part, part.days != part.of else { return amount(milli: quantity, price: price) }
        let whole = 10_000 * Int64(part.of)
        return (quantity * price * Int64(part.days) + whole / 2) / whole
    }
}
