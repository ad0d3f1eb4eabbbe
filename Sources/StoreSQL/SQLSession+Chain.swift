import HeatModel
package import Store

extension SQLSession {
    package func lastChainLine() throws -> (sequence: Int64, line: [UInt8])? {
        try first(statement("SELECT seq, line FROM chain ORDER BY seq DESC LIMIT 1")) { ($0.int(0), $0.blob(1)) }
    }

    package func chainLines(after: Int64, limit: Int) throws -> [(sequence: Int64, line: [UInt8])] {
        let list = try statement("SELECT seq, line FROM chain WHERE seq > ?1 ORDER BY seq LIMIT ?2")
        return try rows(list.bind(1, after).bind(2, Int64(limit))) { ($0.int(0), $0.blob(1)) }
    }

    package func unchainedRuns() throws -> [RunID] {
        try rows(statement("SELECT id FROM run WHERE chain_seq IS NULL AND state <> 'running' ORDER BY id")) {
            RunID($0.int(0))
        }
    }

    package func endedRuns(after: RunID?, limit: Int) throws -> [(run: RunID, sequence: Int64?)] {
        let list = try statement(
            "SELECT id, chain_seq FROM run WHERE state <> 'running' AND id > ?1 ORDER BY id LIMIT ?2")
        return try rows(list.bind(1, after?.number ?? 0).bind(2, Int64(limit))) {
            (RunID($0.int(0)), $0.optionalInt(1))
        }
    }

    package func appendChain(_ line: [UInt8], sequence: Int64, run: RunID?) throws {
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
}
