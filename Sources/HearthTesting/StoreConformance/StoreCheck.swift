/// One promise of the ``Store`` contract, as a question that can be asked of any store.
package enum StoreCheck: String, Sendable, CaseIterable {
    /// A key is taken once: the second insert changes nothing and says so.
    case keyTakenOnce
    /// The same key in two streams is two records.
    case keysArePerStream
    /// A version that is replaced goes to history with the run that ended it; its body is handed back.
    case supersedeKeepsHistory
    /// A version that ends goes to history with the reason; its account and body are handed back, and its key is free again.
    case endKeepsHistory
    /// Earlier versions come newest first.
    case historyNewestFirst
    /// Every version of a record and every view is read to its end, and counted.
    case everythingIsRead
    /// A record states its whole provenance, its raw bytes and its columns, unchanged.
    case provenanceComplete
    /// The hash, account and run of a current record are those it was stored with.
    case currentIsExact
    /// Records of a stream come by number in pages and by key in byte order, each once.
    case streamsAreWalked
    /// Records of an account come by stream and key, voided ones only where all are asked for.
    case accountsAreWalked
    /// What a transaction did that throws is not there, none of it.
    case throwingTakesBack
    /// A reader sees the last commit while a writer is at work, and does not wait for it.
    case readersSeeLastCommit
    /// A reader keeps its snapshot while others commit.
    case readsAreSnapshots
    /// An account is found by its exact number, which comes back as it was.
    case accountsByNumber
    /// An id means an account within its system: the one of which its record states it last.
    case crosswalkPerSystem
    /// An id names every account of which a current record states it, each once, and none once no record does.
    case foreignIDsNameAll
    /// What each record states is returned as it was given, counted by stream, and gone with the record.
    case statementsAreTold
    /// A place finds its accounts in the order of their numbers; an empty unit matches any.
    case placesMatch
    /// A record states its last place alone.
    case placesMove
    /// A place goes with the records that state it, and not before the last of them.
    case placesGo
    /// Communities come once each, in byte order.
    case communitiesSorted
    /// A living owner's stream is refused to another, with place and advice; the owner alone can drop its lease.
    case leaseRefused
    /// A dead owner's stream is taken over, and the run it left is marked interrupted.
    case orphanedLeaseTaken
    /// A run is kept with its books, totals and error; runs come newest first.
    case runsKept
    /// Runs are found by what they were about and by how they ended, so many of each stream, however many others there are.
    case runsChosen
    /// When each stream's first run began, and the first that read it to its end.
    case firstPullsKnown
    /// What a pull said at its end is kept with its run, every part of it; the newest data of a stream are those of its last success.
    case pullEndsKept
    /// What a run wrote down of itself is kept with it, bounded, and replaced by what it writes later; it is let go after many runs.
    case runLogsKept
    /// What a nested transaction did that throws is not there; what was done before and after it is.
    case nestedTakesBack
    /// The cursor stands in the stream's state and in the runs before and after.
    case cursorKept
    /// The stream's totals are the sum of what was added and taken.
    case totalsAddUp
    /// An origin is known once it was read to its end, by its content, within its stream.
    case originsKnown
    /// A stream stands at the snapshot begun last; whole where its content was read to the end since another one was begun.
    case lastSnapshotKnown
    /// How far an origin was read is known until it is read to its end.
    case originsUnfinished
    /// The same raw record is one entry however often it is met.
    case quarantineOnce
    /// Entries keep all they were given.
    case quarantineComplete
    /// What a person discarded stays so; what was resolved and is met again is open again.
    case quarantineStates
    /// A good version of a key resolves what was stated of it before, and nothing stated later.
    case quarantineResolvedByKey
    /// A snapshot resolves what it does not state again.
    case quarantineResolvedUnseen
    /// Open entries come in the order in which the source stated them last, and tell why they wait.
    case quarantineInOrderOfSight
    /// Entries are counted and listed by stream, state and code.
    case quarantineListed
    /// An account is touched once, until it is untouched.
    case touchedOnce
    /// All accounts are touched: those that wait already only where it is said.
    case touchedAgain
    /// A view is found by account number and replaced whole.
    case viewsReplaced
    /// A view's stamp is another where the view is.
    case viewsStamped
    /// Reads that share a snapshot see what their own thread has written before them.
    case heldReads
    /// Of writes that may share a transaction each is there once, whole, unless it throws itself.
    case writesTogether
    /// A setting has its last value.
    case settingsKept
    /// An account's records are returned as of any run's end, voided ones only where all are asked for.
    case pastIsKept
    /// A stream's records are returned as of any run's end, in the order of their keys.
    case pastOfStreams
    /// Accounts are known from the end of the run that brought them, and come in pages by number.
    case accountsOfThePast
    /// An account's earlier versions come by stream and key, oldest first, while they were its own.
    case historyOfAccounts
    /// Runs end at different moments, in the order in which they ended, whatever the clock does.
    case momentsDiffer
    /// A run at work, or one that never was, is no moment.
    case momentsRefused
    /// A run whose owner has died ends when that is found.
    case deadRunsEnd
    /// The chain keeps its lines as they are, and takes only the next one.
    case chainKept
    /// A run that has ended waits for a line of its own.
    case runsChained
    /// Numbers that are reserved are given to no run; a run counts how often its books were written.
    case runsReserved
    /// A stored view is returned for an earlier moment only where it was the same then.
    case unchangedViews
    /// A member stands in its last house alone, with its last body.
    case cohortMembersMove
    /// A house whose members change is marked, the one left and the one entered; no other is.
    case buildingsAreTouched
    /// Pages and statistics are those put last, of their house or group and kind alone.
    case cohortsKept
    /// The run of a record, the last success of a stream and what waits of an account are known.
    case evidenceIsKnown
    /// Current records of many keys are known at once, in the order in which they are asked for.
    case keysLookedUp
    /// Changes are applied in their order, with what their records state, and each says what became of it.
    case changesApplied
    /// Accounts of many numbers are found and made at once, in the order in which they are asked for.
    case accountsLookedUp
    /// A view is stored only where it answers the last touch of its account, and takes the touch away.
    case viewsAnswerTouches
    /// A lease holds until it expires by the store's clock, renewed or not, also where that went back.
    case leaseExpires
    /// A lease that another owner has taken over can neither be renewed nor dropped, and its holder gets to know it.
    case leaseFences
    /// The change feed has an entry for each account of a commit, in order, with run, entity and kinds; none of what was taken back.
    case feedInOrder
    /// A view has an entry in the feed where it became another one, and no other view has.
    case feedOfViews
    /// The feed can be asked for one account.
    case feedOfAnAccount
    /// The feed lets go of its oldest entries, says so to readers from before, and gives no position twice.
    case feedTrimmed
    /// Tokens come by creation with all they were given, and stay when they are revoked, which counts once.
    case tokensKept
    /// Failed attempts of a key are counted up to their limit and drain evenly, also where the clock goes back.
    case attemptsCounted
    /// A key may be used so often at once, and so often a second after that.
    case ratesLimited
    /// A keyed read answers with the last committed view.
    case keyedReads
    /// A snapshot reader hands out views and reads of one snapshot, until it is ended.
    case snapshotReads
    /// All views are walked in the order of their accounts.
    case viewsWalked
    /// Records come as a reconciliation reads them: where they stood, which were linked by place, which are in no view.
    case recordsReconciled
    /// What waited in quarantine at a moment is known.
    case quarantineOfThePast
    /// Repeated rows and their money are counted since the last reading of everything.
    case repeatsCounted
    /// The newest run of all and of a stream are known, of now and of a moment.
    case newestRuns
    /// Accounts that stand at one place come together.
    case placesShared
    /// Records that a rule linked come in pages; statements of records that are not there can be taken away.
    case linkedRecords
    /// Buildings, members and the size of the statistics are known.
    case buildingsKnown
    /// A key stands for its first request: its repeats are known, as are requests that are not its own, within its caller.
    case actionsAcceptedOnce
    /// An action and its attempts keep all that they were given, and are listed by what is asked for.
    case actionsListed
    /// An action that is due is claimed by one owner at a time, in order within its account, and by another where that one has ended.
    case actionsClaimed
    /// A claim that another owner has taken over, or that has settled its action, writes nothing more.
    case actionsFenced
    /// An action goes from state to state as its attempts end, and is tried again when it is time.
    case actionsSettled
    /// A dead letter waits for a person, who has it tried again or gives it up.
    case deadLettersWait
    /// Actions are counted by how they stand, and the oldest that is not settled is known.
    case actionsCounted
    /// Settled actions go when they are old, where their keys are kept without them.
    case actionsForgotten
    /// An answer is kept once under its caller's key, with all that it was given, and with its transaction.
    case answersKept
    /// A record is found by every place that it has named, and by its last end.
    case outagesByPlace
    /// Households with open orders are counted by their place, kind and time, without the one that asks.
    case openOrdersCounted
    /// An account has the open orders that were put last, or none.
    case openOrdersReplaced
    /// Events come in the order of their commits with all that they were given, by type, account and place; none of what was taken back.
    case eventsInOrder
    /// The oldest events are let go of, but none that a subscriber waits for, and no position is given twice.
    case eventsTrimmed
    /// What is remembered of an account or a record is what was remembered last.
    case eventsRemembered
    /// A view that takes another one's place says what it was.
    case viewsTellWhatTheyReplace
    /// A subscriber is one owner's at a time, and its earlier owner writes nothing more.
    case webhooksClaimed
    /// What a subscriber has not taken is kept until it has, or is given up, and can be delivered again.
    case webhookDeliveriesKept
    /// A conversation and its turns keep all that they were given, in order, and are listed by what is asked for.
    case conversationsKept
    /// A conversation has one hand-off that is not closed, and that one owner at a time, who loses it by being idle alone.
    case handOffsOwnedOnce
    /// What a customer thinks of a thing is what they said last.
    case feedbackKeptOnce
    /// Old conversations go with all that belongs to them, and none that waits for a person.
    case conversationsForgotten
    /// There is one notice of a rule, an account and an occasion; it keeps what it was given, and is due when it is time.
    case noticesPlannedOnce
    /// What was handed to the outbox stands as its action does; one that its channel has not taken is known.
    case noticesFollowTheirActions
    /// What persons want and what customers answer is kept, the last that was said.
    case customersAnswers
    /// Notices are counted by rule and state, and keep what became of them when their actions go.
    case noticesCounted
    /// Which actions name a photo is known, once each, until all of it is forgotten.
    case attachmentsNamed
    /// How far a customer has come is written by who has read what stands there, and by nobody else.
    case customersKept
    /// An account is the customer's who proved it, until it is unbound.
    case customersBound
    /// The customer who speaks in a conversation is found by it.
    case customersFound
    /// A customer's last answers are found by their keys, and old customers are let go of.
    case customersReplies
}

/// A check that a store did not pass, and what was seen instead.
package struct StoreConformanceFailure: Error, Sendable, CustomStringConvertible {
    package var check: StoreCheck
    package var message: String

    package init(_ check: StoreCheck, _ message: String) {
        self.check = check
        self.message = message
    }

    package var description: String { "\(check.rawValue): \(message)" }
}
