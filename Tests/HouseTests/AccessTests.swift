import Testing

/// Hearth is a program: its rooms are for each other, and for nobody outside of this package.
@Suite struct AccessTests {
    /// Rooms that stand below every loop over rows. The optimizer takes a function into another room only where it is public.
    private static let ground = [
        "HeatModel", "JSONText", "Records", "Disclosure", "Store", "Mapping", "AccountView", "Billing",
    ]

    @Test func onlyTheGroundFloorIsPublic() throws {
        let modifier = /(?:^|[\s(])public\s+(?:\w|@)/
        var seen = 0
        for file in try House.sources() where !Self.ground.contains(where: { file.path.hasPrefix("Sources/\($0)/") }) {
            seen += 1
            for (number, line) in file.lines.enumerated() {
                let text = line.drop { $0 == " " }
                if text.hasPrefix("//") { continue }
                // What stands in a text is no declaration.
                let declaration = text.prefix { $0 != "\"" }
                #expect(declaration.firstMatch(of: modifier) == nil, "\(file.path):\(number + 1)")
            }
        }
        #expect(seen > 300)
    }
}
