import HeatModel
import Testing

@testable import JSONText

@Suite struct ByteNamesTests {
    private func find<Name>(_ text: String, _ names: CaseNames<Name>) -> Name? {
        Array(text.utf8).withUnsafeBytes { names[$0] }
    }

    @Test func everyNameIsFoundAndNothingElse() {
        func check<Name: RawRepresentable<String> & CaseIterable & Sendable & Equatable>(_ type: Name.Type) {
            let names = CaseNames<Name>()
            for name in Name.allCases {
                #expect(find(name.rawValue, names) == name)
                #expect(find(name.rawValue + "x", names) == Name(rawValue: name.rawValue + "x"))
                #expect(
                    find(String(name.rawValue.dropLast()), names) == Name(rawValue: String(name.rawValue.dropLast())))
                let turned = String(name.rawValue.reversed())
                #expect(find(turned, names) == Name(rawValue: turned))
            }
            #expect(find("", names) == nil)
        }
        check(AccountFacts.Key.self)
        check(Charge.Key.self)
        check(Payment.Key.self)
        check(MeterReading.Key.self)
        check(AccountFacts.Class.self)
        check(Charge.Item.self)
    }
}
