/// Bare pointers to a plan's tables, for the time of one batch.
struct PlanTables {
    let operations: UnsafeBufferPointer<Operation>
    let constants: UnsafePointer<UInt8>
    let nullSets: UnsafePointer<NullSet>
    let tables: UnsafeBufferPointer<CodeTable>
}

extension MappingPlan {
    func withTables(_ body: (PlanTables) -> Void) {
        operations.withUnsafeBufferPointer { operations in
            constants.withUnsafeBufferPointer { constants in
                nullSets.withUnsafeBufferPointer { nullSets in
                    tables.withUnsafeBufferPointer { tables in
                        // Neither is ever empty: the constants end in padding, the first null set is the file's.
                        guard let constants = constants.baseAddress, let nullSets = nullSets.baseAddress else { return }
                        body(
                            PlanTables(operations: operations, constants: constants, nullSets: nullSets, tables: tables)
                        )
                    }
                }
            }
        }
    }
}
