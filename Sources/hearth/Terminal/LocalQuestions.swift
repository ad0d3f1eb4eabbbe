import Actions
import Answers
import Attachments
import Conversations
import Disclosure
import Explanation
import Foundation
import HeatModel
import Requests
import Setup
import Store
import Triage

/// Asks questions for the user of this machine, who may ask all of them; personal data is masked unless `--unmask` is given. An
/// access is written down before anything is shown.
struct LocalQuestions {
    let workspace: Workspace
    private let store: any Store
    private let disclosure: DisclosureOptions?

    init(_ options: CommonOptions, disclosure: DisclosureOptions? = nil, patience: PrimaryPatience = .none) throws {
        let (workspace, store) = try options.servingWorkspace(patience: patience)
        self.workspace = workspace
        self.store = store
        self.disclosure = disclosure
    }

    /// - Parameters:
    ///   - wantsWords: whether the answer is wanted as a value with its words.
    ///   - detail: what the access log says beside the question's name.
    /// - Throws: the problem as an error of the terminal; `audit.failed` where the access cannot be written down.
    func ask(
        _ kind: QuestionKind, _ arguments: Arguments, wantsWords: Bool = false, detail: String? = nil
    ) throws -> AnswerDocument {
        try ask(kind, wantsWords: wantsWords, detail: detail) { () throws(Problem) in try Question(kind, arguments) }
    }

    func ask(_ question: Question) throws -> AnswerDocument {
        try ask(question.kind, wantsWords: false, detail: nil) { question }
    }

    private func ask(
        _ kind: QuestionKind, wantsWords: Bool, detail: String?, _ question: () throws(Problem) -> Question
    ) throws -> AnswerDocument {
        let isUnmasked = disclosure?.unmask ?? false
        let reason = try disclosure?.reason(workspace.configuration)
        // What cannot be written down is not looked at.
        let access =
            kind.definition.concernsAccounts || isUnmasked ? try LocalAccess.ofTerminal(workspace.configuration) : nil
        let caller = Caller(
            id: LocalAccess.user,
            scopes: ScopeSet([.assistant, .engineer, .auditor, .desk] + (isUnmasked ? [.pii] : [])))
        let action = ["cli:" + kind.definition.command, detail].compactMap(\.self).joined(separator: " ")
        let requester = Requester(caller, action: action, wantsWords: wantsWords)
        let answerer = try answerer(withMoney: kind.definition.isSpoken)
        let reply: Reply
        do {
            reply = answerer.reply(to: try question(), for: requester)
        } catch {
            reply = answerer.refusal(error, of: kind.definition, account: nil, to: requester)
        }
        return try shown(reply, access, reason)
    }

    /// How far the events go: where nothing has come there is nothing to ask.
    func lastEvent() throws -> EventPosition { try store.read { try $0.lastEvent() } }
    func oldestEvent() throws -> EventPosition? { try store.read { try $0.oldestEvent() } }

    /// Has something done, with the scopes of an assistant and of a person at the desk.
    func ask(_ kind: RequestKind, _ arguments: Arguments) throws -> AnswerDocument {
        let access = try LocalAccess.ofTerminal(workspace.configuration)
        let requester = Requester(
            Caller(id: LocalAccess.user, scopes: ScopeSet([.assistant, .desk])),
            action: "cli:" + kind.definition.command)
        let desk = try requestDesk()
        let reply: Reply
        do {
            reply = desk.reply(to: try Request(kind, arguments), for: requester)
        } catch {
            reply = desk.refusal(error, of: kind, account: nil, to: requester)
        }
        return try shown(reply, access, nil)
    }

    /// Where photos and videos are kept.
    var attachments: AttachmentFolder { AttachmentFolder(workspace.configuration.attachments, store: store) }

    /// Takes requests of this terminal.
    func requestDesk() throws -> RequestDesk {
        RequestDesk(
            try answerer(withMoney: true), attachments: attachments,
            conversations: workspace.configuration.conversations,
            outbox: { [workspace] in try workspace.outbox() })
    }

