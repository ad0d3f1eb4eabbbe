import Synchronization

/// Something that happens once, seen from every thread: a request to stop.
public final class StopSignal: Sendable {
    private let value = Atomic<Bool>(false)
    public init() {}
    public func set() { value.store(true, ordering: .releasing) }
    public var isSet: Bool { value.load(ordering: .acquiring) }
}
