import Foundation
import HeatModel
import Store

/// Sorts findings by their keys, whatever their number: what does not fit into memory goes to files beside the output.
struct FindingSpool {
    private let ruleIDs: [String]
    private let folder: String
    private let most: Int
    private var held: [(key: [UInt8], finding: Finding)] = []
    private var files: [String] = []
    private(set) var count = 0

    init(ruleIDs: [String], folder: String, most: Int = 100_000) {
        self.ruleIDs = ruleIDs
        self.folder = folder
        self.most = most
    }

    mutating func append(_ finding: Finding) throws {
        held.append((finding.key(ruleIDs[finding.rule]), finding))
        count += 1
        if held.count >= most { try spill() }
    }

    private mutating func sort() { held.sort { $0.key.lexicographicallyPrecedes($1.key) } }

    private mutating func spill() throws {
        sort()
        let path = "\(folder)/.findings-\(files.count).part"
        var writer = try ByteFile(writing: path)
        files.append(path)
        for entry in held { FindingCode.write(entry.key, entry.finding, to: &writer) }
        try writer.close()
        held.removeAll(keepingCapacity: true)
    }

    /// Calls back with each finding in the order of the keys; of equal keys only the first.
    mutating func forEach(_ body: ([UInt8], Finding) throws -> Void) throws {
        if files.isEmpty {
            sort()
            var last: [UInt8]?
            for entry in held where entry.key != last {
                try body(entry.key, entry.finding)
                last = entry.key
            }
            return
        }
        if !held.isEmpty { try spill() }
        var readers = try files.map { try ByteReader($0) }
        var heads = try readers.indices.map { try FindingCode.read(&readers[$0]) }
        var last: [UInt8]?
        while true {
            var least = -1
            for index in heads.indices {
                guard let head = heads[index] else { continue }
                if least < 0 || head.key.lexicographicallyPrecedes(heads[least]!.key) { least = index }
            }
            guard least >= 0, let head = heads[least] else { return }
            if head.key != last { try body(head.key, head.finding) }
            last = head.key
            heads[least] = try FindingCode.read(&readers[least])
        }
    }

    func clear() { for file in files { try? FileManager.default.removeItem(atPath: file) } }
}

/// Findings as bytes: numbers of eight bytes and texts with their length.
private enum FindingCode {
    static func write(_ key: [UInt8], _ finding: Finding, to file: inout ByteFile) {
        file.write(key)
        file.write(Int64(finding.rule))
        file.write(finding.money)
        for text in [
            finding.account, finding.season, finding.subject, finding.community, finding.found, finding.expected,
            finding.detail,
        ] { file.write(Array(text.utf8)) }
        file.write(Int64(finding.evidence.count))
        for item in finding.evidence {
            file.write(Int64(item.stream))
            file.write(item.key)
            file.write(item.position?.run.number ?? -1)
            if let position = item.position {
                file.write(Array(position.origin.utf8))
                file.write(position.ordinal)
            }
        }
    }

    static func read(_ file: inout ByteReader) throws -> (key: [UInt8], finding: Finding)? {
        guard let key = try file.bytes() else { return nil }
        var finding = Finding(rule: Int(try file.number()))
        finding.money = try file.number()
        finding.account = try file.text()
        finding.season = try file.text()
        finding.subject = try file.text()
        finding.community = try file.text()
        finding.found = try file.text()
        finding.expected = try file.text()
        finding.detail = try file.text()
        for _ in 0..<(try file.number()) {
            var item = Finding.Evidence(stream: Int(try file.number()), key: try file.bytes() ?? [])
            let run = try file.number()
            if run >= 0 {
                let origin = try file.text()
                item.position = RecordPosition(run: RunID(run), origin: origin, ordinal: try file.number())
            }
            finding.evidence.append(item)
        }
        return (key, finding)
    }
}
