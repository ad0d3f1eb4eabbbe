import HeatModel

/// The greatest count of records, and of pages, that the answers of a pass have stated.
struct StatedMost {
    private var total: Int64 = 0
    private var pages: Int64 = 0

    /// Throws `source.changedWhileRead` where a count fell: records that went away moved others to pages that were read already.
    mutating func take(_ end: SOAPEnvelopeEnd, _ stream: SOAPStream, believesCount: Bool, at place: Place) throws {
        if stream.total?.scope == .pass { try Self.raise(&total, end.statedTotal, "records", place) }
        if believesCount { try Self.raise(&pages, end.pageCount, "pages", place) }
    }

    private static func raise(_ most: inout Int64, _ text: String?, _ what: String, _ place: Place) throws {
        guard let stated = text.flatMap({ Int64($0) }), stated >= 0 else { return }
        if stated < most {
            throw HearthError(
                .sourceChangedWhileRead,
                "the service stated \(most) \(what) and now states \(stated): what went away moved others to pages that were read already",
                at: place,
                advice: "Run the pull again; for a system that removes records all the time, ask for smaller parts.")
        }
        most = stated
    }
}
