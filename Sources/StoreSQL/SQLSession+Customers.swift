import HeatModel
package import Store

extension SQLSession {
    package func customerState(_ customer: CustomerKey) throws -> CustomerState? {
        let one = try statement(
            """
            SELECT conversation_id, body, version, changed_us FROM customer_state WHERE channel = ?1 AND customer = ?2
            """)
        return try first(one.bind(1, customer.channel).bind(2, blob: customer.id)) { row in
            CustomerState(
                conversation: row.optionalInt(0).map { ConversationID($0) }, body: row.blob(1), version: row.int(2),
                changedAt: Instant(microseconds: row.int(3), offsetMinutes: 0))
        }
    }

    package func boundAccounts(of customer: CustomerKey) throws -> [String] {
        let list = try statement(
            "SELECT account FROM customer_account WHERE channel = ?1 AND customer = ?2 ORDER BY id")
        return try rows(list.bind(1, customer.channel).bind(2, blob: customer.id)) { $0.text(0) }
    }

    package func customers(boundTo account: String, limit: Int) throws -> [CustomerKey] {
        let list = try statement(
            "SELECT channel, customer FROM customer_account WHERE account = ?1 ORDER BY channel, customer LIMIT ?2")
        return try rows(list.bind(1, account).bind(2, Int64(limit))) {
            CustomerKey(channel: $0.text(0), id: $0.blob(1))
        }
    }

    package func customer(in conversation: ConversationID) throws -> CustomerKey? {
        let one = try statement(
            "SELECT channel, customer FROM customer_state WHERE conversation_id = ?1 ORDER BY changed_us DESC LIMIT 1")
        return try first(one.bind(1, conversation.number)) { CustomerKey(channel: $0.text(0), id: $0.blob(1)) }
    }

    package func customerReply(_ customer: CustomerKey, key: String) throws -> [UInt8]? {
        let one = try statement(
            "SELECT reply FROM customer_reply WHERE channel = ?1 AND customer = ?2 AND key = ?3")
        return try first(one.bind(1, customer.channel).bind(2, blob: customer.id).bind(3, key)) { $0.blob(0) }
    }

    package func putCustomerState(
        _ body: [UInt8], conversation: ConversationID?, of customer: CustomerKey, replacing version: Int64
    ) throws -> Bool {
        let now = clock()
        func put(_ sql: String) throws -> Bool {
            let put = try statement(sql).bind(1, customer.channel).bind(2, blob: customer.id).bind(3, version)
            put.bind(4, conversation?.number).bind(5, blob: body).bind(6, now).bind(7, StoreDay.of(now))
            return try put.changed() > 0
        }
        if version == 0 {
            return try put(
                """
                INSERT INTO customer_state(channel, customer, version, conversation_id, body, changed_us, changed_day)
                VALUES(?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING
                """)
        }
        // Mostly neither day nor conversation is another, and what is not set leaves its index alone.
        return try put(
            """
            UPDATE customer_state SET version = ?3 + 1, body = ?5, changed_us = ?6
            WHERE channel = ?1 AND customer = ?2 AND version = ?3
                AND conversation_id IS NOT DISTINCT FROM ?4 AND changed_day = ?7
            """)
            || put(
                """
                UPDATE customer_state SET version = ?3 + 1, conversation_id = ?4, body = ?5, changed_us = ?6, changed_day = ?7
                WHERE channel = ?1 AND customer = ?2 AND version = ?3
                """)
    }

    package func bind(_ customer: CustomerKey, to account: String) throws {
        let put = try statement(
            """
            INSERT INTO customer_account(channel, customer, account, bound_us) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING
            """)
        try put.bind(1, customer.channel).bind(2, blob: customer.id).bind(3, account).bind(4, clock()).run()
    }

    package func unbind(_ customer: CustomerKey, from account: String) throws -> Bool {
        let delete = try statement(
            "DELETE FROM customer_account WHERE channel = ?1 AND customer = ?2 AND account = ?3")
        return try delete.bind(1, customer.channel).bind(2, blob: customer.id).bind(3, account).changed() > 0
    }

    package func keepReply(_ reply: [UInt8], to customer: CustomerKey, key: String, most: Int) throws {
        let put = try statement(
            "INSERT INTO customer_reply(channel, customer, key, reply) VALUES(?1, ?2, ?3, ?4)")
        try put.bind(1, customer.channel).bind(2, blob: customer.id).bind(3, key).bind(4, blob: reply).run()
        let trim = try statement(
            """
            DELETE FROM customer_reply WHERE channel = ?1 AND customer = ?2 AND id <= (
                SELECT id FROM customer_reply WHERE channel = ?1 AND customer = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)
            """)
        try trim.bind(1, customer.channel).bind(2, blob: customer.id).bind(3, Int64(most)).run()
    }

    package func forgetCustomers(silentSince moment: Int64, limit: Int) throws -> Int {
        let list = try statement(
            """
            SELECT channel, customer FROM customer_state WHERE changed_day <= ?3 AND changed_us < ?1
            ORDER BY changed_day, changed_us LIMIT ?2
            """)
        let old = try rows(list.bind(1, moment).bind(2, Int64(limit)).bind(3, StoreDay.of(moment))) {
            CustomerKey(channel: $0.text(0), id: $0.blob(1))
        }
        for customer in old {
            for table in ["customer_state", "customer_reply"] {
                let delete = try statement("DELETE FROM \(table) WHERE channel = ?1 AND customer = ?2")
                try delete.bind(1, customer.channel).bind(2, blob: customer.id).run()
            }
        }
        return old.count
    }
}
