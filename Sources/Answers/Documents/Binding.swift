import JSONText
import Store

extension Answerer {
    /// Whether an account number and the last six of its holder's ID belong together. The same answer, after the same time,
    /// whichever of them is wrong.
    func bind(_ number: String, _ digits: String, _ requester: Requester, _ source: some ViewSource) throws -> Reply {
        var reply = try check(number, digits, requester, source)
        reply.leastTime = BindingGuard.delay
        return reply
    }

    private func check(_ number: String, _ digits: String, _ requester: Requester, _ source: some ViewSource) throws
        -> Reply
    {
        let caller = requester.caller.id
        func limited(_ seconds: Int64) -> Reply {
            Reply(
                Problem(
                    .limited, "too-many-attempts", "Too many failed attempts",
                    detail: "hand over to a person, or try later", retryAfter: Int(seconds)),
                [requester.access([number], "limited")])
        }
        if let seconds = try bindings.wait(number, by: caller, source.reader) { return limited(seconds) }
        var stated: [UInt8] = Array("······".utf8.prefix(6))
        var text = number
        let found = try text.withUTF8 { number in
            try source.withView(number: UnsafeRawBufferPointer(number)) { stated = Self.lastSix(ofHolderIn: $0.body) }
        }
        // Without a view, one of the same kind is read: nothing.
        if !found { stated = Array(Self.noHolder.utf8).withUnsafeBytes { Self.lastSix(ofHolderIn: $0) } }
        let isSame = BindingGuard.areSame(Array(digits.utf8), stated)
        let isVerified = found && isSame
        if !isVerified, let seconds = try store.write({ try bindings.fail(number, by: caller, $0) }) {
            return limited(seconds)
        }
        return Reply(
            AnswerDocument(Array("{\"verified\":\(isVerified)}".utf8)),
            [requester.access([number], isVerified ? "ok" : "mismatch")])
    }

    private static let noHolder =
        "{\"account_number\":\"0\",\"facts\":{\"class\":\"resident\",\"holder_name\":\"*\",\"holder_phones\":[],\"holder_id_number\":\"\"}}"

    /// Empty where no ID is known, which is the same as nothing that a caller may send.
    private static func lastSix(ofHolderIn view: UnsafeRawBufferPointer) -> [UInt8] {
        guard let facts = JSONMembers.value(of: "facts", in: view),
            let value = JSONMembers.value(of: "holder_id_number", in: facts)
        else { return [] }
        let identity = value.unquoted
        guard identity.count >= 6 else { return [] }
        return identity.suffix(6).map { $0 == 0x78 ? 0x58 : $0 }
    }
}
