import ConfigurationFiles
import Foundation
import HeatModel
import Records
import Testing

@testable import Mapping

/// Writes mapping files into a directory of its own and maps rows of text with them.
struct Bench {
    /// Loads a mapping from text; the file is gone afterwards.
    static func file(_ yaml: String) throws -> MappingFile {
        try withDirectory(["a.b.yaml": yaml]) { try MappingFile.load(path: "\($0)/a.b.yaml") }
    }

    /// The problems of a mapping's text, as `line:column code message`.
    static func problems(_ yaml: String) throws -> [String] {
        do {
            _ = try file(yaml)
            return []
        } catch let error as ConfigurationErrors {
            return error.errors.map { problem in
                guard case .file(_, let line, let column)? = problem.place else { return "?" }
                return "\(line):\(column) \(problem.code) \(problem.message)"
                    + (problem.advice.map { " — \($0)" } ?? "")
            }
        }
    }

    static func withDirectory<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "mapping-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for (name, text) in files { try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8) }
        return try body(directory)
    }

    static func batch(_ columns: [String], _ rows: [[String?]]) -> RawBatch {
        var batch = RawBatch(columns: columns, origin: Origin(kind: .table, name: "t", isSnapshot: true))
        for (index, row) in rows.enumerated() {
            for value in row {
                guard let value else {
                    batch.fields.append(.none)
                    continue
                }
                batch.fields.append(ByteRange(offset: UInt32(batch.bytes.count), length: Int32(value.utf8.count)))
                batch.bytes += Array(value.utf8)
            }
            batch.ordinals.append(Int64(index + 1))
        }
        return batch
    }

    /// Converts one value by one rule: `ok:` and the canonical JSON, `null`, or the code of the reject.
    static func convert(_ value: String?, entity: String, field: String, _ rule: String, file extra: String = "") throws
        -> String
    {
        let yaml = """
            entity: \(entity)
            from: a.b
            key: [id]
            \(entity == "season" ? "" : "account: {column: id}")
            \(extra)
            fields:
              \(field): {column: v, \(rule)}
            """
        let plan = try MappingPlan(file(yaml), columns: ["id", "v"])
        let result = plan.map(batch(["id", "v"], [["1", value]]))
        #expect(result.records.count + result.rejects.count == 1)
        if let reject = result.rejects.first { return reject.code.name }
        let body = try #require(result.text(result.records[0].body))
        if body == "{}" { return result.warnings > 0 ? "warned" : "null" }
        let colon = try #require(body.firstIndex(of: ":"))
        return "ok:" + body[body.index(after: colon)...].dropLast()
    }

    static func convert(_ value: String?, _ conversion: String, _ options: String = "", file extra: String = "") throws
        -> String
    {
        let place: (String, String) =
            switch conversion {
            case "date": ("charge", "dueOn")
            case "instant": ("charge", "issuedAt")
            case "boolean": ("charge", "voided")
            case "tenths": ("roomTemperature", "celsius")
            case "integer": ("workOrder", "technicianDistance")
            case "phones": ("account", "holder.phones")
            case "code": ("charge", "status")
            case _ where conversion.hasPrefix("decimal"): ("charge", "quantity")
            case _ where conversion.hasPrefix("money"): ("charge", "due")
            default: ("charge", "remark")
            }
        return try convert(
            value, entity: place.0, field: place.1, "as: \(conversion)" + (options.isEmpty ? "" : ", \(options)"),
            file: extra)
    }
}
