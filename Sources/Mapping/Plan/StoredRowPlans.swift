public import HeatModel

/// Plans of one mapping file for rows that were pulled earlier, by the columns that the rows have.
public struct StoredRowPlans: Sendable {
    private let file: MappingFile
    private let zone: String
    private var plans: [[String]: MappingPlan?] = [:]
    /// Why rows cannot be read, `config.unknownColumn`: the first time that some lacked a column that the file names.
    public private(set) var lack: HearthError?

    /// - Parameter zone: IANA name of the source's time zone, where the file itself names none.
    public init(_ file: MappingFile, zone: String = "Asia/Shanghai") {
        self.file = file
        self.zone = zone
    }

    /// Nil where such rows lack a column that the file names: only the source can send them with it.
    ///
    /// - Throws: what else is wrong with the file: `config.unknownZone`, `config.badValue`.
    public mutating func plan(columns: [String]) throws -> MappingPlan? {
        if let known = plans[columns] { return known }
        var plan: MappingPlan?
        do {
            plan = try MappingPlan(file, columns: columns, zone: zone)
        } catch let error as HearthError where error.code == .configUnknownColumn {
            lack = lack ?? error
        }
        plans[columns] = .some(plan)
        return plan
    }
}
