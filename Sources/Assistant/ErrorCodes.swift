import HeatModel

extension HearthError.Code {
    /// A turn could not be kept: the same customer's turns come through several programs at once. Sent again it is taken.
    static let assistantBusy = Self("assistant.busy")
}
