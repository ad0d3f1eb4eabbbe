import Foundation
import Testing

/// An error's code is a static member of `HearthError.Code`, so that a typing error does not compile.
@Suite struct ErrorCodeTests {
    @Test func codesAreMadeOnlyWhereTheyAreDefined() throws {
        let literal = /(?:\.init|\bCode)\(\s*"[a-z]+\.[A-Za-z0-9]+"\s*\)|\.code\??\.name\s*[!=]=\s*"/
        // The seeded company is no part of Hearth, and shares no codes with it.
        for file in try House.sources()
        where file.name != "ErrorCodes.swift" && !file.path.hasPrefix("Sources/LegacyEstate/") {
            for (number, line) in file.lines.enumerated() {
                #expect(line.firstMatch(of: literal) == nil, "\(file.path):\(number + 1)")
            }
        }
    }

    @Test func eachCodeIsDefinedOnce() throws {
        var places: [String: String] = [:]
        for file in try House.sources() where file.name == "ErrorCodes.swift" {
            for line in file.lines {
                guard let code = line.firstMatch(of: /= Self\("(.+)"\)/)?.1 else { continue }
                #expect(places.updateValue(file.path, forKey: String(code)) == nil, "\(code)")
            }
        }
        #expect(places.count > 50)
    }
}
