import Disclosure
package import Events
import HeatModel
import JSONText
package import Store

/// Which events are asked for, and from where on.
package struct EventQuestion: Sendable, Hashable {
    /// Empty for every type.
    package var types: Set<String>
    /// Only those of this account, and of the places that it is in.
    package var account: String?
    /// The last one that is known; nil for the oldest that is kept.
    package var after: EventID?
    package var limit: Int

    package init(types: Set<String> = [], account: String? = nil, after: EventID? = nil, limit: Int = 100) {
        self.types = types
        self.account = account
        self.after = after
        self.limit = limit
    }

    /// Reads the names of types, with commas between them.
    package static func types(_ text: String) throws(Problem) -> Set<String> {
        var types: Set<String> = []
        for name in text.split(separator: ",") {
            let name = name.filter { $0 != " " }
            guard let named = EventType.named(name) else {
                throw .parameter(
                    "type", "names no type \"\(name)\"; there are: \(EventType.names.joined(separator: ", "))")
            }
            types.formUnion(named.map(\.rawValue))
        }
        return types
    }
}

/// A page of events, before it is a document.
package struct EventPage: Sendable {
    package struct Item: Sendable {
        package var id: EventID
        package var type: String
        /// The number of the account that it is about; nil for a place.
        package var account: String?
        /// A CloudEvent, in the form that the requester may see.
        package var json: [UInt8]
    }

    package var items: [Item] = []
    /// Where the next page begins: the last event, shown or not.
    package var next: EventID
    /// Whether there may be more by now.
    package var hasMore = false
    /// What is to be written down before it goes out.
    package var accesses: [Access] = []
}

extension Answerer {
    /// A page of events, as CloudEvents.
    func events(_ question: EventQuestion, _ requester: Requester, _ store: any StoreReader) throws -> Reply {
        let page = try eventPage(question, requester, store)
        var json = JSONBytes()
        json.raw("{\"version\":1,\"events\":[")
        for item in page.items {
            json.separate()
            json.raw(item.json)
        }
        json.raw("]")
        json.member("next", page.next.description)
        json.member("has_more", page.hasMore)
        json.raw("}")
        return Reply(AnswerDocument(json.bytes), page.accesses)
    }

    /// The events that a requester is to be sent, from one read of the store.
    ///
    /// - Throws: a problem `events-gone` where what follows `after` is no longer kept, `unknown-account`.
    package func eventPage(
        _ question: EventQuestion, _ requester: Requester, _ store: any StoreReader
    ) throws -> EventPage {
        var filter = EventFilter(types: question.types)
        if let number = question.account {
            guard let scope = try EventFilter.Scope(accountNumber: number, in: store) else {
                throw Problem.unknownAccount
            }
            filter.scope = scope
        }
        let found: [StoredEvent]
        let last = try store.lastEvent()
        do {
            found = try store.events(
                after: try question.after?.checked(in: store), matching: filter, limit: question.limit)
        } catch let error as HearthError where error.code == .eventsGone {
            var problem = Problem(
                .gone, "events-gone", "What follows this event is no longer kept",
                detail: "ask for what holds now, then go on without \"after\"", parameter: "after")
            problem.underlying = error
            throw problem
        }
        let now = instant(nil)
        let hasMore = found.count == question.limit
        var page = EventPage(next: question.after ?? EventID(.start))
        page.hasMore = hasMore
        if let event = found.last, hasMore || event.position == last {
            page.next = EventID(event)
        } else if let event = try store.events(at: [last]).first {
            // What is not for this reader is passed over.
            page.next = EventID(event)
        }
        var shown = PersonalFieldSet()
        for event in found {
            var json = JSONBytes()
            let message = CloudEvent(event) { instant(Moment(microseconds: $0)) }
            shown.formUnion(message.write(requester.form, at: now, into: &json))
            page.items.append(.init(id: EventID(event), type: event.type, account: event.account, json: json.bytes))
        }
        var seen: Set<String> = []
        let accounts = (question.account.map { [$0] } ?? []) + page.items.compactMap(\.account)
        page.accesses = [requester.access(accounts.filter { seen.insert($0).inserted }, "ok", shown)]
        return page
    }
}
