package import Answers
import Attachments
import Evidence
import Foundation
import HeatModel

/// A request, as a value: what is wanted, not who wants it (``Requester``) nor through which door.
package enum Request: Sendable {
    case fault(FaultReport)
    case conversation(KeyedConversationRequest)
    case followUp(FollowUpAnswer)
    case noticeWish(NoticeWish)
    case suspension(SuspensionApplication)

    /// - Throws: a problem that names the argument that is missing or wrong, and repeats none.
    package init(_ kind: RequestKind, _ arguments: Arguments) throws(Problem) {
        switch kind {
        case .faultReport, .faultReportByAddress: self = .fault(try FaultReport(kind, arguments))
        case .followUp: self = .followUp(try FollowUpAnswer(arguments))
        case .noticeWish: self = .noticeWish(try NoticeWish(arguments))
        case .suspension: self = .suspension(try SuspensionApplication(arguments))
        default: self = .conversation(try KeyedConversationRequest(kind, arguments))
        }
    }

    package var kind: RequestKind {
        switch self {
        case .fault(let report):
            switch report.place {
            case .account: .faultReport
            case .address: .faultReportByAddress
            }
        case .conversation(let keyed): keyed.kind
        case .followUp: .followUp
        case .noticeWish: .noticeWish
        case .suspension: .suspension
        }
    }

    /// The account that it names; nil where it names none.
    package var account: String? {
        switch self {
        case .fault(let report):
            guard case .account(let number) = report.place else { return nil }
            return number
        case .followUp(let answer): return answer.account
        case .noticeWish(let wish): return wish.account
        case .suspension(let application): return application.account
        case .conversation: return nil
        }
    }

    /// By which a repeat under a key is told from another request: equal requests have equal ones, however they were written.
    static func fingerprint(of kind: String, _ parts: [String: String]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return AuditTrail.fingerprint(system: "request", kind: kind, payload: Array(try encoder.encode(parts)))
    }
}

/// A fault that a customer reports.
package struct FaultReport: Sendable {
    /// What dispatch systems distinguish and customers report. Stopping and restoring supply are no faults.
    package static let kinds = ["noHeat", "notWarm", "leak", "temperature", "valve", "other"]

    enum Place: Sendable {
        case account(String)
        case address(String, community: String?)
    }

    /// A photo or video, where it lies.
    struct Attachment: Sendable, Hashable {
        var sha256: String
        var address: String
        var type: String

        static let members = ["sha256", "address", "type"]
        static let types = AttachmentKind.allCases.map(\.rawValue)
    }

    let place: Place
    let kind: String
    let symptom: String?
    let words: String?
    let wantedAt: Instant?
    /// Digits alone.
    let phone: String?
    /// Tenths of a degree Celsius.
    let temperature: Int?
    let attachments: [Attachment]
    let language: AnswerLanguage
    let key: String

    /// Whether somebody must come at once.
    var isUrgent: Bool { kind == "leak" }

    init(_ request: RequestKind, _ arguments: Arguments) throws(Problem) {
        let read = ArgumentReader(definition: request.definition, arguments: arguments)
        key = try read.idempotencyKey()
        switch request {
        case .faultReportByAddress:
            let text = try read.required("address")
            let community = try read.text("community")
            for (name, value) in [("address", text), ("community", community ?? "")]
            where value.unicodeScalars.count > 60 {
                throw .parameter(name, "must not be longer than 60 characters")
            }
            place = .address(text, community: community)
        default: place = .account(try read.accountNumber())
        }
        kind = try read.required("kind")
        symptom = try read.text("symptom")
        words = try read.text("words")
        wantedAt = try read.instant("wanted_at")
        let stated = try read.text("phone")
        phone = stated.flatMap { PhoneIndex.folded($0) }
        if stated != nil, phone == nil { throw .parameter("phone", "must hold 5 to 20 digits") }
        temperature = try read.integer("temperature_tenths")
        var attachments: [Attachment] = []
        for (index, element) in try read.objects("attachments").enumerated() {
            attachments.append(try Self.attachment(element, index))
        }
        self.attachments = attachments
        language = try read.language()
    }

    private static func attachment(_ element: [String: String], _ index: Int) throws(Problem) -> Attachment {
        func wrong(_ member: String, _ why: String) -> Problem {
            .parameter("attachments[\(index)].\(member)", why)
        }
        let sha256 = (element["sha256"] ?? "").lowercased()
        let address = element["address"] ?? ""
        let type = element["type"] ?? ""
        if sha256.utf8.count != 64 || !sha256.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 &- 0x61 < 6 }) {
            throw wrong("sha256", "must be 64 hexadecimal digits")
        }
        let isPlain = address.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        let isAddress = ["https://", "http://", "/"].contains { address.hasPrefix($0) && address != $0 }
        if !isPlain || !isAddress || address.count > 200 {
            throw wrong("address", "must be an http or https address, or a path, of at most 200 characters")
        }
        if !Attachment.types.contains(type) {
            throw wrong("type", "must be one of \(Attachment.types.joined(separator: ", "))")
        }
        return Attachment(sha256: sha256, address: address, type: type)
    }

    var fingerprint: [UInt8] {
        get throws {
            var parts: [String: String] = ["kind": kind, "lang": language.rawValue]
            switch place {
            case .account(let number): parts["account"] = number
            case .address(let text, let community):
                parts["address"] = text
                parts["community"] = community
            }
            parts["symptom"] = symptom
            parts["words"] = words
            parts["wanted_at"] = wantedAt.map { String($0.microseconds) }
            parts["phone"] = phone
            parts["temperature"] = temperature.map { String($0) }
            for (index, attachment) in attachments.enumerated() {
                parts["attachment \(index)"] = "\(attachment.sha256) \(attachment.type) \(attachment.address)"
            }
            return try Request.fingerprint(of: "fault", parts)
        }
    }
}

extension FaultReport {
    /// The SHA-256 of each photo or video that is kept here.
    ///
    /// - Throws: a problem that names the one that is said to be here and is not, or is something else.
    func kept(in folder: AttachmentFolder) throws(Problem) -> [String] {
        var kept: [String] = []
        for (index, attachment) in attachments.enumerated() {
            guard let named = folder.settings.named(by: attachment.address) else { continue }
            func wrong(_ member: String, _ why: String) -> Problem {
                Problem(
                    .conflict, "unknown-attachment", "A photo or video is not here", detail: why,
                    parameter: "attachments[\(index)].\(member)")
            }
            guard named == attachment.sha256 else { throw wrong("address", "the address is of another SHA-256") }
            guard let found = folder.find(named)?.attachment else {
                throw wrong("sha256", "nothing with this SHA-256 is here; send it first, or again")
            }
            guard found.kind.rawValue == attachment.type else {
                throw wrong("type", "what is here is \(found.kind.rawValue)")
            }
            kept.append(named)
        }
        return kept
    }
}
