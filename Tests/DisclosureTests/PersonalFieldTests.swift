import Disclosure
import HeatModel
import JSONText
import Testing

@Suite struct PersonalFieldTests {
    /// A text that is not here is personal: each of these was looked at and found to say nothing of a person.
    private let harmless: Set<String> = [
        "tariff", "city", "company", "station", "network_number", "community", "building", "unit", "floor",
        "heat_source",
        "season", "number", "serial", "invoice_number", "meter", "place", "work_order", "crew", "cause",
    ]

    @Test func everyTextIsPersonalThatIsNotKnownToBeHarmless() {
        var found: Set<String> = []
        for field in EntityKind.allCases.flatMap(\.fields) where field.type == .text || field.type == .textList {
            #expect(field.isPersonal != harmless.contains(field.jsonKey), "\(field.name)")
            found.insert(field.jsonKey)
        }
        #expect(found.isSuperset(of: harmless), "\(harmless.subtracting(found))")
    }

    /// The form of a document goes by keys alone, so a key must mean the same in every entity.
    @Test func aKeyIsPersonalEverywhereOrNowhere() {
        for fields in Dictionary(grouping: EntityKind.allCases.flatMap(\.fields), by: \.jsonKey).values {
            #expect(Set(fields.map(\.isPersonal)).count == 1, "\(fields[0].jsonKey)")
            #expect(fields.allSatisfy { ($0.mask == nil) != $0.isPersonal })
        }
        #expect(PersonalField.all.count <= 64, "a set of personal fields holds 64")
    }

    @Test func aKeyThatNoFieldHasIsMaskedWhole() {
        #expect(PersonalField.mask(ofKey: "bank_account")?.text("6222020200112233445") == "***")
        #expect(PersonalField.mask(ofKey: "due_fen") == nil && PersonalField.mask(ofKey: "community") == nil)
        #expect(PersonalField.keys(of: ["room", "holder.name", "community", "nothing"]) == ["holder_name", "room"])
    }

    /// The text face and the JSON face are one rule.
    @Test(arguments: [
        ("holder_name", "张小明", "张*明"), ("holder_name", "张明", "张*"), ("holder_name", "张", "*"), ("holder_name", "", ""),
        ("technician", "王师傅", "王*傅"), ("actor", "a\"b\nc", "a***c"), ("holder_name", "😀二😀", "😀*😀"),
        ("phone", "13812345678", "138****5678"), ("phone", "02412345", "0******5"), ("room", "501", "***"),
        ("address", "阳光小区3号楼2单元501室", "***"), ("result", "换阀", "***"), ("room", "", ""),
    ])
    func bothFacesAgree(_ key: String, _ text: String, _ masked: String) throws {
        #expect(try #require(PersonalField.mask(ofKey: key)).text(text) == masked)
        let document = JSONObject.make { $0.text("key", text) }
        let json = Array(String(decoding: document, as: UTF8.self).replacing("\"key\"", with: "\"\(key)\"").utf8)
        let formed = Array(ViewForm(isUnmasked: false).text(json).utf8)
        var name = key
        let value = formed.withUnsafeBytes { bytes in
            name.withUTF8 { JSONMembers.value(of: UnsafeRawBufferPointer($0), in: bytes)?.jsonText }
        }
        #expect(value == masked)
        let list = JSONObject.make { $0.texts("key", [text, text]) }
        let shown = list.withUnsafeBytes { bytes in
            JSONMembers.value(of: "key", in: bytes).map { PersonalField.mask(ofKey: key)?.text(ofJSON: $0) }
        }
        #expect(shown == "\(masked), \(masked)")
    }
}
