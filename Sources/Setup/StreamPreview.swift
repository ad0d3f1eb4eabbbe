import Disclosure
import HeatModel
import Mapping
import Records
package import Sync

/// The first rows of a stream, raw and canonical side by side, with what is personal masked unless it is asked for. Nothing is stored.
package enum StreamPreview {
    package struct Row: Encodable, Sendable {
        package struct Column: Encodable, Sendable {
            package var column: String
            package var text: String?
        }
        package struct Field: Encodable, Sendable {
            package var field: String
            package var columns: [String]
            package var raw: [String?]
            package var canonical: String?
        }
        package var position: Int64
        package var key: String?
        package var accountNumber: String?
        package var isVoided: Bool
        package var fields: [Field]
        package var unread: [Column]
        package var reject: String?
    }

    /// - Parameter isUnmasked: whether personal columns are shown in clear.
    /// - Throws: what the connector throws, and the mapping where its columns are not the stream's.
    package static func rows(
        of stream: SyncStream, limit: Int, isUnmasked: Bool, isCancelled: @escaping @Sendable () -> Bool
    ) throws -> [Row] {
        var found: [Row] = []
        let request = PullRequest(stream: stream.name.stream, mode: .full, limit: limit, isCancelled: isCancelled)
        _ = try stream.connector.pull(request) { batch in
            let plan = try MappingPlan(stream.mapping, columns: batch.columns, zone: stream.zone)
            for row in 0..<batch.rowCount {
                found.append(shown(plan.preview(batch, row: row), stream.mapping, isUnmasked))
            }
            for defect in batch.defects {
                found.append(
                    Row(
                        position: defect.ordinal, key: nil, accountNumber: nil, isVoided: false, fields: [], unread: [],
                        reject: "\(defect.place): \(defect.message) [\(defect.code)]"))
            }
        }
        return found
    }

    private static func shown(_ preview: RecordPreview, _ mapping: MappingFile, _ isUnmasked: Bool) -> Row {
        func raw(_ text: String?, isPersonal: Bool) -> String? {
            isPersonal && !isUnmasked ? text.map(PersonalField.Mask.whole.text) : text
        }
        func canonical(_ line: RecordPreview.Line) -> String? {
            guard var json = line.canonical, !isUnmasked, let mask = mapping.entity.field(named: line.field)?.mask
            else { return line.canonical }
            return json.withUTF8 { mask.text(ofJSON: UnsafeRawBufferPointer($0)) }
        }
        return Row(
            position: preview.ordinal, key: preview.key, accountNumber: preview.accountNumber,
            isVoided: preview.isVoided,
            fields: preview.lines.map { line in
                Row.Field(
                    field: line.field, columns: line.columns,
                    raw: zip(line.columns, line.raw).map {
                        raw($1, isPersonal: line.isPersonal || mapping.isPersonal(column: $0))
                    },
                    canonical: canonical(line))
            },
            unread: preview.unread.map {
                .init(column: $0.column, text: raw($0.raw, isPersonal: mapping.isPersonal(column: $0.column)))
            },
            reject: preview.reject.map { "\($0.mappingPlace.map { "\($0): " } ?? "")\($0.message) [\($0.code)]" })
    }
}
