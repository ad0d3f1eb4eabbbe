import AccountView
package import Disclosure
package import Explanation
package import HeatModel
package import Mapping
package import Store
package import Triage

/// Who asks, and in what form the answer is wanted.
package struct Requester: Sendable {
    package var caller: Caller
    /// What the access log calls the question at this door: `/v1/accounts/{number}`, `mcp:account_context`, `cli:account`.
    package var action: String
    /// Whether the answer is wanted in words beside its document.
    package var wantsWords = false
    /// Whether a replica of the store may be asked, which may be a little behind.
    package var mayReadReplica = false
    /// What the requester has seen or written: no answer rests on an earlier state.
    package var seen: StoreState?
    /// Where the requester comes again by itself while no server has that state; else it is waited for.
    package var wait: StoreWait?

    package init(_ caller: Caller, action: String, wantsWords: Bool = false) {
        self.caller = caller
        self.action = action
        self.wantsWords = wantsWords
    }

    package var form: ViewForm { ViewForm(isUnmasked: caller.scopes.seesPersonalData) }

    package func access(_ accounts: [String], _ outcome: StaticString, _ unmasked: PersonalFieldSet = []) -> Access {
        Access(accounts: accounts, action: action, outcome: outcome, unmasked: unmasked)
    }
}

/// Answers questions from a store: scope, disclosure, as-of, language, and the access that is to be written down. It knows no
/// door; all of them ask here, so all of them answer the same.
///
/// ```swift
/// let reply = answerer.reply(to: .account("00012345", .present), for: requester)
/// ```
package struct Answerer: Sendable {
    package let store: any Store
    let mappings: MappingSet
    let log: any AccessReading
    let bindings: BindingGuard
    let phones: PhoneIndex
    /// What answers about money are made with; nil where none are asked for. One for each thread that asks much: two that share one
    /// contend for its reference counts.
    package var money: MoneyAnswers?
    /// What is looked at where a home is cold; nil where no rules say.
    let triage: TriageRules?
    /// Hours after which what was last read is named as old.
    let staleAfterHours: Int
    let views: AccountViews
    let pastSearch: PastSearch
    /// Reads an account's rows of these entities again, and waits at the most so many seconds.
    let refresh: @Sendable (_ number: String, Set<EntityKind>, _ seconds: Int) -> [AccountReading]
    /// When an answer is given, on the company's clock: the moment asked about, else the present.
    package let instant: @Sendable (Moment?) -> Instant

    package init(
        store: any Store, mappings: MappingSet, log: any AccessReading, bindings: BindingGuard,
        money: MoneyAnswers?, triage: TriageRules? = nil, staleAfterHours: Int = 48,
        refresh: @escaping @Sendable (String, Set<EntityKind>, Int) -> [AccountReading],
        instant: @escaping @Sendable (Moment?) -> Instant
    ) {
        self.store = store
        self.mappings = mappings
        self.log = log
        self.bindings = bindings
        self.money = money
        self.triage = triage
        self.staleAfterHours = staleAfterHours
        self.refresh = refresh
        self.instant = instant
        views = AccountViews(store: store, unified: mappings.unified)
        pastSearch = PastSearch(views)
        phones = PhoneIndex(store: store, unified: mappings.unified)
    }

    /// Answers from a read of its own. May wait; where the question wants fresh rows, as long as it says.
    package func reply(to question: Question, for requester: Requester) -> Reply {
        do {
            let readings = try readAgain(question, for: requester)
            guard let servers = store as? any ReplicatedStore else {
                return try store.read { reader in
                    try reply(to: question, for: requester, from: StoreRead(reader: reader), readings: readings ?? [])
                }.telling(readings, at: instant(nil))
            }
            // What was just read again is on the primary first.
            let isNear = requester.mayReadReplica && readings == nil && question.kind.readsReplica
            return try servers.read(at: isNear ? .replica : .primary, notBefore: requester.seen, wait: requester.wait) { reader, state in
                var reply = try reply(
                    to: question, for: requester, from: StoreRead(reader: reader), readings: readings ?? [])
                reply.state = state
                return reply
            }.telling(readings, at: instant(nil))
        } catch {
            return refusal(error, of: question.kind.definition, account: question.account, to: requester)
        }
    }

    /// Answers from a snapshot that has begun.
    package func reply(
        to question: Question, for requester: Requester, in snapshot: any SnapshotReader
    ) -> Reply {
        do {
            return try reply(to: question, for: requester, from: SnapshotRead(snapshot: snapshot))
        } catch {
            return refusal(error, of: question.kind.definition, account: question.account, to: requester)
        }
    }

    /// The reply to a question that cannot be answered: the problem, and that it was tried.
    ///
    /// - Parameter account: the number that was named, where one was.
    package func refusal(
        _ error: any Error, of definition: DoorDefinition, account: String?, to requester: Requester
    ) -> Reply {
        let problem = Problem(error)
        guard definition.concernsAccounts else { return Reply(problem) }
        // A requester who may not ask learns nothing of the account, and the log only that it was tried.
        let accounts = problem.category == .forbidden ? [] : account.map { [$0] } ?? []
        return Reply(problem, [requester.access(accounts, problem.outcome)])
    }

    private func reply(
        to question: Question, for requester: Requester, from source: some ViewSource, readings: [AccountReading] = []
    ) throws -> Reply {
        let definition = question.kind.definition
        if !definition.allows(requester.caller) { throw Problem.forbidden(definition.scopes) }
        switch question {
        case .account(let number, let asOf): return try account(number, asOf, requester, source)
        case .workOrders(let number, let asOf, _): return try workOrders(number, asOf, requester, source)
        case .trace(let number, let field, let record, let asOf):
            return try trace(number, field, record, asOf, requester, source.reader)
        case .history(let number, let stream): return try history(number, stream, requester, source.reader)
        case .explanation, .amountDue, .receipts, .refund, .suspension:
            return try money(question, requester, source, readings: readings)
        case .triage(let number, let day, let language, let asOf):
            return try triage(number, on: day, language, asOf, requester, source)
        case .addresses(let text, let community, let limit, let asOf):
            return try addresses(text, community, limit: limit, asOf, requester, source)
        case .phones(let phone, let asOf): return try accounts(withPhone: phone, asOf, requester, source)
        case .binding(let number, let digits): return try bind(number, digits, requester, source)
        case .runs(let stream, let only, let each, let limit, let run):
            return try runs(stream, only, each: each, limit: limit, number: run, source.reader)
        case .quarantine(let stream, let code, let state, let after, let limit):
            return try quarantine(stream, code, state, after: after, limit: limit, source.reader)
        case .quarantineEntry(let id): return try quarantineEntry(id, requester, source.reader)
        case .freshness: return try freshness(source.reader)
        case .orderRequest(let number, let id, let language):
            return try orderRequest(number, id, language, requester, source)
        case .events(let question): return try events(question, requester, source.reader)
        case .conversations(let account, let before, let limit):
            return try conversations(account, before: before, limit: limit, requester, source.reader)
        case .conversation(let id, let after, let limit):
            return try conversation(id, after: after, limit: limit, requester, source.reader)
        case .handOffs(let states, let after, let limit):
            return try handOffs(states, after: after, limit: limit, requester, source.reader)
        case .handOff(let id): return try handOff(id, requester, source)
        case .insights(let month): return try insights(month, source.reader)
        case .notices(let number, let limit, let language):
            return try notices(number, limit: limit, language, requester, source)
        case .actions(let filter, let number, let before, let limit):
            return try actions(filter, only: number, before: before, limit: limit, requester, source.reader)
        case .noticeList(let filter, let before, let limit):
            return try noticeList(filter, before: before, limit: limit, requester, source.reader)
        case .accessLog(let account, let end, let limit): return try accessLog(account, after: end, limit: limit)
        }
    }
}
