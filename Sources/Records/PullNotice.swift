/// Something that a pull noticed beside the records: no defect and no error, and yet what a person would want to know.
public struct PullNotice: Hashable, Sendable, Codable {
    /// What kind of thing, such as `csv.encodingTaken`, `cursor.beyondNow`, `soap.pathMatchesNothing`, `csv.fileNotReady`.
    public var code: String
    /// For a person, without customer data: `read as GB18030`.
    public var message: String
    /// The file, table or operation, where it is of one: as a person would look for it.
    public var place: String?

    public init(_ code: String, _ message: String, at place: String? = nil) {
        self.code = code
        self.message = message
        self.place = place
    }

    /// In a line: `csv.encodingTaken: yh_2.csv: read as GB18030`.
    public var text: String { "\(code): \(place.map { "\($0): " } ?? "")\(message)" }

    /// So many are kept of one pull; what a service does to each of its pages says nothing new after some.
    public static let most = 50
}

extension PullSummary {
    /// Adds a notice unless it is there already; beyond ``PullNotice/most`` they are only counted.
    public mutating func notice(_ code: String, _ message: String, at place: String? = nil) {
        let notice = PullNotice(code, message, at: place)
        if notices.contains(notice) { return }
        if notices.count < PullNotice.most { notices.append(notice) } else { noticesLeftOut += 1 }
    }
}
