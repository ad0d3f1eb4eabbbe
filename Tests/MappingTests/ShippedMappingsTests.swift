import ConfigurationFiles
import Foundation
import HeatModel
import Mapping
import Testing

/// The mapping files that ship with Hearth are valid, and compile against the columns that they name.
@Suite struct ShippedMappingsTests {
    @Test func everyFileCompiles() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let directory = repository.appending(path: "Mappings").path()
        let set: MappingSet
        do {
            set = try MappingSet.load(directory: directory)
        } catch let error as ConfigurationErrors {
            Issue.record("\(error)")
            return
        }
        #expect(!set.files.isEmpty)
        for file in set.files.values { _ = try MappingPlan(file, columns: file.referencedColumns) }
    }
}
