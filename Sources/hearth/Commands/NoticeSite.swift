import Actions
import Answers
import ConfigurationFiles
import Explanation
import Foundation
import HeatModel
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
    init(_ options: CommonOptions) throws {
        let (workspace, store) = try options.servingWorkspace()
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

    func channels() throws -> [ActionSystem] { try NoticeRules.channels(of: configuration) }

    func desk(channels: [ActionSystem]) throws -> NoticeDesk {
        NoticeDesk(
            rules: rules, channels: channels, store: store, money: try money(), clock: clock,
            refresh: { [workspace] in try workspace.readAnew($0, $1) })
    }
}

extension NoticeRules {
    /// The channels beside a configuration, with what they keep outside of the file.
    static func channels(of configuration: HearthConfiguration) throws -> [ActionSystem] {
        try channels(path: path(besides: configuration.path)) { $0.withOutsideValues(of: $1, $2) }
    }
}
