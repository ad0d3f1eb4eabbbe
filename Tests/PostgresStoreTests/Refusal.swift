import HeatModel

/// What a body is refused with; nil where it is not, or by something that is no error of Hearth's.
func refusal(_ body: () throws -> Void) -> HearthError? {
    do {
        try body()
        return nil
    } catch {
        return error as? HearthError
    }
}
