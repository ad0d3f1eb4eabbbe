import Actions
import Foundation
import HeatModel
import Notices
import SQLiteStore
import Store

/// A notice as it is shown: without its phone.
struct NoticeDocument: Encodable {
    var id: Int64
    var rule: String
    var account: String
    var about: String
    var state: String
    var waitsForPerson: Bool
    var notBefore: String
    var expiresAt: String
    var plannedAt: String
    var changedAt: String
    var channel: String?
    var action: Int64?
    var reason: String?
    var text: String?
    var segments: Int?
    var attempts: [AttemptDocument]?

    init(_ notice: StoredNotice, attempts: [ActionAttempt]?, _ site: NoticeSite) {
        func stamp(_ instant: Instant) -> String { "\(site.clock.local(instant.microseconds))" }
        id = notice.id.number
        rule = notice.notice.rule
        account = notice.notice.account
        about = notice.notice.occasion
        state = notice.state.rawValue
        waitsForPerson = notice.action?.isDead ?? false
        notBefore = stamp(notice.notice.notBefore)
        expiresAt = stamp(notice.notice.expiresAt)
        plannedAt = stamp(notice.plannedAt)
        changedAt = stamp(notice.changedAt)
        channel = notice.action.map { String($0.request.system.split(separator: "/").last ?? "") }
        action = notice.action?.id.number
        reason = notice.reason ?? notice.action?.message
        text = notice.telling?.text
        segments = notice.telling?.segments
        self.attempts = attempts?.map { AttemptDocument($0, stamp: stamp) }
    }

    /// - Throws: `usage.unknownEntry` where there is none.
    static func show(_ id: NoticeID, _ site: NoticeSite, asJSON: Bool) throws {
        let found = try site.store.read { store in
            try store.notice(id).map { notice in
                (notice, try notice.action.map { try store.attempts(of: $0.id) } ?? [])
            }
        }
        guard let (notice, attempts) = found else {
            throw HearthError(
                .usageUnknownEntry, "there is no notice \(id)", at: .address("store"),
                advice: "`hearth notices list` shows them")
        }
        let document = NoticeDocument(notice, attempts: attempts, site)
        if asJSON { return try JSONOutput.print(document) }
        Terminal.say(
            "notice \(document.id)  \(document.state)\(document.waitsForPerson ? " (waits for a person)" : "")")
        Terminal.say("  \(document.rule) of account \(document.account), about \(document.about)")
        Terminal.say("  planned \(document.plannedAt), \(document.state) since \(document.changedAt)")
        Terminal.say("  not before \(document.notBefore), worth nothing from \(document.expiresAt) on")
        if let channel = document.channel, let action = document.action {
            Terminal.say("  through \(channel), action \(action)")
        }
        if let reason = document.reason { Terminal.say("  \(reason)") }
        if let text = document.text, let segments = document.segments {
            Terminal.say("  \(text) (\(segments) messages)")
        }
        AttemptDocument.table(document.attempts ?? [])
    }
}
