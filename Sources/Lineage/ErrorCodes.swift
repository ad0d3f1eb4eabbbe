import HeatModel

extension HearthError.Code {
    static let lineageNotTold = Self("lineage.notTold")
}
