import GRDBSQLite
import HeatModel
import Store

extension Session {
    func lastChainLine() throws -> (sequence: Int64, line: [UInt8])? {
        try first(statement("SELECT seq, line FROM chain ORDER BY seq DESC LIMIT 1")) { ($0.int(0), $0.blob(1)) }
    }

    func chainLines(after: Int64, limit: Int) throws -> [(sequence: Int64, line: [UInt8])] {
        let list = try statement("SELECT seq, line FROM chain WHERE seq > ?1 ORDER BY seq LIMIT ?2")
        return try rows(list.bind(1, after).bind(2, Int64(limit))) { ($0.int(0), $0.blob(1)) }
    }

    func unchainedRuns() throws -> [RunID] {
        try rows(statement("SELECT id FROM run WHERE chain_seq IS NULL AND state <> 'running' ORDER BY id")) {
            RunID($0.int(0))
        }
    }

    func endedRuns(after: RunID?, limit: Int) throws -> [(run: RunID, sequence: Int64?)] {
        let list = try statement(
            "SELECT id, chain_seq FROM run WHERE state <> 'running' AND id > ?1 ORDER BY id LIMIT ?2")
        return try rows(list.bind(1, after?.number ?? 0).bind(2, Int64(limit))) {
            (RunID($0.int(0)), $0.optionalInt(1))
        }
    }

    func appendChain(_ line: [UInt8], sequence: Int64, run: RunID?) throws {
        let last = try first(statement("SELECT coalesce(max(seq), 0) FROM chain")) { $0.int(0) } ?? 0
        guard sequence == last + 1 else {
            throw HearthError(
                .storeFailed, "line \(sequence) of the chain does not follow line \(last)",
                at: .address("store"))
        }
        let text = String(decoding: line, as: UTF8.self)
        try statement("INSERT INTO chain(seq, line) VALUES(?1, ?2)").bind(1, sequence).bind(2, text).run()
        if let run {
            try statement("UPDATE run SET chain_seq = ?2 WHERE id = ?1").bind(1, run.number).bind(2, sequence).run()
        }
    }

    func reserveRuns(through run: RunID) throws {
        // AUTOINCREMENT keeps the greatest number ever given in this table, once there was one.
        try statement("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'run'").bind(1, run.number).run()
        let sql =
            "INSERT INTO sqlite_sequence(name, seq) SELECT 'run', ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'run')"
        try statement(sql).bind(1, run.number).run()
    }
}
