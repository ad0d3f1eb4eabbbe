package import HeatModel
package import Store

extension SQLSession {
    package func accessTokens() throws -> [AccessToken] {
        let sql = "SELECT id, name, scopes, digest, created_at, expires_at, revoked_at FROM access_token ORDER BY rowid"
        return try rows(statement(sql)) { row in
            AccessToken(
                id: row.text(0), name: row.text(1), scopes: row.text(2).split(separator: " ").map(String.init),
                digest: row.blob(3), createdAt: Instant(row.text(4)) ?? Instant(microseconds: 0, offsetMinutes: 0),
                // A moment that cannot be read must not make a token last longer.
                expiresAt: row.optionalText(5).map { Instant($0) ?? Instant(microseconds: 0, offsetMinutes: 0) },
                revokedAt: row.optionalText(6).map { Instant($0) ?? Instant(microseconds: 0, offsetMinutes: 0) })
        }
    }

    package func add(_ token: AccessToken) throws {
        let sql = """
            INSERT INTO access_token(id, name, scopes, digest, created_at, expires_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
            """
        let statement = try statement(sql)
        statement.bind(1, token.id).bind(2, token.name).bind(3, token.scopes.joined(separator: " "))
        try statement.bind(4, blob: token.digest).bind(5, token.createdAt.description)
            .bind(6, token.expiresAt?.description).run()
    }

    package func revokeAccessToken(_ id: String, at instant: Instant) throws -> Bool {
        try statement("UPDATE access_token SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL").bind(1, id)
            .bind(2, instant.description).changed() > 0
    }
}
