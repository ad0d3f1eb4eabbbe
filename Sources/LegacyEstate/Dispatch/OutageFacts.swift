import HeatModel

/// An interruption of supply as the dispatch system states it.
struct OutageFacts: Sendable {
    var ordinal: Int
    /// `计划检修` or `故障抢修`.
    var kind: String
    var state: String
    /// One of station, community, and building of a community.
    var station: String?
    var community: String?
    var building: String?
    var cause: String
    var begins: LocalTime
    var expectedEnd: LocalTime?
    var ended: LocalTime?
    var updatedAt: LocalTime

    var id: String { Self.id(ordinal) }
    static func id(_ ordinal: Int) -> String { "TG" + Digits.padded(30_000_001 + ordinal, 9) }

    static let planned = "计划检修"
    static let unplanned = "故障抢修"
}

extension Estate {
    private var communityCount: Int {
        (options.accounts + Community.accountsPerCommunity - 1) / Community.accountsPerCommunity
    }

    /// Number of outages: seven in the first community's buildings and station, one in each fifth of the others.
    package var outageCount: Int { 7 + (communityCount - 1) / 5 }

    /// The first are one of each kind; on the first day at noon 0 and 3 are present, 2 is ahead, 4 is past its expected end.
    func outage(_ ordinal: Int) -> OutageFacts {
        let today = LocalTime(options.today)
        func hours(_ hours: Int, _ minutes: Int = 0) -> LocalTime { today.adding(seconds: hours * 3600 + minutes * 60) }
        let first = community(0)
        func make(
            _ kind: String, _ state: String, building: Int?, _ cause: String, _ begins: LocalTime,
            expected: LocalTime?, ended: LocalTime? = nil
        ) -> OutageFacts {
            OutageFacts(
                ordinal: ordinal, kind: kind, state: state, station: nil, community: first.name,
                building: building.map { "\($0)号楼" }, cause: cause, begins: begins, expectedEnd: expected,
                ended: ended, updatedAt: ended ?? (begins < hours(9) ? begins : hours(9)))
        }
        switch ordinal {
        case 0: return make(OutageFacts.unplanned, "停供中", building: 2, "单元立管漏水抢修", hours(6, 30), expected: hours(14))
        case 1:
            return make(
                OutageFacts.planned, "已恢复", building: nil, "二次管网清洗", hours(-135), expected: hours(-127),
                ended: hours(-128, 20))
        case 2: return make(OutageFacts.planned, "已公告", building: 3, "更换入楼阀门", hours(33), expected: hours(39))
        case 3: return make(OutageFacts.unplanned, "停供中", building: 4, "换热站水泵故障", hours(8, 10), expected: nil)
        case 4: return make(OutageFacts.unplanned, "停供中", building: 5, "入楼管道漏水", hours(-4), expected: hours(0, -30))
        case 5:
            var outage = make(
                OutageFacts.planned, "已恢复", building: nil, "换热站年检", hours(-480), expected: hours(-474),
                ended: hours(-475))
            (outage.station, outage.community) = (first.station, nil)
            return outage
        case 6: return make(OutageFacts.planned, "已取消", building: 1, "供水压力调试", hours(3), expected: hours(5))
        default:
            let place = community((ordinal - 6) * 5 * Community.accountsPerCommunity)
            var outage = make(
                OutageFacts.unplanned, "已恢复", building: 1 + ordinal % 10, "阀门井渗水", hours(-72 - ordinal % 300),
                expected: nil, ended: hours(-66 - ordinal % 300))
            outage.community = place.name
            return outage
        }
    }

    func append(_ outage: OutageFacts, to xml: inout XMLText) {
        xml.markup("<d:Outage")
        xml.attribute("id", outage.id)
        xml.markup(">")
        xml.element("Kind", outage.kind)
        xml.element("State", outage.state)
        xml.element("Station", outage.station)
        xml.element("Community", outage.community)
        xml.element("Building", outage.building)
        xml.element("Cause", outage.cause)
        xml.element("BeginTime", outage.begins)
        xml.element("ExpectedEndTime", outage.expectedEnd)
        xml.element("EndTime", outage.ended)
        xml.element("UpdatedAt", outage.updatedAt)
        xml.markup("</d:Outage>\n")
    }
}
