import ConfigurationFiles
import Foundation
import HeatModel
import Yams

/// `offices.yaml`: where the company's offices are. Without the file, or with an empty list, customers are told the telephone.
struct OfficeFile {
    var reader: ConfigurationReader
    let company: Company

    mutating func read() -> [Office] {
        guard FileManager.default.fileExists(atPath: reader.path),
            let (_, root) = reader.load(), let top = reader.section(root, "the file")
        else { return [] }
        reader.expect(top, only: ["offices"], in: "the file")
        guard let node = top["offices"] else {
            reader.report(.configMissingKey, "\"offices\" is missing, a list that may be empty", at: top.place)
            return []
        }
        guard case .sequence(let list) = node else {
            reader.report(.configBadValue, "\"offices\" must be a list", at: node)
            return []
        }
        return list.compactMap { reader.section($0, "an office") }.compactMap { office($0) }
    }

    private mutating func office(_ section: Section) -> Office? {
        reader.expect(section, only: ["name", "address", "hours", "phone"], in: "an office")
        guard let name = reader.required("name", in: section, of: "an office"),
            let address = reader.required("address", in: section, of: "an office")
        else { return nil }
        return Office(
            name: name, address: address,
            hours: reader.text(of: "hours", in: section) ?? company.values["office_hours"] ?? "",
            phone: reader.text(of: "phone", in: section))
    }
}
