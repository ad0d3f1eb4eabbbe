extension Suspension {
    /// Whether supply is, or was, in fact suspended by it: granted as far as the record says, not taken back, and not the end of one.
    public var holds: Bool { voided != true && kind != .restore && isGranted }

    /// Whether it is the end of a suspension: supply taken up again.
    public var restores: Bool { voided != true && kind == .restore && isGranted }

    private var isGranted: Bool { state == nil || state == .approved || state == .ended }
}
