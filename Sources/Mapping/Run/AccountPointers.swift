/// Copies of a plan's operations beside the body, behind pointers: an operation is too large to be passed around by value.
struct AccountPointers {
    let number: UnsafePointer<Operation>?
    let crosswalk: UnsafePointer<Operation>?
    let registers: UnsafePointer<Operation>?
    let community: UnsafePointer<Operation>?
    let building: UnsafePointer<Operation>?
    let unit: UnsafePointer<Operation>?
    let room: UnsafePointer<Operation>?
    let whole: UnsafePointer<Operation>?
    let voided: UnsafePointer<Operation>?

    init(_ plan: MappingPlan) {
        func keep(_ operation: Operation?) -> UnsafePointer<Operation>? {
            guard let operation else { return nil }
            let pointer = UnsafeMutablePointer<Operation>.allocate(capacity: 1)
            pointer.initialize(to: operation)
            return UnsafePointer(pointer)
        }
        number = keep(plan.account.number)
        crosswalk = keep(plan.account.crosswalk)
        registers = keep(plan.account.registers)
        community = keep(plan.account.community)
        building = keep(plan.account.building)
        unit = keep(plan.account.unit)
        room = keep(plan.account.room)
        whole = keep(plan.account.whole)
        voided = keep(plan.voided?.operation)
    }

    /// To be called once, by the owner.
    func deallocate() {
        for pointer in [number, crosswalk, registers, community, building, unit, room, whole, voided] {
            pointer?.deallocate()
        }
    }
}
