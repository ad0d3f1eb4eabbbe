package import AccountView
package import Billing
import Foundation
package import HeatModel
package import Store

/// Answers about an account's money from a store: what the command line and the gateway ask.
///
/// ```swift
/// let money = try MoneyAnswers.load(configuration: "Config", peers: configuration.peers)
/// let answer = try store.read { try money.explanation(of: "00012345", season: nil, versus: .peers, today: today, now: now, in: $0) }
/// let json = answer.json(in: money.wordings())
/// ```
package final class MoneyAnswers: Sendable {
    package let explainer: Explainer
    package let wordings: Wordings
    /// How supply is suspended; nil where no file says.
    let procedures: SuspensionProcedures?
    private let memory = SupportingDataCache()

    package var book: TariffBook { explainer.book }
    package var settings: ExplanationSettings { explainer.settings }

    package init(
        book: TariffBook, wordings: Wordings, procedures: SuspensionProcedures? = nil, settings: ExplanationSettings
    ) {
        explainer = Explainer(book: book, settings: settings)
        self.wordings = wordings
        self.procedures = procedures
    }

    /// Reads `tariffs/`, `answers/` and, where it is there, `suspension.yaml` in the folder of a configuration.
    ///
    /// - Throws: `ConfigurationErrors`.
    package static func load(configuration folder: String, settings: ExplanationSettings) throws -> MoneyAnswers {
        let folder = URL(fileURLWithPath: folder)
        return MoneyAnswers(
            book: try TariffBook.load(directory: folder.appendingPathComponent("tariffs").relativePath),
            wordings: try Wordings.load(directory: folder.appendingPathComponent("answers").relativePath),
            procedures: try SuspensionProcedures.loadIfAny(folder: folder),
            settings: settings)
    }

    /// The account's view in a store.
    ///
    /// - Throws: `usage.unknownAccount`.
    func context(of number: String, _ store: any StoreReader) throws -> AccountContext {
        var number = number
        guard let view = try number.withUTF8({ try store.view(number: UnsafeRawBufferPointer($0)) }) else {
            throw HearthError(
                .usageUnknownAccount, "there is no account with this number", at: .address("store"),
                advice: "check the leading zeros; \(.status) shows how fresh the store is")
        }
        return view.body.withUnsafeBytes { AccountContext(view: $0) }
    }

    func supportingData(
        _ store: any StoreReader, at moment: Moment? = nil, runs: UnsafeRawBufferPointer? = nil
    ) -> StoredSupportingData {
        StoredSupportingData(store, memory: memory, at: moment, runs: runs)
    }

    /// Why the bill is what it is.
    ///
    /// - Parameters:
    ///   - season: `2025-2026`; nil for the latest with a bill.
    ///   - today: the day that the answer is of; `now` is what freshness is measured against.
    /// - Throws: `usage.unknownAccount`, `usage.badSeason`, and what the store throws. Everything else is a status of the answer.
    package func explanation(
        of number: String, season: String?, versus: Explanation.Versus, today: CivilDate, now: Instant,
        in store: any StoreReader
    ) throws -> Explanation {
        try explainer.explain(
            context(of: number, store), season: season, versus: versus, asOf: today, now: now, in: supportingData(store)
        )
    }

    /// The same for a view that is at hand, of the present or as of an earlier moment, which `today` and `now` are then of. The
    /// statistics of peers are always today's, and the answer says so.
    ///
    /// - Parameter runs: the ``RecordRuns`` that were stored beside the view, where they are at hand.
    package func explanation(
        _ view: consuming AccountContext, runs: UnsafeRawBufferPointer? = nil, at moment: Moment?, season: String?,
        versus: Explanation.Versus, today: CivilDate, now: Instant,
        in store: any StoreReader
    ) throws -> Explanation {
        try explainer.explain(
            view, season: season, versus: versus, asOf: today, now: now,
            in: supportingData(store, at: moment, runs: runs))
    }

    /// The wordings of these languages, or of all; one that there is not is left out.
    package func wordings(for languages: [String]? = nil) -> [Wording] {
        (languages ?? wordings.languages).compactMap { wordings[$0] }
    }
}
