import Foundation
import HeatModel
import Records
package import Store

extension SQLSession {
    package func notePull(run: RunID, _ end: PullEnd) throws {
        let sql = """
            UPDATE run SET proof = ?2, proof_detail = ?3, row_limit = ?4, notices = ?5, notices_left_out = ?6, newest_data = ?7
            WHERE id = ?1
            """
        let note = try statement(sql)
        note.bind(1, run.number).bind(2, end.completeness?.proof.rawValue).bind(3, end.completeness?.detail)
        note.bind(4, end.limit).bind(5, try Self.text(of: end.notices))
        note.bind(6, end.noticesLeftOut == 0 ? nil : end.noticesLeftOut)
        try note.bind(7, end.newestData?.description).run()
    }

    package func noteLog(run: RunID, _ log: RunLog) throws {
        try statement("UPDATE run SET log = ?2 WHERE id = ?1").bind(1, run.number).bind(2, Self.text(of: log)).run()
        // Some more than one: another run may have been too slow to let its own go.
        let last = run.number - RunLog.mostRuns
        try statement("UPDATE run SET log = NULL WHERE id > ?1 AND id <= ?2 AND log IS NOT NULL")
            .bind(1, last - 64).bind(2, last).run()
    }

    package func log(of run: RunID) throws -> RunLog? {
        let text = try first(statement("SELECT log FROM run WHERE id = ?1").bind(1, run.number)) { $0.optionalText(0) }
        guard let text = text ?? nil else { return nil }
        do { return try JSONDecoder().decode(RunLog.self, from: Data(text.utf8)) } catch {
            var unreadable = Self.unreadable("run \(run) has a log that is none")
            unreadable.cause = error
            throw unreadable
        }
    }

    private static func text(of log: RunLog) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(log), as: UTF8.self)
    }

    private static func text(of notices: [PullNotice]) throws -> String? {
        if notices.isEmpty { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(notices), as: UTF8.self)
    }

    /// - Throws: `store.corrupt` for what no version of Hearth writes.
    package static func pullEnd(_ row: Statement, from first: Int32, of run: Int64) throws -> PullEnd {
        var end = PullEnd()
        if let name = row.optionalText(first) {
            guard let proof = Completeness.Proof(rawValue: name), let detail = row.optionalText(first + 1) else {
                throw unreadable("run \(run) has a proof that is none")
            }
            end.completeness = Completeness(proof, detail)
        } else if !row.isNull(first + 1) {
            throw unreadable("run \(run) has the detail of a proof without the proof")
        }
        end.limit = row.optionalInt(first + 2)
        if let text = row.optionalText(first + 3) {
            guard let notices = try? JSONDecoder().decode([PullNotice].self, from: Data(text.utf8)),
                try self.text(of: notices) == text
            else { throw unreadable("run \(run) has notices that are none") }
            end.notices = notices
        }
        end.noticesLeftOut = row.optionalInt(first + 4) ?? 0
        if let text = row.optionalText(first + 5) {
            guard let instant = Instant(text), instant.description == text else {
                throw unreadable("run \(run) has data of a time that is none")
            }
            end.newestData = instant
        }
        return end
    }
}
