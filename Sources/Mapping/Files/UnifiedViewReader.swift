import ConfigurationFiles
import Crypto
import HeatModel
import Records
import Yams

/// Reads `unified.yaml` against the mapping files beside it.
struct UnifiedViewReader {
    private var reader: ConfigurationReader
    private let files: [StreamName: MappingFile]
    /// Streams whose files have problems of their own: what they fill is not known.
    private let broken: Set<StreamName>

    init(path: String, files: [StreamName: MappingFile], broken: Set<StreamName>) {
        reader = ConfigurationReader(path: path)
        self.files = files
        self.broken = broken
    }

    var problems: [HearthError] { reader.problems }

    mutating func read() -> UnifiedView? {
        guard let (bytes, root) = reader.load(), let top = reader.section(root, "the unified view") else { return nil }
        reader.expect(top, only: ["facts", "lists"], in: "the unified view")
        let facts = top["facts"].map { readFacts($0) } ?? []
        let lists = top["lists"].map { readLists($0) } ?? []
        return UnifiedView(facts: facts, lists: lists, version: Hexadecimal.text(SHA256.hash(data: bytes)))
    }

    private mutating func readFacts(_ node: Node) -> [UnifiedView.Fact] {
        guard let section = reader.section(node, "facts") else { return [] }
        let fields = EntityKind.account.fields
        var facts: [String: UnifiedView.Fact] = [:]
        for entry in section.entries {
            guard let field = fields.first(where: { $0.name == entry.name }) else {
                reader.report(
                    .configUnknownField, "an account has no fact \"\(entry.name)\"", at: entry.key,
                    advice: NearestName.advice(entry.name, among: fields.map(\.name)))
                continue
            }
            guard let fact = reader.section(entry.value, "fact \"\(entry.name)\"") else { continue }
            reader.expect(fact, only: ["from", "tolerance"], in: "fact \"\(entry.name)\"")
            let from = readStreams(fact["from"], entry) { file, reader, item in
                guard file.entity == .account || file.entity == .premises else {
                    reader.report(
                        .configBadValue, "\(item.text) maps a \(file.entity.rawValue), not an account", at: item.node)
                    return
                }
                if !file.filledFields.contains(field) {
                    reader.report(
                        .configUnknownField, "the mapping of \(item.text) does not fill \(field.name)", at: item.node)
                }
            }
            facts[field.name] = UnifiedView.Fact(
                field: field, from: from, tolerance: readTolerance(fact["tolerance"], field))
        }
        return fields.compactMap { facts[$0.name] }
    }

    private mutating func readTolerance(_ node: Node?, _ field: FieldDefinition) -> ExactDecimal? {
        guard let node, let text = reader.text(node, "tolerance") else { return nil }
        guard case .decimal(let places) = field.type else {
            reader.report(
                .configUnknownKey, "tolerance means nothing for \(field.name), which is no number", at: node)
            return nil
        }
        if let value = ExactDecimal(text)?.exactly(places: places), value.units >= 0 { return value }
        reader.report(
            .configBadValue, "\"\(text)\" is no tolerance: write a decimal of up to \(places) places", at: node)
        return nil
    }

    private mutating func readLists(_ node: Node) -> [UnifiedView.List] {
        guard let section = reader.section(node, "lists") else { return [] }
        var lists: [UnifiedView.List] = []
        for entry in section.entries {
            guard let list = reader.section(entry.value, "list \"\(entry.name)\"") else { continue }
            reader.expect(list, only: ["from", "order"], in: "list \"\(entry.name)\"")
            var entities: Set<EntityKind> = []
            let from = readStreams(list["from"], entry) { file, reader, item in
                if !file.entity.belongsToAccount {
                    reader.report(.configBadValue, "a \(file.entity.rawValue) belongs to no account", at: item.node)
                }
                entities.insert(file.entity)
            }
            var order: [String] = []
            for item in list["order"].flatMap({ reader.list($0, "order") }) ?? [] {
                let kinds = EntityKind.allCases.filter { entities.contains($0) }
                let fields = kinds.first?.fields ?? []
                if let field = fields.first(where: { $0.name == item.text }) {
                    order.append(field.jsonKey)
                } else if !fields.isEmpty {
                    reader.report(
                        .configUnknownField, "a \(kinds[0].rawValue) has no field \"\(item.text)\"", at: item.node,
                        advice: NearestName.advice(item.text, among: fields.map(\.name)))
                }
            }
            if entities.count > 1 {
                reader.report(.configBadValue, "list \"\(entry.name)\" mixes entities", at: entry.key)
            }
            lists.append(UnifiedView.List(name: entry.name, from: from, order: order))
        }
        return lists
    }

    private mutating func readStreams(
        _ node: Node?, _ entry: Section.Entry,
        check: (MappingFile, inout ConfigurationReader, (text: String, node: Node)) -> Void
    ) -> [StreamName] {
        guard let node else {
            reader.report(.configMissingKey, "\"\(entry.name)\" needs \"from\"", at: entry.key)
            return []
        }
        var streams: [StreamName] = []
        for item in reader.list(node, "from") ?? [] {
            guard let stream = StreamName(item.text) else {
                reader.report(.configBadValue, "\"\(item.text)\" is not source.stream", at: item.node)
                continue
            }
            if streams.contains(stream) {
                reader.report(.configBadValue, "\(item.text) stands twice", at: item.node)
                continue
            }
            if let file = files[stream] {
                check(file, &reader, item)
            } else if !broken.contains(stream) {
                reader.report(
                    .configUnknownStream, "there is no mapping file of \(item.text)", at: item.node,
                    advice: NearestName.advice(item.text, among: files.keys.map(\.description).sorted()))
            }
            streams.append(stream)
        }
        return streams
    }
}
