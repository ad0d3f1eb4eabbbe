import Records
import Testing

@testable import Mapping

@Suite struct AddressTests {
    @Test(arguments: [
        ("阳光花园3号楼2单元501", "阳光花园", "3", "2", "501"), ("沈阳市和平区阳光花园小区3号楼2单元501室", "沈阳市和平区阳光花园小区", "3", "2", "501"),
        ("3栋2单元501号", "", "3", "2", "501"), ("3幢501户", "", "3", nil, "501"), ("3#2-501", "", "3", "2", "501"),
        ("三号楼东单元501", "", "3", "东", "501"), ("阳光花园十二号楼一单元五〇一室", "阳光花园", "12", "1", "501"),
        ("3-2-501", "", "3", "2", "501"),
        ("3-501", "", "3", nil, "501"), ("１２３－４", "", "123", nil, "4"), ("阳光花园３－２－５０１", "阳光花园", "3", "2", "501"),
        ("阳光花园二期3-2-501", "阳光花园二期", "3", "2", "501"), ("阳光花园小区321 3号楼2单元501", "阳光花园小区321", "3", "2", "501"),
        ("A座1501", "", "A", nil, "1501"), ("3号楼底商", "", "3", nil, "底商"), ("3号楼底商5号", "", "3", nil, "底商5"),
        ("3号楼车库12", "", "3", nil, "车库12"), ("3号楼2单元5层501", "", "3", "2", "501"),
        ("建设路15号阳光花园3号楼2门501", "建设路15号阳光花园", "3", "2", "501"),
        ("3号楼", "", "3", nil, nil), ("3号楼-2-501", "", "3", "2", "501"), ("东3号楼1单元101", "", "东3", "1", "101"),
        ("3–2—501", "", "3", "2", "501"), ("3-东-501", "", "3", "东", "501"),
    ])
    func parts(_ text: String, _ prefix: String, _ building: String, _ unit: String?, _ room: String?) {
        #expect(AddressParser.parse(text) == ParsedAddress(building: building, unit: unit, room: room, prefix: prefix))
    }

    @Test(arguments: [
        "3号楼A座501", "1-3-2-501", "阳光花园", "3号2单元501", "501", "", "阳光花园3楼501", "3号楼2单元501旁边", "3号楼501-1", "2单元501室",
        "3--501", "3-",
        "第3-501",
    ])
    func whatIsAmbiguousIsNotRead(_ text: String) {
        let parsed = AddressParser.parse(text)
        #expect(parsed.building == nil && parsed.unit == nil && parsed.room == nil && parsed.prefix == text)
    }

    @Test(arguments: [
        ("十", "10"), ("十二", "12"), ("二十", "20"), ("二十一", "21"), ("一百零八", "108"), ("五〇一", "501"), ("三", "3"),
    ])
    func numerals(_ text: String, _ digits: String) { #expect(ChineseNumeral.digits(text) == digits) }

    @Test(arguments: ["十十", "百", "三四十", "楼"])
    func whatIsNoNumeral(_ text: String) { #expect(ChineseNumeral.digits(text) == nil) }

    @Test func addressesLeadToPlaces() throws {
        let head = "entity: workOrder\nfrom: a.b\nkey: [id]\n"
        let whole = try MappingPlan(
            Bench.file(head + "account: {address: {column: dz}}\nfields:\n  number: {column: id, as: text}"),
            columns: ["id", "dz"])
        let mapped = whole.map(Bench.batch(["id", "dz"], [["1", "和平区阳光花园3号楼2单元501"], ["2", "说不清"]]))
        let first = mapped.records[0]
        #expect(
            [first.community, first.building, first.unit, first.room].map { mapped.text($0) } == [
                "和平区阳光花园", "3", "2", "501",
            ])
        #expect(mapped.records[1].building.isNone && mapped.records[1].community.isNone)

        let named = try MappingPlan(
            Bench.file(
                head + "account: {address: {community: xq, column: dz}}\nfields: {number: {column: id, as: text}}"),
            columns: ["id", "xq", "dz"])
        let second = named.map(Bench.batch(["id", "xq", "dz"], [["1", "阳光 花园", "3-501"]]))
        #expect(second.text(second.records[0].community) == "阳光花园")
        #expect(second.records[0].unit.isNone)
        #expect(second.text(second.records[0].room) == "501")
    }
}
