package import Assistant

/// Tells whoever runs the program why a turn failed. Doors tell a customer what to do, and nothing of what went wrong.
package struct WatchedConverser: Converser {
    private let converser: any Converser
    private let onFailure: @Sendable (_ error: any Error, _ turn: CustomerTurn) -> Void

    /// - Parameter onFailure: is given what a customer said, too, which is for no log.
    package init(
        _ converser: any Converser, onFailure: @escaping @Sendable (_ error: any Error, _ turn: CustomerTurn) -> Void
    ) {
        self.converser = converser
        self.onFailure = onFailure
    }

    package func reply(to turn: CustomerTurn, also: Also) throws -> AssistantReply {
        do {
            return try converser.reply(to: turn, also: also)
        } catch {
            onFailure(error, turn)
            throw error
        }
    }
}
