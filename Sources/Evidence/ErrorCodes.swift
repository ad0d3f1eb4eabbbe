import HeatModel

extension HearthError.Code {
    static let usageNotEmpty = Self("usage.notEmpty")
}
