package import HeatModel
package import Store

/// What streams said when they were read for the first time: it was true before Hearth saw it, and is no news.
///
/// A stream's first reading ends with the first run that read it to its end. One that has not come so far within
/// ``EventRules/firstReading`` is taken for read: a stream whose runs all fail is told of, late rather than never.
package struct FirstReadings {
    private let names: [StreamID: String]
    private let ends: [StreamID: RunID]
    /// Streams whose first reading goes on.
    private let isOpen: Set<StreamID>

    package init(in store: some RunReader, at now: Instant) throws {
        names = Dictionary(uniqueKeysWithValues: try store.streams().map { ($0.id, $0.name) })
        let pulls = try store.firstPulls()
        ends = pulls.compactMapValues(\.whole)
        isOpen = Set(
            pulls.filter { $0.value.whole == nil && $0.value.begunAt.isNews(at: now, within: EventRules.firstReading) }
                .keys)
    }

    /// Which of the records that a view is made of were stated then, by stream and key.
    ///
    /// - Parameter runs: the ``RecordRuns`` of the view.
    func records(in runs: UnsafeRawBufferPointer) -> Set<String> {
        var found: Set<String> = []
        RecordRuns.forEach(in: runs) { stream, key, run in
            if holds(stream, run), let name = names[stream] {
                found.insert("\(name)/\(String(decoding: key, as: UTF8.self))")
            }
        }
        return found
    }

    /// Whether all of them were; of a view without ``RecordRuns`` none is known to be.
    func areAll(in runs: UnsafeRawBufferPointer?) -> Bool {
        guard let runs else { return false }
        var areAll = true
        RecordRuns.forEach(in: runs) { stream, _, run in areAll = areAll && holds(stream, run) }
        return areAll
    }

    private func holds(_ stream: StreamID, _ run: RunID) -> Bool {
        ends[stream].map { run <= $0 } ?? isOpen.contains(stream)
    }
}
