import Store
import StoreSQL

extension Session {
    func accounts(numbers: [UnsafeRawBufferPointer]) throws -> [AccountID?] {
        if numbers.isEmpty { return [] }
        var list = ListParameter(.texts)
        for number in numbers { list.append(text: number) }
        let known = try statement(
            "SELECT w.n, a.id FROM unnest(?1) WITH ORDINALITY AS w(number, n), \(Self.each("account", "number = w.number")) a"
        )
        var found = [AccountID?](repeating: nil, count: numbers.count)
        known.bind(1, list)
        defer { known.reset() }
        while try known.step() { found[Int(known.int(0)) - 1] = AccountID(known.int(1)) }
        return found
    }

    func accountNumbers(_ accounts: [AccountID]) throws -> [String?] {
        var found = [String?](repeating: nil, count: accounts.count)
        if accounts.isEmpty { return found }
        let known = try statement(
            "SELECT w.n, a.number FROM unnest(?1) WITH ORDINALITY AS w(id, n), \(Self.each("account", "id = w.id")) a")
        known.bind(1, .numbers(accounts.map(\.number)))
        defer { known.reset() }
        while try known.step() { found[Int(known.int(0)) - 1] = known.text(1) }
        return found
    }

    func introduceAccounts(numbers: [UnsafeRawBufferPointer], run: RunID) throws -> [AccountID] {
        var found = try accounts(numbers: numbers)
        // Of a number that stands more than once, the first place makes the account.
        var made: [[UInt8]: AccountID] = [:]
        var new: [Int] = []
        for (index, number) in numbers.enumerated() where found[index] == nil {
            if made.updateValue(AccountID(0), forKey: Array(number)) == nil { new.append(index) }
        }
        if new.isEmpty { return found.compactMap(\.self) }
        let last =
            try first(
                statement("SELECT setval('account_number', nextval('account_number') + ?1 - 1)").bind(
                    1, Int64(new.count))
            ) { $0.int(0) } ?? 0
        let firstID = last - Int64(new.count) + 1
        try connection.copy(into: "account(id, number, run_id)") { add in
            for (place, index) in new.enumerated() {
                let id = firstID + Int64(place)
                made[Array(numbers[index])] = AccountID(id)
                add { row in
                    row.begin(fields: 3)
                    row.append(id)
                    row.append(text: numbers[index])
                    row.append(run.number)
                }
            }
        }
        for (index, number) in numbers.enumerated() where found[index] == nil { found[index] = made[Array(number)] }
        return found.compactMap(\.self)
    }
}
