import HeatModel
import Store

extension StoreConformance {
    private static let one = CustomerKey(channel: "wechat", id: [1, 0, 255])
    /// The same id in another channel is another customer.
    private static let other = CustomerKey(channel: "sms", id: [1, 0, 255])

    private func put(
        _ scene: StoreScene, _ body: [UInt8], _ customer: CustomerKey = one, replacing version: Int64,
        conversation: Int64? = nil
    ) throws -> Bool {
        try scene.store.write {
            try $0.putCustomerState(
                body, conversation: conversation.map { ConversationID($0) }, of: customer, replacing: version)
        }
    }

    private func state(_ scene: StoreScene, _ customer: CustomerKey = one) throws -> CustomerState? {
        try scene.store.read { try $0.customerState(customer) }
    }

    func customersKept(_ scene: StoreScene) throws {
        try expect(try state(scene) == nil, "a new customer has a state")
        try expect(try put(scene, [9], replacing: 1), is: false, "the first state in place of another")
        try expect(try put(scene, [1, 0], replacing: 0), is: true, "the first state")
        try expect(try put(scene, [3], replacing: 0), is: false, "a second first state")
        let first = try state(scene)
        try expect(first?.body, is: [1, 0], "a state as it was given")
        try expect(first?.version, is: 1, "its version")
        try expect(first?.conversation == nil, "a conversation that nobody named")
        scene.clock.advance(seconds: 5)
        try expect(try put(scene, [2], replacing: 1, conversation: 7), is: true, "the second state")
        try expect(try put(scene, [4], replacing: 1), is: false, "a state in place of one that is not there any more")
        let second = try state(scene)
        try expect(second?.body, is: [2], "the state that was put last")
        try expect([second?.version, second?.conversation?.number], is: [2, 7], "its numbers")
        try expect(second?.changedAt.microseconds, is: scene.clock.now, "its moment")
        try expect(try state(scene, Self.other) == nil, "another channel's customer has the state")
    }

    func customersBound(_ scene: StoreScene) throws {
        func bind(_ customer: CustomerKey, _ account: String) throws {
            try scene.store.write { try $0.bind(customer, to: account) }
        }
        func bound(_ customer: CustomerKey) throws -> [String] {
            try scene.store.read { try $0.boundAccounts(of: customer) }
        }
        try expect(try bound(Self.one), is: [], "accounts of who bound none")
        try bind(Self.one, "00000002")
        try bind(Self.one, "00000001")
        try bind(Self.one, "00000002")
        try bind(Self.other, "00000001")
        try expect(try bound(Self.one), is: ["00000002", "00000001"], "accounts in the order of their binding")
        func of(_ account: String, limit: Int = 9) throws -> [CustomerKey] {
            try scene.store.read { try $0.customers(boundTo: account, limit: limit) }
        }
        try expect(try of("00000001"), is: [Self.other, Self.one], "customers of an account")
        try expect(try of("00000001", limit: 1), is: [Self.other], "the first of them")
        func unbind(_ customer: CustomerKey, _ account: String) throws -> Bool {
            try scene.store.write { try $0.unbind(customer, from: account) }
        }
        try expect(try unbind(Self.other, "00000002"), is: false, "what was not bound is unbound")
        try expect(try unbind(Self.one, "00000002"), is: true, "what was bound")
        try expect(try bound(Self.one), is: ["00000001"], "what is left")
        try expect(try bound(Self.other), is: ["00000001"], "another's account")
    }

    func customersFound(_ scene: StoreScene) throws {
        func customer(_ conversation: Int64) throws -> CustomerKey? {
            try scene.store.read { try $0.customer(in: ConversationID(conversation)) }
        }
        try expect(try customer(7) == nil, "somebody speaks in a conversation that no state names")
        _ = try put(scene, [1], replacing: 0, conversation: 7)
        _ = try put(scene, [1], Self.other, replacing: 0)
        try expect(try customer(7), is: Self.one, "who speaks in a conversation")
        try expect(try customer(8) == nil, "somebody speaks in another conversation")
        scene.clock.advance(seconds: 5)
        _ = try put(scene, [2], replacing: 1, conversation: 8)
        try expect(try customer(8), is: Self.one, "who speaks in the conversation that followed")
        try expect(try customer(7) == nil, "somebody speaks in a conversation that was left")
    }

    func customersReplies(_ scene: StoreScene) throws {
        func keep(_ key: String, _ reply: UInt8, _ customer: CustomerKey = Self.one) throws {
            try scene.store.write { try $0.keepReply([reply], to: customer, key: key, most: 2) }
        }
        func reply(_ key: String, _ customer: CustomerKey = Self.one) throws -> [UInt8]? {
            try scene.store.read { try $0.customerReply(customer, key: key) }
        }
        try expect(try reply("a") == nil, "a key that nobody used is taken")
        try keep("a", 1)
        try keep("a", 7, Self.other)
        try keep("b", 2)
        try expect([try reply("a"), try reply("b")], is: [[1], [2]], "answers by their keys")
        var isRefused = false
        do { try keep("b", 3) } catch is HearthError { isRefused = true }
        try expect(isRefused, "two answers stand under one key")
        try keep("c", 3)
        try expect([try reply("a"), try reply("b"), try reply("c")], is: [nil, [2], [3]], "the last two answers")
        try expect(try reply("a", Self.other), is: [7], "another's answer")
        _ = try put(scene, [1], replacing: 0)
        try scene.store.write { try $0.bind(Self.one, to: "00000001") }
        scene.clock.advance(seconds: 10)
        let moment = scene.clock.now
        _ = try put(scene, [1], Self.other, replacing: 0)
        func forget(limit: Int = 9) throws -> Int {
            try scene.store.write { try $0.forgetCustomers(silentSince: moment, limit: limit) }
        }
        try expect(try forget(limit: 0), is: 0, "how many of none go")
        try expect(try forget(), is: 1, "how many silent ones go")
        try expect(try state(scene) == nil, "the state of a customer who was silent is there")
        try expect(try reply("c") == nil, "the answer to a customer who was silent is there")
        try expect(try state(scene, Self.other)?.body, is: [1], "the state of who was not silent")
        try expect(try reply("a", Self.other), is: [7], "the answer to who was not silent")
        try expect(
            try scene.store.read { try $0.boundAccounts(of: Self.one) }, is: ["00000001"],
            "the account of who was silent")
    }
}
