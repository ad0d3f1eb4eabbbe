import HeatModel
public import JSONText
public import Mapping
import Records
public import Store

/// Builds the account view: one JSON object, encoded once, served as it is.
///
/// ```
/// {"account_number":"00012345",
///  "facts":{"class":"resident","area_building":"118.600",…},        the value of the winning stream
///  "fact_sources":[{"source":"customer.residents","key":"…","fields":["holder_name",…]},…],
///  "missing":["area_inner"],                                         no source says anything (未取到)
///  "disagreements":[{"field":"area_building","values":{"billing.accounts":"118.600","customer.residents":"116.800"}}],
///                                                                    a second record of a stream: "customer.residents <key>":"…"
///  "seasons":[{"season":"2025-2026","due_fen":…,"received_fen":…,"arrears_fen":…,…}],
///  "charges":[{"source":"billing.charges","key":"123",…canonical fields…},…], "payments":[…], …}
/// ```
///
/// A charge or payment that another stream of the account states already is marked behind its key with the stream whose row counts in
/// its place (`"repeats":"billing.charges"`). It stands in the view, and nothing counts it: not the seasons here, nor any reader of it.
///
/// Nothing in it depends on a run, a clock or the order of arrival: the same records make the same bytes.
///
/// Millions are built in a row. Every name is therefore encoded beforehand, in ``texts``; what stands for it here is its range.
public final class AccountViewBuilder: Sendable {
    struct Fact {
        /// `"area_building"`, quotes included.
        let name: Range<Int>
        /// Range of ``factSources``.
        let from: Range<Int>
        let tolerance: ExactDecimal?

        /// Without the quotes.
        var key: Range<Int> { name.lowerBound + 1..<name.upperBound - 1 }
    }

    struct List {
        /// `,"charges":[`
        let opening: Range<Int>
        /// By stream, whether its records belong to the list.
        let holds: [Bool]
        /// Keys to sort by, without quotes.
        let order: [Range<Int>]
        /// Stream numbers follow the order of arrival: records of several streams are sorted also where no order is required.
        let isSorted: Bool
    }

    /// Records that count once, whatever streams state them.
    struct CountedOnce {
        /// Streams that state them as places in ``streams``, in the order of `unified.yaml`; those of the list that typed reading takes
        /// first: what it has counts before what stands elsewhere.
        let streams: [Int]
        /// By stream, whether it states them.
        let isOf: [Bool]
        /// Keys, without quotes, of what two of them must agree on to be one.
        let statement: [Range<Int>]
    }

    struct Stream {
        /// `"billing.charges"`
        let name: Range<Int>
        /// `{"source":"billing.charges","key":`
        let opening: Range<Int>
    }

    let facts: [Fact]
    /// Streams that state facts, as places in ``streams``.
    let factStreams: [Int]
    /// For each fact the places in ``factStreams`` that may state it, the first that does wins.
    let factSources: [Int]
    let lists: [List]
    let streams: [Stream]
    let streamNames: [String]
    let charges: CountedOnce
    let payments: CountedOnce
    /// `,"due_fen":`
    let seasonMeasures: [Range<Int>]
    let texts: [UInt8]

    /// Rises where the same records under the same `unified.yaml` make another view than before.
    private static let form = 3

    /// What a stored view is made by. A store whose views are of another version has all of them made again.
    public static func version(of unified: UnifiedView) -> String { "\(unified.version) \(form)" }

    public init(_ unified: UnifiedView, streams stored: [StoredStream]) {
        var texts = JSONBytes()
        func text(_ write: (inout JSONBytes) -> Void) -> Range<Int> {
            let start = texts.count
            write(&texts)
            return start..<texts.count
        }
        let places = Dictionary(uniqueKeysWithValues: stored.enumerated().map { ($1.name, $0) })
        streamNames = stored.map(\.name)
        streams = stored.map { stream in
            Stream(
                name: text { $0.string(stream.name) },
                opening: text {
                    $0.raw("{\"source\":")
                    $0.string(stream.name)
                    $0.raw(",\"key\":")
                })
        }
        var factStreams: [Int] = []
        var factSources: [Int] = []
        facts = unified.facts.map { fact in
            let start = factSources.count
            for place in fact.from.compactMap({ places[$0.description] }) {
                if !factStreams.contains(place) { factStreams.append(place) }
                factSources.append(factStreams.firstIndex(of: place)!)
            }
            return Fact(
                name: text { $0.string(fact.field.jsonKey) }, from: start..<factSources.count, tolerance: fact.tolerance
            )
        }
        self.factStreams = factStreams
        self.factSources = factSources
        lists = unified.lists.map { list in
            let from = list.from.compactMap { places[$0.description] }
            return List(
                opening: text {
                    $0.raw(",")
                    $0.string(list.name)
                    $0.raw(":[")
                },
                holds: stored.indices.map { from.contains($0) },
                order: list.order.map { key in text { $0.raw(Array(key.utf8)) } },
                isSorted: !list.order.isEmpty || from.count > 1)
        }
        func counted(_ entity: EntityKind, _ name: String, _ statement: [String]) -> CountedOnce {
            let lists = unified.lists.map { (name: $0.name, from: $0.from.compactMap { places[$0.description] }) }
                .filter {
                    $0.from.contains { stored[$0].entity == entity }
                }
            var streams: [Int] = []
            for list in lists.filter({ $0.name == name }) + lists {
                streams += list.from.filter { !streams.contains($0) }
            }
            return CountedOnce(
                streams: streams, isOf: stored.indices.map { streams.contains($0) },
                statement: statement.map { key in text { $0.raw(Array(key.utf8)) } })
        }
        charges = counted(.charge, "charges", ["season", "item", "due_fen"])
        payments = counted(.payment, "payments", ["season", "amount_fen", "paid_at", "channel"])
        seasonMeasures = ["due_fen", "received_fen", "arrears_fen", "discount_fen", "reduction_fen", "penalty_fen"].map
        { name in
            text {
                $0.raw(",")
                $0.string(name)
                $0.raw(":")
            }
        }
        self.texts = texts.bytes
    }

    /// Writes the view of the account at a place among `records`.
    public func build(_ account: Int, of records: borrowing AccountRecords, into json: inout JSONBytes) {
        let (number, range) = records.accounts[account]
        let entries = records.entries[range]
        records.bytes.withUnsafeBytes { bytes in
            texts.withUnsafeBytes { texts in
                json.raw("{\"account_number\":")
                json.string(number)
                var repeats: [Int: Int] = [:]
                for records in [charges, payments] { addRepeated(records, entries, bytes, texts, to: &repeats) }
                writeFacts(entries, bytes, texts, &json)
                writeSeasons(entries, without: repeats, bytes, texts, &json)
                for list in lists { write(list, entries, repeats, bytes, texts, &json) }
                json.raw("}")
            }
        }
    }

    /// Opens an object with the record's source.
    func writeSource(
        _ entry: AccountRecords.Entry, _ bytes: UnsafeRawBufferPointer, _ texts: UnsafeRawBufferPointer,
        _ json: inout JSONBytes
    ) {
        json.raw(texts.part(streams[entry.stream].opening))
        json.string(bytes.part(entry.key))
    }
}
