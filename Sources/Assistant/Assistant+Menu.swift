import Answers
import HeatModel
import Insights
import Requests
import Store
import Synchronization

extension Assistant {
    /// Has what was asked most in this month and the one before offered first from now on. It reads every conversation of them: now and
    /// then, and never on a thread that answers.
    ///
    /// - Throws: what the store throws; what was offered before is offered on.
    package func learnMenu() throws {
        let today = desk.answerer.instant(nil).local.date
        let before = today.adding(days: -today.components.day)
        var counts: [String: Int64] = [:]
        for day in [today, before] {
            let text = String("\(day)".prefix(7))
            guard let month = ReportMonth(text, offset: { desk.answerer.instant($0).offsetMinutes }) else { continue }
            let report = try desk.answerer.store.read { try MonthReport(month, of: $0) }
            for question in report.topQuestions { counts[question.name, default: 0] += question.count }
        }
        menu.withLock { [counts] in $0 = book.menu(asked: counts) }
    }
}

extension Playbook {
    /// What is offered first: what was asked most, then the company's own order.
    func menu(asked counts: [String: Int64]) -> [String] {
        let own = company.menu
        let all = own + answers.keys.sorted().filter { !own.contains($0) && !company.neverOffered.contains($0) }
        let most = all.enumerated().filter { counts[$0.element] ?? 0 > 0 }.sorted {
            (-(counts[$0.element] ?? 0), $0.offset) < (-(counts[$1.element] ?? 0), $1.offset)
        }.map(\.element)
        var titles: Set<String> = []
        // Two matters of one flow are one button.
        return Array((most + own).filter { titles.insert(title(of: $0)).inserted }.prefix(Self.mostOffered))
    }

    private static let mostOffered = 10
}
