import Foundation
import HeatModel
import Mapping
import Records
import Store
import Sync

/// What became of a run, as OpenLineage's `RunEvent` 2-0-2 has it: https://openlineage.io/spec/2-0-2/OpenLineage.json. Names of columns
/// and fields and counts of rows stand in it, and nothing of any row.
struct LineageEvent: Encodable {
    enum Kind: String, Encodable { case start = "START", complete = "COMPLETE", fail = "FAIL", abort = "ABORT" }

    struct Run: Encodable {
        struct Facets: Encodable {
            var errorMessage: ErrorMessage?
            var hearthRun: HearthRun?

            enum CodingKeys: String, CodingKey { case errorMessage, hearthRun = "hearth_run" }
        }
        var runId: String
        var facets = Facets()
    }

    struct ErrorMessage: Encodable {
        var facet = Facet("ErrorMessageRunFacet", "1-0-1")
        var message: String
        var programmingLanguage = "Swift"

        func encode(to encoder: any Encoder) throws {
            try facet.encode(to: encoder)
            var values = encoder.container(keyedBy: Name.self)
            try values.encode(message, forKey: "message")
            try values.encode(programmingLanguage, forKey: "programmingLanguage")
        }
    }

    /// The run's own number and books, by which it is found among the runs.
    struct HearthRun: Encodable {
        var facet = Facet.own
        var report: RunReport

        func encode(to encoder: any Encoder) throws {
            try facet.encode(to: encoder)
            var values = encoder.container(keyedBy: Name.self)
            try values.encode(report.run.number, forKey: "run")
            try values.encode(report.mode, forKey: "mode")
            try values.encode(report.state.rawValue, forKey: "state")
            let counts = report.counts
            for (name, count) in [
                ("read", counts.read), ("new", counts.new), ("changed", counts.changed),
                ("unchanged", counts.unchanged), ("duplicate", counts.duplicate),
                ("quarantined", counts.quarantined), ("vanished", counts.vanished),
            ] { try values.encode(count, forKey: Name(stringLiteral: name)) }
        }
    }

    struct Job: Encodable {
        struct Facets: Encodable { var jobType = JobType() }
        struct JobType: Encodable {
            func encode(to encoder: any Encoder) throws {
                try Facet("JobTypeJobFacet", "2-0-4").encode(to: encoder)
                var values = encoder.container(keyedBy: Name.self)
                try values.encode("BATCH", forKey: "processingType")
                try values.encode("HEARTH", forKey: "integration")
                try values.encode("SYNC", forKey: "jobType")
            }
        }
        var namespace: String
        var name: String
        var facets = Facets()
    }

    struct Dataset: Encodable {
        struct Facets: Encodable {
            var schema: Schema
            var columnLineage: ColumnLineage?
        }
        struct InputFacets: Encodable { var inputStatistics: Statistics }
        struct OutputFacets: Encodable { var outputStatistics: Statistics }
        var namespace: String
        var name: String
        var facets: Facets
        var inputFacets: InputFacets?
        var outputFacets: OutputFacets?
    }

    struct Schema: Encodable {
        struct Field: Encodable {
            var name: String
            var type: String?
            var description: String?
        }
        var fields: [Field]

        func encode(to encoder: any Encoder) throws {
            try Facet("SchemaDatasetFacet", "1-2-0").encode(to: encoder)
            var values = encoder.container(keyedBy: Name.self)
            try values.encode(fields, forKey: "fields")
        }
    }

    /// Which columns each field is made of.
    struct ColumnLineage: Encodable {
        struct Origin: Encodable {
            var namespace: String
            var name: String
            var field: String
        }
        struct Field: Encodable { var inputFields: [Origin] }
        var fields: [String: Field]

        func encode(to encoder: any Encoder) throws {
            try Facet("ColumnLineageDatasetFacet", "1-2-0").encode(to: encoder)
            var values = encoder.container(keyedBy: Name.self)
            try values.encode(fields, forKey: "fields")
        }
    }

    struct Statistics: Encodable {
        var facet: Facet
        var rows: Int64
        var bytes: Int64?

        func encode(to encoder: any Encoder) throws {
            try facet.encode(to: encoder)
            var values = encoder.container(keyedBy: Name.self)
            try values.encode(rows, forKey: "rowCount")
            try values.encodeIfPresent(bytes, forKey: "size")
        }
    }

    /// What each facet begins with: who says it, and by which schema.
    struct Facet: Encodable {
        var _producer = LineageEvent.producer
        var _schemaURL: String

        init(_ name: String, _ version: String) {
            _schemaURL = "https://openlineage.io/spec/facets/\(version)/\(name).json#/$defs/\(name)"
        }

        private init(url: String) { _schemaURL = url }

        /// A facet of Hearth's own is any run's facet.
        static let own = Facet(url: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet")
    }

    struct Name: CodingKey, ExpressibleByStringLiteral {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringLiteral value: String) { stringValue = value }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static let producer = "urn:hearth:sync"

    var eventType: Kind
    var eventTime: String
    var run: Run
    var job: Job
    var inputs: [Dataset]
    var outputs: [Dataset]
    var producer = Self.producer
    var schemaURL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"

    /// - Parameters:
    ///   - id: the same for all events of one run.
    ///   - report: nil at the begin.
    init(
        _ kind: Kind, of stream: StreamName, mapping: MappingFile, id: UUID, report: RunReport?, namespace: String,
        at moment: Instant
    ) {
        eventType = kind
        eventTime = moment.description
        run = Run(runId: id.uuidString.lowercased())
        job = Job(namespace: namespace, name: "sync.\(stream)")
        let source = stream.description
        var input = Dataset(
            namespace: namespace, name: source,
            facets: .init(schema: Schema(fields: mapping.referencedColumns.map { .init(name: $0) })))
        var output = Dataset(
            namespace: namespace, name: "hearth.\(mapping.entity.rawValue)",
            facets: .init(
                schema: Schema(
                    fields: mapping.filledFields.map {
                        .init(name: $0.name, type: Self.type(of: $0), description: $0.meaning)
                    }),
                columnLineage: Self.origins(of: mapping, in: namespace, source)))
        if let report {
            run.facets.hearthRun = HearthRun(report: report)
            // Message and code alone: a cause may quote what a system answered.
            run.facets.errorMessage = report.error.map {
                ErrorMessage(message: "\($0.message) [\($0.code.name)]")
            }
            input.inputFacets = .init(
                inputStatistics: Statistics(
                    facet: Facet("InputStatisticsInputDatasetFacet", "1-0-0"), rows: report.counts.read,
                    bytes: report.pulledBytes))
            output.outputFacets = .init(
                outputStatistics: Statistics(
                    facet: Facet("OutputStatisticsOutputDatasetFacet", "1-0-2"),
                    rows: report.counts.new + report.counts.changed))
        }
        inputs = [input]
        outputs = [output]
    }

    private static func origins(of mapping: MappingFile, in namespace: String, _ source: String) -> ColumnLineage {
        var fields: [String: ColumnLineage.Field] = [:]
        for field in mapping.filledFields {
            let origins = mapping.columns(of: field.name).map {
                ColumnLineage.Origin(namespace: namespace, name: source, field: $0)
            }
            // A constant is made of no column.
            if !origins.isEmpty { fields[field.name] = ColumnLineage.Field(inputFields: origins) }
        }
        return ColumnLineage(fields: fields)
    }

    private static func type(of field: FieldDefinition) -> String {
        switch field.type {
        case .code: "code"
        case .decimal(let places): "decimal(\(places))"
        default: "\(field.type)"
        }
    }

    /// In one line.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
