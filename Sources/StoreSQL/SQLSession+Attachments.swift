import HeatModel
package import Store

extension SQLSession {
    package func attachmentUses(of sha256: String) throws -> [AttachmentUse] {
        let list = try statement(
            "SELECT account, action_id, named_us FROM attachment_use WHERE sha256 = ?1 ORDER BY account, action_id")
        return try rows(list.bind(1, sha256)) { row in
            AttachmentUse(
                sha256: sha256, account: row.text(0), action: ActionID(row.int(1)), namedAt: Self.instant(row.int(2)))
        }
    }

    package func attachments(of action: ActionID) throws -> [String] {
        let list = try statement("SELECT sha256 FROM attachment_use WHERE action_id = ?1 ORDER BY sha256")
        return try rows(list.bind(1, action.number)) { $0.text(0) }
    }

    package func useAttachment(_ sha256: String, account: String, action: ActionID) throws {
        let add = try statement(
            """
            INSERT INTO attachment_use(sha256, account, action_id, named_us) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(sha256, account, action_id) DO UPDATE SET named_us = excluded.named_us
            """)
        try add.bind(1, sha256).bind(2, account).bind(3, action.number).bind(4, clock()).run()
    }

    package func forgetAttachment(_ sha256: String) throws {
        try statement("DELETE FROM attachment_use WHERE sha256 = ?1").bind(1, sha256).run()
    }
}