    /// Lets go of old conversations.
    ///
    /// - Returns: how many; nil where they are kept for ever.
    func forgetConversations() throws -> Int? {
        guard let days = workspace.configuration.conversations.keptDays else { return nil }
        return try answerer().conversationDesk(workspace.configuration.conversations).forget(in: store, keptDays: days)
    }

    /// Lets go of settled actions that are old.
    ///
    /// - Returns: how many; nil where they are kept for ever.
    func forgetActions() throws -> Int? {
        try workspace.configuration.keptActionDays.map { try Outbox.forget(in: store, keptDays: $0, now: .now) }
    }

    /// What a reply says, once its accesses are written down.
    private func shown(_ reply: Reply, _ access: LocalAccess?, _ reason: String?) throws -> AnswerDocument {
        try access?.note(reply.accesses, reason: reason)
        try access?.sync()
        if let wait = reply.leastTime { Thread.sleep(forTimeInterval: wait / .seconds(1)) }
        switch reply.result {
        case .success(let document): return document
        case .failure(let problem): throw HearthError(problem)
        }
    }

    /// - Parameter withMoney: whether questions about money are asked, which need tariffs and wordings.
    func answerer(withMoney: Bool = false) throws -> Answerer {
        let serve = workspace.configuration.serve
        return Answerer(
            store: store, mappings: workspace.mappings, log: AccessLogFolder(serve.accessLog),
            bindings: BindingGuard(perAccount: serve.bindingsPerAccount, perCaller: serve.bindingsPerCaller),
            money: withMoney ? try workspace.moneyAnswers() : nil,
            triage: withMoney ? try TriageRules.loadIfAny(besides: workspace.configuration.path) : nil,
            staleAfterHours: workspace.configuration.staleAfterHours,
            refresh: { [workspace] in workspace.readAgain($0, $1, within: $2) },
            instant: { [workspace] in workspace.instant(of: $0) })
    }
}

extension LocalAccess {
    /// The log of accesses at this terminal.
    static func ofTerminal(_ configuration: HearthConfiguration) throws -> LocalAccess {
        LocalAccess(
            try ChainedAccessLog.firstFree(folder: configuration.serve.accessLog, program: "cli"), peer: "terminal",
            now: { configuration.local(Instant.now.microseconds) })
    }

    /// Writes down that a command is about to show raw text in clear, and which fields and accounts that text states.
    func noteRawText(
        shownBy command: String, of accounts: [String] = [], fields: PersonalFieldSet = [], reason: String?
    ) throws {
        var access = Access(accounts: accounts, action: "cli:" + command, outcome: "ok", unmasked: fields)
        access.showsRawText = true
        try note([access], reason: reason)
        try sync()
    }
}

extension HearthError {
    /// A problem in the words of a terminal.
    init(_ problem: Problem) {
        if let underlying = problem.underlying {
            self = underlying
            return
        }
        let isUsage = [.malformed, .unknown, .forbidden, .conflict, .mismatch].contains(problem.category)
        let words = problem.code.split(separator: "-")
        let name = (words.first.map(String.init) ?? "") + words.dropFirst().map(\.capitalized).joined()
        let title = problem.title.prefix(1).lowercased() + problem.title.dropFirst()
        let isAboutParameter = problem.code == "invalid-parameter"
        self.init(
            .init((isUsage ? "usage." : "answer.") + name), isAboutParameter ? problem.detail ?? title : title,
            advice: Self.advice[problem.code] ?? (isAboutParameter ? nil : problem.detail))
    }

    private static let advice = [
        "unknown-account": "check the leading zeros; `hearth status` shows how fresh the store is",
        "unknown-entry": "`hearth quarantine list` shows them",
        "not-stated":
            "`hearth account NUMBER` shows what is known; a field is written area.building or billing.charges/KEY.due",
        "forbidden": "--unmask --reason TEXT allows it",
        "unknown-attachment": "name the file itself: --photo FILE",
        "ambiguous-address": "`hearth ask addresses q=ADDRESS` shows them; report it by the number",
    ]
}

/// `--json`: the document as it is at every door.
extension Terminal {
    static func say(_ document: AnswerDocument) { say(String(decoding: document.json, as: UTF8.self)) }
}

/// A document for a display that is made of it.
extension AnswerDocument {
    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(json))
    }
}
