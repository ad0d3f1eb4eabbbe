import Billing
import ConfigurationFiles
import Foundation
import HeatModel
import Testing

/// The repository's folder.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The tariffs that are shipped.
let shipped = Result { try TariffBook.load(directory: repository.appendingPathComponent("Config/tariffs").path) }

/// The tariffs of other cities, which only the tests need.
let variants = Result {
    try TariffBook.load(directory: repository.appendingPathComponent("Tests/BillingTests/Tariffs").path)
}

/// A book of one file with these lines.
func book(_ text: String) throws -> TariffBook {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tariffs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(text.utf8).write(to: folder.appendingPathComponent("city.yaml"))
    return try TariffBook.load(directory: folder.path)
}

/// A file of one city with one version and these rules.
func oneCity(_ rules: String, season: String = "season: {start: 11-15, end: 03-15}") throws -> TariffBook {
    try book(
        """
        city: A
        common:
          source: a notice
          area: building
          \(season)
          price: {amount: 24}
        versions:
          - id: all
            seasons: ..
        \(rules.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
        """)
}

func exact(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? ExactDecimal(units: .min, places: 0) }
func day(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(dayNumber: 0) }

/// A household billed by area.
func household(_ city: String, area: String, season: String = "2025-2026") -> BillingCase {
    var subject = BillingCase()
    subject.city = city
    subject.season = season
    subject.class = .resident
    subject.method = .byArea
    subject.areas.building = exact(area)
    subject.areas.inner = exact(area)
    subject.areas.usable = exact(area)
    subject.areas.ceilingHeight = exact("2.8")
    return subject
}
