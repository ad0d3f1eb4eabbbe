import HearthTesting
import HeatModel
import Store

/// Customers, broken where it is asked to be.
extension BrokenReader {
    func customerState(_ customer: CustomerKey) throws -> CustomerState? {
        try store.ask()
        return try reader.customerState(customer)
    }
    func boundAccounts(of customer: CustomerKey) throws -> [String] {
        try store.ask()
        // Whoever was bound first stays alone.
        let accounts = try reader.boundAccounts(of: customer)
        return fault == .customersBound ? Array(accounts.prefix(1)) : accounts
    }
    func customers(boundTo account: String, limit: Int) throws -> [CustomerKey] {
        try store.ask()
        return try reader.customers(boundTo: account, limit: limit)
    }
    func customer(in conversation: ConversationID) throws -> CustomerKey? {
        try store.ask()
        let customer = try reader.customer(in: conversation)
        return fault == .customersFound
            ? customer.map { CustomerKey(channel: $0.channel, id: $0.id.reversed()) } : customer
    }
    func customerReply(_ customer: CustomerKey, key: String) throws -> [UInt8]? {
        try store.ask()
        return try reader.customerReply(customer, key: key)
    }
}

extension BrokenWriter {
    func putCustomerState(
        _ body: [UInt8], conversation: ConversationID?, of customer: CustomerKey, replacing version: Int64
    ) throws -> Bool {
        try store.ask()
        // Whoever writes last has it, whatever they have read.
        let version =
            fault == .customersKept ? try writer.customerState(customer)?.version ?? version : version
        return try writer.putCustomerState(body, conversation: conversation, of: customer, replacing: version)
    }
    func bind(_ customer: CustomerKey, to account: String) throws {
        try store.ask()
        try writer.bind(customer, to: account)
    }
    func unbind(_ customer: CustomerKey, from account: String) throws -> Bool {
        try store.ask()
        return try writer.unbind(customer, from: account)
    }
    func keepReply(_ reply: [UInt8], to customer: CustomerKey, key: String, most: Int) throws {
        try store.ask()
        try writer.keepReply(reply, to: customer, key: key, most: fault == .customersReplies ? most + 1 : most)
    }
    func forgetCustomers(silentSince moment: Int64, limit: Int) throws -> Int {
        try store.ask()
        return try writer.forgetCustomers(silentSince: moment, limit: limit)
    }
}
