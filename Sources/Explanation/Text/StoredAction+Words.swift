import HeatModel
import JSONText
package import Store

extension StoredAction {
    /// An action that makes a repair order.
    package static var orderKind: String { "createWorkOrder" }

    /// Those that customers ask for.
    package static var askedKinds: Set<String> { [orderKind, "requestSuspension"] }

    /// The fault that an order is for: `noHeat`.
    package var fault: String? { asked("problem") }

    /// When the customer wants somebody to come, as it was asked for.
    package var wantedAt: String? { asked("wantedAt") }

    private func asked(_ field: StaticString) -> String? {
        request.payload.withUnsafeBytes { JSONMembers.value(of: field, in: $0)?.jsonText }
    }

    /// What became of a request for a repair order. What nobody knows is called neither success nor failure.
    package func told(in wording: Wording) -> String {
        let key =
            switch state {
            case .confirmed where externalID == nil: "confirmed_without_number"
            case let state where isDead && !state.isFinal: "waiting"
            default: state.rawValue
            }
        return wording.finish(
            wording.sentence(
                "orders.request.\(key)",
                [
                    (.request, .integer(Int(id.number))), (.order, .text(externalID ?? "")),
                    (.message, .text(message ?? "")),
                ]))
    }
}
