public import HeatModel
public import Store

extension SQLiteStore: AccessTokenStore {
    public func accessTokens() throws -> [AccessToken] {
        try read { reader in
            guard let session = reader as? Session else { return [] }
            let sql =
                "SELECT id, name, scopes, digest, created_at, expires_at, revoked_at FROM access_token ORDER BY rowid"
            return try session.rows(session.statement(sql)) { row in
                AccessToken(
                    id: row.text(0), name: row.text(1), scopes: row.text(2).split(separator: " ").map(String.init),
                    digest: row.blob(3), createdAt: Instant(row.text(4)) ?? Instant(microseconds: 0, offsetMinutes: 0),
                    // A moment that cannot be read must not make a token last longer.
                    expiresAt: row.optionalText(5).map { Instant($0) ?? Instant(microseconds: 0, offsetMinutes: 0) },
                    revokedAt: row.optionalText(6).map { Instant($0) ?? Instant(microseconds: 0, offsetMinutes: 0) })
            }
        }
    }

    public func add(_ token: AccessToken) throws {
        try write { writer in
            guard let session = writer as? Session else { return }
            let sql = """
                INSERT INTO access_token(id, name, scopes, digest, created_at, expires_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
                """
            let statement = try session.statement(sql)
            statement.bind(1, token.id).bind(2, token.name).bind(3, token.scopes.joined(separator: " "))
            try statement.bind(4, blob: token.digest).bind(5, token.createdAt.description)
                .bind(6, token.expiresAt?.description).run()
        }
    }

    public func revokeAccessToken(_ id: String, at: Instant) throws -> Bool {
        try write { writer in
            guard let session = writer as? Session else { return false }
            let known = try session.first(
                session.statement("SELECT count(*) FROM access_token WHERE id = ?1 AND revoked_at IS NULL").bind(1, id)
            ) { $0.int(0) }
            guard known == 1 else { return false }
            try session.statement("UPDATE access_token SET revoked_at = ?2 WHERE id = ?1").bind(1, id)
                .bind(2, at.description).run()
            return true
        }
    }
}
