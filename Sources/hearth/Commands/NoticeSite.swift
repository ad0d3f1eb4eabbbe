import Actions
import Answers
import Assistant
import ConfigurationFiles
import Explanation
import Foundation
import HeatModel
import Logging
import Notices
import Setup
import Store
import Sync

/// The configuration, its rules of notices, and the store.
struct NoticeSite {
    let configuration: HearthConfiguration
    let rules: NoticeRules
    let store: any Store
    let clock: CompanyClock
    private let workspace: Workspace

    /// - Throws: `config.missing` where there are no rules.
    init(_ options: CommonOptions, patience: PrimaryPatience = .none) throws {
        let (workspace, store) = try options.servingWorkspace(patience: patience)
        self.workspace = workspace
        self.store = store
        configuration = workspace.configuration
        guard let rules = try NoticeRules.loadIfAny(besides: configuration.path) else {
            throw HearthError(
                .configMissing, "there are no rules of notices",
                at: .file(NoticeRules.path(besides: configuration.path), line: 0, column: 0),
                advice: "`hearth init` writes one into an empty folder: take it over from there")
        }
        self.rules = rules
        clock = CompanyClock(zone: configuration.timeZone)
    }

    func money() throws -> MoneyAnswers { try workspace.moneyAnswers() }

    /// The channels, for whoever sends.
    func channels() throws -> [ActionSystem] {
        let logger = Logger(label: "hearth.notices") { StreamLogHandler.standardError(label: $0) }
        return try CustomerPost(configuration, rules: rules, logger: logger, asked: true).channels
    }

    func desk(channels: [ActionSystem]) throws -> NoticeDesk {
        NoticeDesk(
            rules: rules, channels: channels, store: store, money: try money(), clock: clock,
            refresh: { [workspace] in try workspace.readAnew($0, $1) }, address: { Assistant.address(in: $0) })
    }
}
