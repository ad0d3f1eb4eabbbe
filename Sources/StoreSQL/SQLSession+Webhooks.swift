import HeatModel
package import Store

extension SQLSession {
    // MARK: Reading

    package func webhooks() throws -> [StoredWebhook] {
        try rows(statement("SELECT name, position, disabled, delivered, missed FROM webhook ORDER BY name")) { row in
            StoredWebhook(
                name: row.text(0), position: EventPosition(row.int(1)), disabled: row.optionalText(2),
                delivered: row.int(3), missed: row.int(4))
        }
    }

    package func webhookDeliveries(
        to name: String, isDead: Bool, after event: EventPosition, limit: Int
    ) throws -> [WebhookDelivery] {
        let list = try statement(
            """
            SELECT event, tries, not_before_us, is_dead, outcome FROM webhook_delivery
            WHERE webhook = ?1 AND is_dead = ?2 AND event > ?3 ORDER BY event LIMIT ?4
            """)
        return try rows(list.bind(1, name).bind(2, isDead ? 1 : 0).bind(3, event.number).bind(4, Int64(limit))) {
            WebhookDelivery(
                event: EventPosition($0.int(0)), tries: $0.int(1), notBefore: $0.int(2), isDead: $0.int(3) != 0,
                outcome: $0.optionalText(4))
        }
    }

    package func webhookDeliveryCount(to name: String, isDead: Bool) throws -> Int64 {
        let count = try statement("SELECT count(*) FROM webhook_delivery WHERE webhook = ?1 AND is_dead = ?2")
        return try first(count.bind(1, name).bind(2, isDead ? 1 : 0)) { $0.int(0) } ?? 0
    }

    // MARK: Writing

    package func claimWebhook(
        _ name: String, from start: EventPosition, owner: LeaseOwner, seconds: Int64, isAlive: (LeaseOwner) -> Bool
    ) throws -> WebhookClaim? {
        let now = clock()
        let latest = now + seconds * 1_000_000
        try statement("INSERT INTO webhook(name, position) VALUES(?1, ?2) ON CONFLICT DO NOTHING")
            .bind(1, name).bind(2, start.number).run()
        let held = try first(
            statement("SELECT fence, lease_us, host, process, process_start FROM webhook WHERE name = ?1").bind(1, name)
        ) { row in
            (
                fence: row.int(0), until: row.optionalInt(1),
                owner: LeaseOwner(
                    host: row.text(2), process: Int32(truncatingIfNeeded: row.int(3)), processStart: row.int(4))
            )
        }
        if let held, let until = held.until, until > now, until <= latest, isAlive(held.owner) { return nil }
        let fence = (held?.fence ?? 0) + 1
        let take = try statement(
            """
            UPDATE webhook SET fence = ?2, lease_us = ?3, host = ?4, process = ?5, process_start = ?6 WHERE name = ?1
            """)
        take.bind(1, name).bind(2, fence).bind(3, latest).bind(4, owner.host).bind(5, Int64(owner.process))
        try take.bind(6, owner.processStart).run()
        return WebhookClaim(name: name, fence: fence)
    }

    package func settleWebhook(_ claim: WebhookClaim, _ step: WebhookStep, seconds: Int64) throws {
        let put = try statement(
            """
            UPDATE webhook SET position = CASE WHEN position > ?3 THEN position ELSE ?3 END, delivered = delivered + ?4, missed = missed + ?5,
                disabled = coalesce(?6, disabled), lease_us = ?7
            WHERE name = ?1 AND fence = ?2 AND lease_us IS NOT NULL
            """)
        put.bind(1, claim.name).bind(2, claim.fence).bind(3, step.position.number)
        put.bind(4, Int64(step.delivered.count)).bind(5, step.missed).bind(6, step.disabled)
        if try put.bind(7, clock() + seconds * 1_000_000).changed() == 0 { throw claim.fenced }
        let remove = try statement("DELETE FROM webhook_delivery WHERE webhook = ?1 AND event = ?2")
        for event in step.delivered { try remove.bind(1, claim.name).bind(2, event.number).run() }
        let keep = try statement(
            """
            INSERT INTO webhook_delivery(webhook, event, tries, not_before_us, is_dead, outcome)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT(webhook, event) DO UPDATE SET tries = ?3, not_before_us = ?4, is_dead = ?5, outcome = ?6
            """)
        for delivery in step.waiting {
            keep.bind(1, claim.name).bind(2, delivery.event.number).bind(3, delivery.tries)
            try keep.bind(4, delivery.notBefore).bind(5, delivery.isDead ? 1 : 0).bind(6, delivery.outcome).run()
        }
    }

    package func dropWebhookClaim(_ claim: WebhookClaim) throws {
        try statement(
            """
            UPDATE webhook SET lease_us = NULL, host = NULL, process = NULL, process_start = NULL
            WHERE name = ?1 AND fence = ?2
            """
        ).bind(1, claim.name).bind(2, claim.fence).run()
    }

    package func replayWebhook(_ name: String, _ events: [EventPosition]) throws -> Int? {
        let isKnown = try first(statement("SELECT 1 FROM webhook WHERE name = ?1").bind(1, name)) { _ in true }
        if isKnown == nil { return nil }
        let put = try statement(
            """
            INSERT INTO webhook_delivery(webhook, event, tries, not_before_us, is_dead, outcome)
            SELECT ?1, number, 0, ?3, 0, 'replay' FROM event
            WHERE number = ?2 AND number <= (SELECT position FROM webhook WHERE name = ?1)
            ON CONFLICT(webhook, event) DO UPDATE SET tries = 0, not_before_us = ?3, is_dead = 0, outcome = 'replay'
            """)
        let now = clock()
        var count: Int64 = 0
        for event in events { count += try put.bind(1, name).bind(2, event.number).bind(3, now).changed() }
        return Int(count)
    }

    package func enableWebhook(_ name: String) throws -> Bool {
        try statement("UPDATE webhook SET disabled = NULL WHERE name = ?1").bind(1, name).changed() > 0
    }
}
