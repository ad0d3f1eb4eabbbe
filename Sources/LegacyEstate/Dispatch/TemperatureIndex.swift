import Synchronization

/// When each room temperature was measured: the index that a dispatch system has, made with the first question that needs it.
final class TemperatureIndex: Sendable {
    private let estate: Estate
    private let times = Mutex<[LocalTime]?>(nil)

    init(_ estate: Estate) { self.estate = estate }

    /// The ordinals of those measured at this moment or later, in their order.
    func ordinals(since: LocalTime) -> [Int] {
        let times = times.withLock { times in
            let known = times ?? (0..<estate.temperatureCount).map { estate.temperature($0).at }
            times = known
            return known
        }
        return times.indices.filter { times[$0] >= since }
    }
}
