/// What a legacy system can be asked to do.
package enum ActionKind: String, Sendable, Hashable, CaseIterable {
    case createWorkOrder
    case amendWorkOrder
    case cancelWorkOrder
    case reopenWorkOrder
    case recordFollowUp
    case requestSuspension
    /// Something to tell a customer, through a channel of `notices.yaml`; no legacy system is asked for it.
    case sendNotice
    /// What a customer is answered, or told by a person, where that goes out by itself; no legacy system is asked for it.
    case sendMessage

    /// What a legacy system may be asked for.
    package static var ofSystems: [ActionKind] { allCases.filter { $0 != .sendNotice && $0 != .sendMessage } }

    /// Fields without which it cannot be asked.
    package var required: Set<ActionField> {
        switch self {
        case .createWorkOrder: [.account, .problem]
        case .amendWorkOrder, .cancelWorkOrder, .reopenWorkOrder: [.account, .order]
        case .recordFollowUp: [.account, .order, .satisfaction]
        case .requestSuspension: [.account, .from]
        case .sendNotice: [.account, .notice]
        case .sendMessage: [.address, .words, .until]
        }
    }

    /// Fields that it may have beside these.
    package var optional: Set<ActionField> {
        switch self {
        case .createWorkOrder: [.words, .phone, .urgent, .wantedAt, .note]
        case .amendWorkOrder: [.words, .phone, .wantedAt, .note]
        case .cancelWorkOrder: [.reason]
        case .reopenWorkOrder: [.reason, .urgent]
        case .sendNotice: []
        case .sendMessage: [.conversation]
        case .recordFollowUp: [.note]
        case .requestSuspension: [.to, .reason, .phone]
        }
    }
}
