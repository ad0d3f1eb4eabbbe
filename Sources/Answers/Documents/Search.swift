import Disclosure
import Foundation
import HeatModel
import JSONText
import Mapping
import Store

extension Answerer {
    /// The accounts at an address. One, several or none: what is ambiguous is returned with its candidates and never guessed.
    func addresses(
        _ text: String, _ community: String?, limit: Int, _ asOf: AsOf, _ requester: Requester,
        _ source: some ViewSource
    ) throws -> Reply {
        let moment = try moment(of: asOf, source)
        let parsed = AddressParser.parse(text)
        let found = try accounts(at: parsed, community, limit: limit, moment, source)
        let numbers = Array(found.numbers.prefix(limit))
        let names = found.communities
        var json = JSONBytes()
        json.raw("{\"match\":")
        let isComplete = parsed.building != nil && parsed.room != nil
        // Of all that was found, not of what is returned: one of several is never the one.
        let isOne = found.numbers.count == 1
        json.string(!isComplete ? "incomplete" : found.numbers.isEmpty ? "none" : isOne ? "one" : "ambiguous")
        json.key("understood")
        json.raw("{")
        json.member("community", names.count == 1 ? names.first : nil)
        json.member("building", parsed.building)
        json.member("unit", parsed.unit)
        json.member("room", parsed.room)
        json.raw("}")
        if !isComplete {
            json.member(
                "needed",
                [parsed.building == nil ? "building" : nil, parsed.room == nil ? "room" : nil].compactMap { $0 })
        }
        json.member("truncated", found.numbers.count > limit)
        return try candidates(numbers, &json, moment, requester, source)
    }

    /// Accounts at a place, at most one more than the limit, and the communities that are meant.
    private func accounts(
        at address: ParsedAddress, _ community: String?, limit: Int, _ moment: Moment?, _ source: some ViewSource
    ) throws -> (numbers: [String], communities: [String]) {
        let reader = source.reader
        if let moment {
            let past = try pastSearch.accounts(at: address, moment, reader)
            let names = community.map { [$0] } ?? Self.communities(address.prefix, past.communities)
            let numbers = names.flatMap { name in past.found.filter { $0.community == name }.map(\.number) }
            return (Array(numbers.prefix(limit + 1)), names)
        }
        let names = try community.map { [$0] } ?? Self.communities(address.prefix, reader.communities())
        guard let building = address.building, let room = address.room else { return ([], names) }
        var found: [AccountID] = []
        for name in names where found.count <= limit {
            let place = PlaceKey(community: name, building: building, unit: address.unit ?? "", room: room)
            found += try reader.accounts(at: place, limit: limit + 1 - found.count)
        }
        return (try found.compactMap { try reader.accountNumber($0) }, names)
    }

    /// Communities that a text before the building means: named in it, the longest of nested names; or, where the text is a
    /// part of names, all of those; or, where there is no text, every one.
    private static func communities(_ prefix: String, _ all: [String]) -> [String] {
        if prefix.isEmpty { return all }
        let named = all.filter { prefix.contains($0) }
        if !named.isEmpty { return named.filter { name in !named.contains { $0 != name && $0.contains(name) } } }
        return all.filter { $0.contains(prefix) }
    }

    /// Ends a search's answer with its candidates, in the caller's form. What was searched for stands in clear: it reveals nothing
    /// that the caller did not say.
    private func candidates(
        _ numbers: [String], _ json: inout JSONBytes, _ moment: Moment?, _ requester: Requester,
        _ source: some ViewSource
    ) throws -> Reply {
        var list = JSONBytes()
        list.raw("[")
        for number in numbers {
            list.separate()
            list.raw("{")
            list.member("account_number", number)
            // One that came in just now has no view yet: it is a candidate all the same.
            _ = try withViewIfAny(number, at: moment, source) { view in
                guard let facts = JSONMembers.value(of: "facts", in: view.body) else { return }
                var members = JSONMembers(facts)
                while let (key, value) = members.next() {
                    guard Self.distinguishing.contains(where: { key.equals($0) }) else { continue }
                    list.separate()
                    list.string(key)
                    list.raw(":")
                    list.raw(value)
                }
            }
            list.raw("}")
        }
        list.raw("]")
        json.key("candidates")
        let shown = list.withUnsafeBytes { requester.form.write($0, into: &json) }
        json.raw("}")
        return Reply(AnswerDocument(json.bytes), [requester.access(numbers, "ok", shown)])
    }

    /// Facts by which a person can distinguish candidates.
    private static let distinguishing: [StaticString] = [
        "holder_name", "community", "building", "unit", "floor", "room", "address", "class",
    ]

    /// Accounts with a phone.
    func accounts(withPhone phone: String, _ asOf: AsOf, _ requester: Requester, _ source: some ViewSource) throws
        -> Reply
    {
        let moment = try moment(of: asOf, source)
        let numbers =
            if let moment {
                try pastSearch.accounts(withPhone: phone, limit: 20, moment, source.reader)
            } else {
                try phones.accounts(phone, limit: 20, source)
            }
        var json = JSONBytes()
        json.raw("{\"match\":")
        json.string(numbers.isEmpty ? "none" : numbers.count == 1 ? "one" : "ambiguous")
        return try candidates(numbers, &json, moment, requester, source)
    }
}
