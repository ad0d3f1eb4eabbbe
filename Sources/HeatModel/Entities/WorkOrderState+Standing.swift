extension WorkOrderState {
    /// Whether somebody still has to do something at the home: neither done nor given up.
    public var isOpen: Bool { self != .completed && self != .closed && self != .cancelled }
    /// Whether somebody has been there: so there was a fault before. One that was given up says nothing of the kind.
    public var isDealtWith: Bool { self == .completed || self == .closed }
}
