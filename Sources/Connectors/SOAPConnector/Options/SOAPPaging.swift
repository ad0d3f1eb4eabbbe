public import HeatModel

/// How a service hands out a large answer in parts.
public enum SOAPPaging: Sendable {
    /// One envelope is all.
    case none
    case pages(Pages)
    case token(Token)
    case window(Window)

    /// `{{page}}` counts up until the answer says that there are no more, until as many pages or records came as it states, or,
    /// where it states nothing, until a page adds nothing: a page with fewer records than asked for proves nothing.
    public struct Pages: Sendable {
        public var pageSize: Int
        public var firstPage: Int
        /// Where the answer says whether more follows, in one of the spellings of ``YesOrNo``: `d:Result/d:HasMore`.
        public var hasMorePath: String?
        /// Where the answer states the number of pages: `d:Result/d:TotalPages`.
        public var countPath: String?

        public init(pageSize: Int, firstPage: Int = 1, hasMorePath: String? = nil, countPath: String? = nil) {
            self.pageSize = pageSize
            self.firstPage = firstPage
            self.hasMorePath = hasMorePath
            self.countPath = countPath
        }
    }

    /// `{{token}}` is what the last answer gave, empty at first; an answer with an empty one is the last.
    public struct Token: Sendable {
        /// `d:Result/d:NextToken`
        public var nextTokenPath: String
        public var pageSize: Int
        /// Whether a token is still good in a later run. If not, a broken pull begins its pass again.
        public var isDurable: Bool
        /// Whether an answer without the element is the last: services may leave it out at the end. Otherwise such an answer is an
        /// error, since one that lacks its end, or a path with a typo, looks the same.
        public var absentIsEnd: Bool

        public init(
            nextTokenPath: String, pageSize: Int = 1000, isDurable: Bool = false, absentIsEnd: Bool = false
        ) {
            self.absentIsEnd = absentIsEnd
            self.nextTokenPath = nextTokenPath
            self.pageSize = pageSize
            self.isDurable = isDurable
        }
    }

    /// `{{windowStart}}` (included) to `{{windowEnd}}` (excluded), step by step from the cursor to now.
    public struct Window: Sendable {
        public var startsAt: Instant
        /// Seconds in a window.
        public var step: Int64
        /// Seconds before now at which the last window ends, for records that the system shows late.
        public var settle: Int64
        /// Seconds before the cursor from which windows are asked again.
        public var lookback: Int64
        public var format: InstantFormat

        public init(
            startsAt: Instant, step: Int64 = 86_400, settle: Int64 = 0, lookback: Int64 = 0,
            format: InstantFormat = .rfc3339
        ) {
            self.startsAt = startsAt
            self.step = step
            self.settle = settle
            self.lookback = lookback
            self.format = format
        }
    }

    /// How the service spells instants.
    public enum InstantFormat: String, Sendable, CaseIterable {
        /// `2026-11-22T08:00:00+08:00`
        case rfc3339
        /// `2026-11-22T08:00:00`
        case localT
        /// `2026-11-22 08:00:00`
        case local
        /// `20261122080000`
        case compact
        /// Seconds since 1970 in UTC.
        case epoch
    }

    var pageSize: Int {
        switch self {
        case .none, .window: 1000
        case .pages(let pages): pages.pageSize
        case .token(let token): token.pageSize
        }
    }
}
