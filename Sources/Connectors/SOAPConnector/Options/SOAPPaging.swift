package import HeatModel

/// How a service hands out a large answer in parts.
package enum SOAPPaging: Sendable {
    /// One envelope is all.
    case none
    case pages(Pages)
    case token(Token)
    case window(Window)

    /// `{{page}}` counts up until the answer says that there are no more, until as many pages or records came as it states, or,
    /// where it states nothing, until a page adds nothing: a page with fewer records than asked for proves nothing.
    package struct Pages: Sendable {
        package var pageSize: Int
        package var firstPage: Int
        /// Where the answer says whether more follows, in one of the spellings of ``YesOrNo``: `d:Result/d:HasMore`.
        package var hasMorePath: String?
        /// Where the answer states the number of pages: `d:Result/d:TotalPages`.
        package var countPath: String?

        package init(pageSize: Int, firstPage: Int = 1, hasMorePath: String? = nil, countPath: String? = nil) {
            self.pageSize = pageSize
            self.firstPage = firstPage
            self.hasMorePath = hasMorePath
            self.countPath = countPath
        }
    }

    /// `{{token}}` is what the last answer gave, empty at first; an answer with an empty one is the last.
    package struct Token: Sendable {
        /// `d:Result/d:NextToken`
        package var nextTokenPath: String
        package var pageSize: Int
        /// Whether a token is still good in a later run. If not, a broken pull begins its pass again.
        package var isDurable: Bool
        /// Whether an answer without the element is the last: services may leave it out at the end. Otherwise such an answer is an
        /// error, since one that lacks its end, or a path with a typo, looks the same.
        package var absentIsEnd: Bool

        package init(
            nextTokenPath: String, pageSize: Int = 1000, isDurable: Bool = false, absentIsEnd: Bool = false
        ) {
            self.absentIsEnd = absentIsEnd
            self.nextTokenPath = nextTokenPath
            self.pageSize = pageSize
            self.isDurable = isDurable
        }
    }

    /// `{{windowStart}}` (included) to `{{windowEnd}}` (excluded), step by step from the cursor to now.
    package struct Window: Sendable {
        package var startsAt: Instant
        /// Seconds in a window.
        package var step: Int64
        /// Seconds before now at which the last window ends, for records that the system shows late.
        package var settle: Int64
        /// Seconds before the cursor from which windows are asked again.
        package var lookback: Int64
        package var format: InstantFormat

        package init(
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
    package enum InstantFormat: String, Sendable, CaseIterable {
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
