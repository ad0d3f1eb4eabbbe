extension WorkOrderState {
    /// Whether somebody still has to do something at the home: neither done nor given up.
    public var isOpen: Bool { self != .completed && self != .closed && self != .cancelled }
}
