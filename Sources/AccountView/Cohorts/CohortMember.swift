import HeatModel
import JSONText

/// What one account's bill of one season says to the statistics of its peers: figures, and nothing about who it is.
public struct CohortMember: Sendable, Hashable {
    /// `CohortKind.number`
    public var kind: Int64
    /// The season's lines without late fees, fen.
    public var bill: Int64
    /// ㎡ and m in thousandths; −1 where not known. The order is ``Measure``'s.
    public var measures: [Int64]
    /// In thousandths of kWh or GJ; −1 where nothing was measured.
    public var consumption: Int64
    public var isGigajoule: Bool
    /// Whether shared area is a line of its own.
    public var splitsSharedArea: Bool
    /// Billing's code of the tariff, UTF-8.
    public var tariff: [UInt8]

    public enum Measure: Int, Sendable, CaseIterable {
        case building = 0
        case inner = 1
        case usable = 2
        case billing = 3
        case height = 4
    }

    init(
        kind: Int64, bill: Int64, measures: [Int64], consumption: Int64, isGigajoule: Bool, splitsSharedArea: Bool,
        tariff: [UInt8]
    ) {
        self.kind = kind
        self.bill = bill
        self.measures = measures
        self.consumption = consumption
        self.isGigajoule = isGigajoule
        self.splitsSharedArea = splitsSharedArea
        self.tariff = tariff
    }

    public func append(to bytes: inout [UInt8]) {
        Varint.append(kind, to: &bytes)
        Varint.append(bill, to: &bytes)
        for measure in measures { Varint.append(measure, to: &bytes) }
        Varint.append(consumption, to: &bytes)
        bytes.append((isGigajoule ? 1 : 0) | (splitsSharedArea ? 2 : 0))
        let code = tariff.prefix(255)
        bytes.append(UInt8(code.count))
        bytes.append(contentsOf: code)
    }

    /// Members one behind the other, as ``append(to:)`` wrote them.
    public static func forEach(in bytes: UnsafeRawBufferPointer, _ body: (CohortMember) -> Void) {
        var position = 0
        while position < bytes.count {
            guard let member = CohortMember(bytes, &position) else { return }
            body(member)
        }
    }

    private init?(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        guard let kind = Varint.read(bytes, &position), let bill = Varint.read(bytes, &position) else { return nil }
        var measures: [Int64] = []
        measures.reserveCapacity(Measure.allCases.count)
        for _ in 0..<5 {
            guard let measure = Varint.read(bytes, &position) else { return nil }
            measures.append(measure)
        }
        guard let consumption = Varint.read(bytes, &position), position + 1 < bytes.count else { return nil }
        let flags = bytes[position]
        let count = Int(bytes[position + 1])
        position += 2
        guard position + count <= bytes.count else { return nil }
        tariff = Array(bytes.part(position..<position + count))
        position += count
        self.kind = kind
        self.bill = bill
        self.measures = measures
        self.consumption = consumption
        isGigajoule = flags & 1 != 0
        splitsSharedArea = flags & 2 != 0
    }
}
