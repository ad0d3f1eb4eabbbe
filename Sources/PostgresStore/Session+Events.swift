import Store
import StoreSQL

extension Session {
    func eventMemory(of subjects: [EventSubject]) throws -> [[UInt8]?] {
        var found = [[UInt8]?](repeating: nil, count: subjects.count)
        var (accounts, places): ([Int64], [Int]) = ([], [])
        for (place, subject) in subjects.enumerated() {
            switch subject {
            case .account(let account):
                accounts.append(account.number)
                places.append(place)
            case .record(let stream, let key): found[place] = try eventMemory(ofRecord: key, in: stream)
            }
        }
        if accounts.isEmpty { return found }
        let known = try statement(
            """
            SELECT w.n, m.body FROM unnest(?1) WITH ORDINALITY AS w(account, n),
                \(Self.each("account_event_memory", "account_id = w.account")) m
            """)
        known.bind(1, .numbers(accounts))
        defer { known.reset() }
        while try known.step() { found[places[Int(known.int(0)) - 1]] = known.blob(1) }
        return found
    }
}
