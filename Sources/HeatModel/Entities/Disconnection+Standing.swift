extension Disconnection {
    /// Whether the premises were in fact taken off the network: what is only requested or approved has not happened yet.
    public var holds: Bool { voided != true && (state == nil || state == .disconnected) }

    /// Whether the premises were put on the network again.
    public var restores: Bool { voided != true && state == .restored }
}
