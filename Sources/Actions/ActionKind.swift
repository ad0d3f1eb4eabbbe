/// What a legacy system can be asked to do.
package enum ActionKind: String, Sendable, Hashable, CaseIterable {
    case createWorkOrder
    case amendWorkOrder
    case cancelWorkOrder
    case reopenWorkOrder
    case recordFollowUp
    case requestSuspension

    /// Fields without which it cannot be asked.
    package var required: Set<ActionField> {
        switch self {
        case .createWorkOrder: [.account, .problem]
        case .amendWorkOrder, .cancelWorkOrder, .reopenWorkOrder: [.account, .order]
        case .recordFollowUp: [.account, .order, .satisfaction]
        case .requestSuspension: [.account, .from]
        }
    }

    /// Fields that it may have beside these.
    package var optional: Set<ActionField> {
        switch self {
        case .createWorkOrder: [.words, .phone, .urgent, .wantedAt, .note]
        case .amendWorkOrder: [.words, .phone, .wantedAt, .note]
        case .cancelWorkOrder, .reopenWorkOrder: [.reason]
        case .recordFollowUp: [.note]
        case .requestSuspension: [.to, .reason, .phone]
        }
    }
}
