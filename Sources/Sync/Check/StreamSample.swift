import HeatModel
import Mapping
import Records

/// The first records of a stream, and what its mapping makes of them.
struct StreamSample {
    struct Finding {
        var about: SourceCheck.Subject
        var finding: CheckFinding
    }

    /// Why a record goes to quarantine, as far as records have it in common.
    private struct Reason: Hashable {
        var code: String
        var column: String?
    }

    /// What was seen.
    private struct Tally {
        var rows = 0
        /// Of each reason how often, and the message of the first.
        var rejected: [Reason: (count: Int, message: String)] = [:]
        /// Columns that the mapping names, with something in a record at least.
        var filled: Set<String> = []
        /// Columns that the mapping names and the system lacks, in the mapping's order, with the first origin without it.
        var missing: [(column: String, origin: String, columns: [String])] = []
        var failure: HearthError?
    }

    let stream: SyncStream
    let bounds: SourceCheck.Sample
    let isCancelled: @Sendable () -> Bool

    func findings() -> [Finding] {
        let end = ContinuousClock.now + .seconds(bounds.seconds)
        let request = PullRequest(
            stream: stream.name.stream, mode: .full, batchRows: bounds.rows, limit: bounds.rows,
            isCancelled: { [isCancelled] in isCancelled() || ContinuousClock.now > end })
        var tally = Tally()
        do {
            _ = try stream.connector.pull(request) { batch in try take(batch, &tally) }
        } catch let error as HearthError {
            tally.failure = error
        } catch {
            tally.failure = HearthError(.sourceFailed, "the stream cannot be read", cause: error)
        }
        return told(tally)
    }

    private func take(_ batch: RawBatch, _ tally: inout Tally) throws {
        let columns = batch.columns
        tally.rows += batch.rowCount + batch.defects.count
        for defect in batch.defects { reject(defect.code, nil, defect.message, &tally) }
        let named = stream.mapping.referencedColumns
        let lacks = named.filter { !columns.contains($0) }
        guard lacks.isEmpty else {
            for column in lacks where !tally.missing.contains(where: { $0.column == column }) {
                tally.missing.append((column, batch.origin.name, columns))
            }
            return
        }
        let plan = try MappingPlan(stream.mapping, columns: columns, zone: stream.zone)
        for reject in plan.map(batch).rejects { self.reject(reject.code, reject.column, reject.message, &tally) }
        for (index, column) in columns.enumerated() where named.contains(column) && !tally.filled.contains(column) {
            let isFilled = (0..<batch.rowCount).contains { batch.fields[$0 * columns.count + index].length > 0 }
            if isFilled { tally.filled.insert(column) }
        }
    }

    private func reject(_ code: HearthError.Code, _ column: String?, _ message: String, _ tally: inout Tally) {
        let reason = Reason(code: code.name, column: column)
        tally.rejected[reason, default: (0, message)].count += 1
    }

    private func told(_ tally: Tally) -> [Finding] {
        var findings = tally.missing.map(missing)
        if let failure = tally.failure { findings.append(failed(failure, tally.rows)) }
        if tally.rows == 0 {
            if findings.isEmpty {
                findings.append(
                    finding(
                        .source, .warning, "no record came: the mapping could not be tried",
                        advice: "right if there is nothing yet"))
            }
            return findings
        }
        let rejected = tally.rejected.values.reduce(0) { $0 + $1.count }
        if let worst = tally.rejected.max(by: { ($0.value.count, $1.key.code) < ($1.value.count, $0.key.code) }) {
            let column = worst.key.column.map { "column \"\($0)\": " } ?? ""
            findings.append(
                finding(
                    .records, rejected == tally.rows ? .failed : .warning,
                    "\(rejected) of \(tally.rows) records looked at would go to quarantine, \(worst.value.count) of them: \(column)\(worst.value.message) [\(worst.key.code)]",
                    advice: "\(.preview(stream: stream.name.description)) shows them; mend \(stream.mapping.path)"))
        }
        guard tally.missing.isEmpty else { return findings }
        let empty = stream.mapping.referencedColumns.filter { !tally.filled.contains($0) }
        if !empty.isEmpty, rejected < tally.rows {
            findings.append(
                finding(
                    .mapping, .warning,
                    "\(empty.map { "\"\($0)\"" }.joined(separator: ", ")) \(empty.count == 1 ? "is" : "are") empty in all \(tally.rows) records looked at",
                    advice: "right if nothing is known there; else look whether the source calls it otherwise by now"))
        }
        if findings.isEmpty {
            findings.append(
                finding(
                    .records, .ok,
                    "\(tally.rows) records looked at, all can be read as \(stream.mapping.entity.rawValue)"))
        }
        return findings
    }

    private func missing(_ found: (column: String, origin: String, columns: [String])) -> Finding {
        let place = stream.mapping.places(naming: found.column).first.map { "\($0): " } ?? ""
        return finding(
            .mapping, .failed, "\(place)the mapping names column \"\(found.column)\", which \(found.origin) has not",
            advice: NearestName.advice(found.column, among: found.columns))
    }

    private func failed(_ error: HearthError, _ rows: Int) -> Finding {
        if error.code == .runCancelled {
            return finding(
                .source, .warning, "only \(rows) records came within \(bounds.seconds) s",
                advice: "look whether the source can find the first records quickly (an index on the key or the cursor)"
            )
        }
        return finding(
            error.code.area == "config" ? .mapping : .source, .failed,
            "\(error.place.map { "\($0): " } ?? "")\(error.message)", advice: error.advice)
    }

    private func finding(
        _ about: SourceCheck.Subject, _ verdict: CheckFinding.Verdict, _ detail: String, advice: Advice? = nil
    ) -> Finding {
        Finding(about: about, finding: CheckFinding("sample of \(stream.name.stream)", verdict, detail, advice: advice))
    }
}
