import HeatModel

extension HearthError.Code {
    static let configNoOrderSystem = Self("config.noOrderSystem")
}
