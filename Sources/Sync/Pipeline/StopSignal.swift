import Synchronization

/// Something that happens once, seen from every thread: a request to stop.
package final class StopSignal: Sendable {
    private let value = Atomic<Bool>(false)
    package init() {}
    package func set() { value.store(true, ordering: .releasing) }
    package var isSet: Bool { value.load(ordering: .acquiring) }
}
