package import HeatModel

extension HearthError.Code {
    /// A customer is to be told something, and is not known where.
    package static let messageNoAddress = Self("message.noAddress")
}
