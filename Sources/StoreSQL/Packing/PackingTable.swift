import HeatModel

/// The table `packing` of a connection, as far as ``Packing`` asks it.
package struct PackingTable {
    /// A row's kind, share and content.
    let row: (_ number: Int64) throws -> (kind: Int64, share: Int64, content: [UInt8])?
    /// Of a subject, the newest shape and the newest dictionary, and how many of each there are.
    let newest: (_ subject: Int64) throws -> [(isShape: Bool, number: Int64, count: Int64)]
    /// Gives a new row its number.
    let insert: (_ subject: Int64, _ kind: Int64, _ share: Int64, _ content: [UInt8]) throws -> Int64

    /// Only to read by.
    package init(rows: @escaping (_ number: Int64) throws -> (kind: Int64, share: Int64, content: [UInt8])?) {
        row = rows
        newest = { _ in [] }
        insert = { _, _, _, _ in
            throw HearthError(.storeFailed, "nothing is packed here", at: .address("store"))
        }
    }

    /// - Parameter prepare: a statement of the connection.
    package init(_ prepare: @escaping (_ sql: String) throws -> some SQLStatement) {
        row = { number in
            let load = try prepare("SELECT kind, share, content FROM packing WHERE id = ?1")
            defer { load.reset() }
            return try load.bind(1, number).step() ? (load.int(0), load.int(1), load.blob(2)) : nil
        }
        newest = { subject in
            let last = try prepare(
                """
                SELECT CASE kind WHEN 1 THEN 1 ELSE 0 END, max(id), count(*) FROM packing WHERE subject = ?1 GROUP BY 1
                """)
            defer { last.reset() }
            last.bind(1, subject)
            var found: [(isShape: Bool, number: Int64, count: Int64)] = []
            while try last.step() { found.append((last.int(0) != 0, last.int(1), last.int(2))) }
            return found
        }
        insert = { subject, kind, share, content in
            let put = try prepare(
                "INSERT INTO packing(subject, kind, share, content) VALUES(?1, ?2, ?3, ?4) RETURNING id")
            defer { put.reset() }
            put.bind(1, subject).bind(2, kind).bind(3, share).bind(4, blob: content)
            return try put.step() ? put.int(0) : 0
        }
    }
}
