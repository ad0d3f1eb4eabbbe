import Foundation
import HeatModel
package import Records

/// Reads samples of streams and suggests mappings.
package struct Suggester {
    private let samples: [StreamSample]
    private let lexicon = Lexicon.shipped
    private let profiles: [[ColumnProfile]]
    private let names: [[[ColumnName]]]
    private let codeTables: [String: [CodeReading.Table]]

    /// - Parameter samples: of all streams that are known, also of those that already have a mapping: values that streams have in
    ///   common tell which columns belong together.
    package init(_ samples: [StreamSample]) {
        self.samples = samples
        profiles = samples.map { sample in sample.columns.indices.map { ColumnProfile(sample.values($0)) } }
        let vocabulary = lexicon.vocabulary
        names = samples.map { sample in
            let first = sample.columns.map { ColumnName.pieces($0).first ?? "" }
            let prefix = Set(first).count == 1 && sample.columns.count > 2 ? first.first : nil
            return sample.columns.map { column in
                [ColumnName(column, sharedPrefix: prefix, vocabulary: vocabulary)]
                    + (sample.comments[column].map { [ColumnName($0, vocabulary: vocabulary)] } ?? [])
            }
        }
        var tables: [String: [CodeReading.Table]] = [:]
        for (sample, profiles) in zip(samples, profiles) {
            if let table = CodeReading.Table(sample, profiles) { tables[sample.name.source, default: []].append(table) }
        }
        codeTables = tables
    }

    private struct Read {
        var index: Int
        var reading: EntityReading
        var rival: EntityReading?
    }

    /// - Parameters:
    ///   - wanted: suggestions for these only; all if none is named.
    ///   - masterIsKnown: another stream, already mapped, brings accounts in.
    package func suggest(only wanted: [StreamName] = [], masterIsKnown: Bool = false) -> SuggestionSet {
        var reads: [Read] = []
        var unread: [(stream: StreamName, why: String)] = []
        for index in samples.indices {
            switch read(index) {
            case .success(let read): reads.append(read)
            case .failure(let why): unread.append((samples[index].name, why.text))
            }
        }
        reads = withoutCopies(reads, &unread)
        let master = masterIsKnown ? nil : self.master(reads)
        let numbers = Numbers(reads.map { ($0.index, $0.reading) }, samples, profiles, master: master?.index)
        var made: [Suggestion] = []
        for read in reads where wanted.isEmpty || wanted.contains(samples[read.index].name) {
            let sample = samples[read.index]
            let maker = SuggestionMaker(
                sample: sample, profiles: profiles[read.index], reading: read.reading, rival: read.rival,
                numbers: numbers, index: read.index, isMaster: read.index == master?.index,
                codeTables: codeTables[sample.name.source] ?? [], lexicon: lexicon)
            made.append(maker.make())
        }
        unread = unread.filter { wanted.isEmpty || wanted.contains($0.stream) }
        return SuggestionSet(suggestions: made, unread: unread, unified: UnifiedText(made).text)
    }

    private struct Why: Error { var text: String }

    private func read(_ index: Int) -> Result<Read, Why> {
        let sample = samples[index]
        if sample.rowCount == 0 { return .failure(Why(text: "no rows came: nothing can be told")) }
        if codeTables[sample.name.source]?.contains(where: { $0.stream == sample.name.description }) == true,
            sample.columns.count <= 5
        {
            return .failure(Why(text: "a table of codes"))
        }
        let table = [ColumnName(Self.bare(sample.name.stream), vocabulary: lexicon.vocabulary)]
        let readings = EntityKind.allCases.map { kind in
            EntityReading(kind, names: names[index], profiles: profiles[index], table: table, lexicon: lexicon)
        }
        let whole = readings.enumerated().filter { $0.element.isWhole }.sorted {
            ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
        }.map(\.element)
        guard let best = whole.first, best.score > 1_200 else {
            let near = readings.max { $0.score < $1.score }
            return .failure(Why(text: "it fits no entity\(near.map { " (nearest: \($0.kind.rawValue))" } ?? "")"))
        }
        // Account and premises have the same fields: which of the two is a matter of who is the master.
        let facts: Set<EntityKind> = [.account, .premises]
        let rival = whole.dropFirst().first { !(facts.contains($0.kind) && facts.contains(best.kind)) }
        return .success(Read(index: index, reading: best, rival: rival))
    }

    /// `public.sf_yh` → `yh`: without schema and the prefix that vendors put before all their tables.
    private static func bare(_ name: String) -> String {
        let table = name.split(separator: ".").last.map(String.init) ?? name
        let pieces = ColumnName.pieces(table)
        let prefixes: Set<String> = [
            "t", "tb", "tbl", "sf", "sys", "v", "vw", "gr", "rl", "heat", "rb", "tab", "biz", "dim", "fact",
        ]
        let kept = pieces.drop { prefixes.contains($0) }
        return (kept.isEmpty ? pieces[...] : kept).joined(separator: "_")
    }

    /// Backups and audit copies have the columns of the table that they stand beside.
    private func withoutCopies(_ reads: [Read], _ unread: inout [(stream: StreamName, why: String)]) -> [Read] {
        let marks: Set<String> = [
            "bak", "backup", "old", "tmp", "temp", "copy", "his", "hist", "history", "log", "sh", "audit", "archive",
            "del",
        ]
        var kept: [Read] = []
        for read in reads {
            let sample = samples[read.index]
            let pieces = ColumnName.pieces(sample.name.stream)
            func isMarked(_ pieces: [String]) -> Bool {
                pieces.dropFirst().contains { marks.contains($0) || $0.allSatisfy(\.isNumber) }
            }
            let original = reads.first { other in
                let name = samples[other.index].name
                return other.index != read.index && name.source == sample.name.source
                    && samples[other.index].columns == sample.columns && !isMarked(ColumnName.pieces(name.stream))
            }
            if let original, isMarked(pieces) {
                unread.append((sample.name, "it looks like a copy of \(samples[original.index].name)"))
            } else {
                kept.append(read)
            }
        }
        return kept
    }

    /// The stream that brings accounts in: that of the customer system, else billing's card.
    private func master(_ reads: [Read]) -> Read? {
        let stating = reads.filter { read in
            (read.reading.kind == .premises || read.reading.kind == .account)
                && read.reading.candidates.contains { $0.first?.field == "account.number" }
        }
        return stating.first { $0.reading.kind == .premises } ?? stating.first
    }
}
