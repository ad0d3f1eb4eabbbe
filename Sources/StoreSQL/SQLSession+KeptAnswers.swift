import HeatModel
package import Store

extension SQLSession {
    package func keptAnswer(caller: String, key: String) throws -> KeptAnswer? {
        let one = try statement(
            "SELECT fingerprint, account, action_id, answer FROM kept_answer WHERE caller = ?1 AND key = ?2")
        return try first(one.bind(1, caller).bind(2, key)) { row in
            KeptAnswer(
                caller: caller, key: key, fingerprint: row.blob(0), account: row.text(1),
                action: row.optionalInt(2).map { ActionID($0) }, answer: row.blob(3))
        }
    }

    package func keep(_ answer: KeptAnswer) throws {
        let insert = try statement(
            """
            INSERT INTO kept_answer(caller, key, fingerprint, account, action_id, answer, kept_us)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        insert.bind(1, answer.caller).bind(2, answer.key).bind(3, blob: answer.fingerprint).bind(4, answer.account)
        try insert.bind(5, answer.action?.number).bind(6, blob: answer.answer).bind(7, clock()).run()
    }
}
