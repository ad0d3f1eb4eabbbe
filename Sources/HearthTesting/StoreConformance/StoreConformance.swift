package import Store

/// Asks a store every question of the ``Store`` contract.
///
/// ```swift
/// let failures = StoreConformance { clock in try SQLiteStore(path: …, clock: clock) }.run()
/// #expect(failures.isEmpty, "\(failures)")
/// ```
package struct StoreConformance {
    /// The present in microseconds since 1970.
    package typealias Clock = @Sendable () -> Int64

    /// Makes an empty store with this clock. Called by every check.
    let store: (_ clock: @escaping Clock) throws -> any Store

    package init(store: @escaping (_ clock: @escaping Clock) throws -> any Store) { self.store = store }

    /// Runs the checks in order, each on a store of its own. Blocks its thread. Empty means that all passed.
    package func run(_ checks: [StoreCheck] = StoreCheck.allCases) -> [StoreConformanceFailure] {
        checks.compactMap { check in
            do {
                let clock = SceneClock()
                try answer(check, StoreScene(store { clock.now }, clock))
                return nil
            } catch let unexpected as Unexpected {
                return StoreConformanceFailure(check, unexpected.message)
            } catch {
                return StoreConformanceFailure(check, "threw \(String(reflecting: error))")
            }
        }
    }

    private func answer(_ check: StoreCheck, _ scene: StoreScene) throws {
        switch check {
        case .keyTakenOnce: try keyTakenOnce(scene)
        case .keysArePerStream: try keysArePerStream(scene)
        case .supersedeKeepsHistory: try supersedeKeepsHistory(scene)
        case .endKeepsHistory: try endKeepsHistory(scene)
        case .historyNewestFirst: try historyNewestFirst(scene)
        case .everythingIsRead: try everythingIsRead(scene)
        case .provenanceComplete: try provenanceComplete(scene)
        case .currentIsExact: try currentIsExact(scene)
        case .streamsAreWalked: try streamsAreWalked(scene)
        case .accountsAreWalked: try accountsAreWalked(scene)
        case .throwingTakesBack: try throwingTakesBack(scene)
        case .readersSeeLastCommit: try readersSeeLastCommit(scene)
        case .readsAreSnapshots: try readsAreSnapshots(scene)
        case .accountsByNumber: try accountsByNumber(scene)
        case .crosswalkPerSystem: try crosswalkPerSystem(scene)
        case .foreignIDsNameAll: try foreignIDsNameAll(scene)
        case .statementsAreTold: try statementsAreTold(scene)
        case .placesMatch: try placesMatch(scene)
        case .placesMove: try placesMove(scene)
        case .placesGo: try placesGo(scene)
        case .communitiesSorted: try communitiesSorted(scene)
        case .leaseRefused: try leaseRefused(scene)
        case .orphanedLeaseTaken: try orphanedLeaseTaken(scene)
        case .runsKept: try runsKept(scene)
        case .runsChosen: try runsChosen(scene)
        case .firstPullsKnown: try firstPullsKnown(scene)
        case .pullEndsKept: try pullEndsKept(scene)
        case .runLogsKept: try runLogsKept(scene)
        case .nestedTakesBack: try nestedTakesBack(scene)
        case .cursorKept: try cursorKept(scene)
        case .totalsAddUp: try totalsAddUp(scene)
        case .originsKnown: try originsKnown(scene)
        case .lastSnapshotKnown: try lastSnapshotKnown(scene)
        case .originsUnfinished: try originsUnfinished(scene)
        case .quarantineOnce: try quarantineOnce(scene)
        case .quarantineComplete: try quarantineComplete(scene)
        case .quarantineStates: try quarantineStates(scene)
        case .quarantineResolvedByKey: try quarantineResolvedByKey(scene)
        case .quarantineResolvedUnseen: try quarantineResolvedUnseen(scene)
        case .quarantineInOrderOfSight: try quarantineInOrderOfSight(scene)
        case .quarantineListed: try quarantineListed(scene)
        case .touchedOnce: try touchedOnce(scene)
        case .touchedAgain: try touchedAgain(scene)
        case .viewsReplaced: try viewsReplaced(scene)
        case .viewsStamped: try viewsStamped(scene)
        case .heldReads: try heldReads(scene)
        case .writesTogether: try writesTogether(scene)
        case .settingsKept: try settingsKept(scene)
        case .pastIsKept: try pastIsKept(scene)
        case .pastOfStreams: try pastOfStreams(scene)
        case .accountsOfThePast: try accountsOfThePast(scene)
        case .historyOfAccounts: try historyOfAccounts(scene)
        case .momentsDiffer: try momentsDiffer(scene)
        case .momentsRefused: try momentsRefused(scene)
        case .deadRunsEnd: try deadRunsEnd(scene)
        case .chainKept: try chainKept(scene)
        case .runsChained: try runsChained(scene)
        case .runsReserved: try runsReserved(scene)
        case .unchangedViews: try unchangedViews(scene)
        case .cohortMembersMove: try cohortMembersMove(scene)
        case .buildingsAreTouched: try buildingsAreTouched(scene)
        case .cohortsKept: try cohortsKept(scene)
        case .evidenceIsKnown: try evidenceIsKnown(scene)
        case .keysLookedUp: try keysLookedUp(scene)
        case .changesApplied: try changesApplied(scene)
        case .accountsLookedUp: try accountsLookedUp(scene)
        case .viewsAnswerTouches: try viewsAnswerTouches(scene)
        case .leaseExpires: try leaseExpires(scene)
        case .leaseFences: try leaseFences(scene)
        case .feedInOrder: try feedInOrder(scene)
        case .feedOfViews: try feedOfViews(scene)
        case .feedOfAnAccount: try feedOfAnAccount(scene)
        case .feedTrimmed: try feedTrimmed(scene)
        case .tokensKept: try tokensKept(scene)
        case .attemptsCounted: try attemptsCounted(scene)
        case .ratesLimited: try ratesLimited(scene)
        case .keyedReads: try keyedReads(scene)
        case .snapshotReads: try snapshotReads(scene)
        case .viewsWalked: try viewsWalked(scene)
        case .recordsReconciled: try recordsReconciled(scene)
        case .quarantineOfThePast: try quarantineOfThePast(scene)
        case .repeatsCounted: try repeatsCounted(scene)
        case .newestRuns: try newestRuns(scene)
        case .placesShared: try placesShared(scene)
        case .linkedRecords: try linkedRecords(scene)
        case .buildingsKnown: try buildingsKnown(scene)
        case .actionsAcceptedOnce: try actionsAcceptedOnce(scene)
        case .actionsListed: try actionsListed(scene)
        case .actionsClaimed: try actionsClaimed(scene)
        case .actionsFenced: try actionsFenced(scene)
        case .actionsSettled: try actionsSettled(scene)
        case .deadLettersWait: try deadLettersWait(scene)
        case .actionsCounted: try actionsCounted(scene)
        case .actionsForgotten: try actionsForgotten(scene)
        case .answersKept: try answersKept(scene)
        case .outagesByPlace: try outagesByPlace(scene)
        case .openOrdersCounted: try openOrdersCounted(scene)
        case .openOrdersReplaced: try openOrdersReplaced(scene)
        case .eventsInOrder: try eventsInOrder(scene)
        case .eventsTrimmed: try eventsTrimmed(scene)
        case .eventsRemembered: try eventsRemembered(scene)
        case .viewsTellWhatTheyReplace: try viewsTellWhatTheyReplace(scene)
        case .webhooksClaimed: try webhooksClaimed(scene)
        case .webhookDeliveriesKept: try webhookDeliveriesKept(scene)
        case .conversationsKept: try conversationsKept(scene)
        case .handOffsOwnedOnce: try handOffsOwnedOnce(scene)
        case .feedbackKeptOnce: try feedbackKeptOnce(scene)
        case .conversationsForgotten: try conversationsForgotten(scene)
        case .noticesPlannedOnce: try noticesPlannedOnce(scene)
        case .noticesFollowTheirActions: try noticesFollowTheirActions(scene)
        case .customersAnswers: try customersAnswers(scene)
        case .noticesCounted: try noticesCounted(scene)
        case .attachmentsNamed: try attachmentsNamed(scene)
        case .customersKept: try customersKept(scene)
        case .customersBound: try customersBound(scene)
        case .customersFound: try customersFound(scene)
        case .customersReplies: try customersReplies(scene)
        }
    }
}

/// What a check saw instead of what it expected.
struct Unexpected: Error {
    var message: String
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw Unexpected(message: message()) }
}

func expect<Value: Equatable>(_ seen: Value, is wanted: Value, _ what: String) throws {
    if seen != wanted { throw Unexpected(message: "\(what): expected \(wanted), saw \(seen)") }
}
