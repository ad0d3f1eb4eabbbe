public import HeatModel

/// A group of peers in figures none of which is one household's alone.
///
/// The median of an even number of households is the mean of the two in the middle; for an odd number the mean of the three in the
/// middle stands for it, and their median bill is rounded to the 元.
public struct CohortStatistics: Sendable, Hashable {
    /// How the median bill is published.
    public enum Publication: Int64, Sendable {
        case medianMean = 0
        case roundedToYuan = 1

        public var name: String { self == .medianMean ? "median_mean" : "rounded_to_yuan" }
    }

    public var households: Int
    /// Fen: sum of all bills, and the largest. For the privacy floor only; neither is ever published.
    public var total: Int64
    public var largest: Int64
    /// The median bill as it may be published.
    public var bill: Fen
    public var publication: Publication
    /// Median areas in ㎡ and height in m, to two places; nil where no household's is known.
    public var building: ExactDecimal?
    public var inner: ExactDecimal?
    public var usable: ExactDecimal?
    public var billing: ExactDecimal?
    public var height: ExactDecimal?
    /// Median heat a ㎡, by the area that it is divided by; nil where nothing is measured.
    public var intensity: [CohortMember.Measure: ExactDecimal] = [:]
    public var isGigajoule: Bool
    /// What most households have; the smaller code on a tie.
    public var tariff: String
    /// Whether most households have shared area as a line of its own.
    public var splitsSharedArea: Bool

    /// Nil for no members.
    public init?(_ members: [CohortMember]) {
        if members.isEmpty { return nil }
        households = members.count
        var bills = members.map(\.bill)
        total = bills.reduce(0, +)
        largest = bills.max() ?? 0
        bills.sort()
        let middle = bills.count / 2
        if bills.count % 2 == 0 {
            bill = Fen(Self.divide(bills[middle - 1] + bills[middle], by: 2))
            publication = .medianMean
        } else {
            bill = Fen(Self.divide(bills[middle], by: 100) * 100)
            publication = .roundedToYuan
        }
        func measure(_ measure: CohortMember.Measure) -> ExactDecimal? {
            Self.middle(members.map { $0.measures[measure.rawValue] }.filter { $0 >= 0 }, step: 10).map {
                ExactDecimal(units: $0 / 10, places: 2)
            }
        }
        building = measure(.building)
        inner = measure(.inner)
        usable = measure(.usable)
        billing = measure(.billing)
        height = measure(.height)
        let measured = members.filter { $0.consumption >= 0 }
        let gigajoules = measured.count { $0.isGigajoule }
        isGigajoule = gigajoules * 2 > measured.count
        let comparable = isGigajoule ? measured.filter(\.isGigajoule) : measured.filter { !$0.isGigajoule }
        // 68.00 kWh/㎡, 0.2400 GJ/㎡
        let places: UInt8 = isGigajoule ? 4 : 2
        for area in [CohortMember.Measure.building, .inner, .usable, .billing] {
            let values = comparable.compactMap { member -> Int64? in
                let area = member.measures[area.rawValue]
                return area > 0 ? member.consumption * 1_000_000 / area : nil
            }
            let step = isGigajoule ? Int64(100) : 10_000
            if let value = Self.middle(values, step: step) {
                intensity[area] = ExactDecimal(units: value / step, places: places)
            }
        }
        splitsSharedArea = members.count { $0.splitsSharedArea } * 2 > members.count
        var codes: [[UInt8]: Int] = [:]
        for member in members { codes[member.tariff, default: 0] += 1 }
        let most = codes.min { ($1.value, $0.key.sortable) < ($0.value, $1.key.sortable) }
        tariff = String(decoding: most?.key ?? [], as: UTF8.self)
    }

    /// The middle of some values, rounded to a step; nil for none.
    private static func middle(_ values: [Int64], step: Int64) -> Int64? {
        if values.isEmpty { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        let (sum, count): (Int64, Int64) =
            if sorted.count % 2 == 0 {
                (sorted[middle - 1] + sorted[middle], 2)
            } else if sorted.count == 1 {
                (sorted[0], 1)
            } else {
                (sorted[middle - 1] + sorted[middle] + sorted[middle + 1], 3)
            }
        return divide(sum, by: count * step) * step
    }

    private static func divide(_ value: Int64, by divisor: Int64) -> Int64 {
        Int64(ExactDecimal.divide(Int128(value), by: Int128(divisor), .halfUp))
    }

    /// The middle area of a kind, to two places.
    public func area(_ measure: CohortMember.Measure) -> ExactDecimal? {
        switch measure {
        case .building: building
        case .inner: inner
        case .usable: usable
        case .billing: billing
        case .height: height
        }
    }
}

extension [UInt8] {
    fileprivate var sortable: String { String(decoding: self, as: UTF8.self) }
}

// MARK: As bytes

extension CohortStatistics {
    private static let version: Int64 = 1

    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for value in [Self.version, Int64(households), total, largest, bill.amount, publication.rawValue] {
            Varint.append(value, to: &bytes)
        }
        for value in [building, inner, usable, billing, height] { Varint.append(value?.units ?? -1, to: &bytes) }
        for area in [CohortMember.Measure.building, .inner, .usable, .billing] {
            Varint.append(intensity[area]?.units ?? -1, to: &bytes)
        }
        Varint.append((isGigajoule ? 1 : 0) + (splitsSharedArea ? 2 : 0), to: &bytes)
        bytes.append(contentsOf: tariff.utf8)
        return bytes
    }

    /// Nil where the bytes are not such statistics.
    public init?(encoded bytes: [UInt8]) {
        let read: Self? = bytes.withUnsafeBytes { bytes in
            var position = 0
            var values: [Int64] = []
            for _ in 0..<16 {
                guard let value = Varint.read(bytes, &position) else { return nil }
                values.append(value)
            }
            guard values[0] == Self.version, let publication = Publication(rawValue: values[5]) else { return nil }
            return Self(values, publication, String(decoding: bytes[position...], as: UTF8.self))
        }
        guard let read else { return nil }
        self = read
    }

    private init(_ values: [Int64], _ publication: Publication, _ tariff: String) {
        households = Int(values[1])
        total = values[2]
        largest = values[3]
        bill = Fen(values[4])
        self.publication = publication
        func area(_ value: Int64) -> ExactDecimal? { value < 0 ? nil : ExactDecimal(units: value, places: 2) }
        building = area(values[6])
        inner = area(values[7])
        usable = area(values[8])
        billing = area(values[9])
        height = area(values[10])
        isGigajoule = values[15] & 1 != 0
        splitsSharedArea = values[15] & 2 != 0
        self.tariff = tariff
        let places: UInt8 = isGigajoule ? 4 : 2
        for (offset, area) in [CohortMember.Measure.building, .inner, .usable, .billing].enumerated()
        where values[11 + offset] >= 0 {
            intensity[area] = ExactDecimal(units: values[11 + offset], places: places)
        }
    }
}
