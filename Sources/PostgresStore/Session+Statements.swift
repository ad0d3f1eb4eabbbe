import HeatModel
import Store
import StoreSQL

/// What the records of a batch state of their accounts.
struct Statements {
    struct Place {
        var record: RecordID
        var account: AccountID
        var place: PlaceKey
        /// Of a record that has just come.
        var isNew = false
    }

    struct Foreign {
        var record: RecordID
        var account: AccountID
        var system: String
        var id: UnsafeRawBufferPointer
    }

    var places: [Place] = []
    var withoutPlace: [RecordID] = []
    var foreign: [Foreign] = []
    var withoutForeign: [RecordID] = []

    mutating func note(_ record: IncomingRecord, statedBy id: RecordID, isNew: Bool) {
        guard let statement = record.statement, let account = record.account else { return }
        if let place = statement.place, !place.community.isEmpty {
            places.append(Place(record: id, account: account, place: place, isNew: isNew))
        } else if !isNew {
            withoutPlace.append(id)
        }
        if let foreignID = statement.foreignID, !foreignID.isEmpty {
            foreign.append(Foreign(record: id, account: account, system: statement.system, id: foreignID))
        } else if !isNew {
            withoutForeign.append(id)
        }
    }
}

extension Session {
    func put(_ statements: Statements) throws {
        try putPlaces(statements.places)
        try remove(statements.withoutPlace, from: "place")
        try putForeignIDs(statements.foreign)
        try remove(statements.withoutForeign, from: "crosswalk")
    }

    func setPlace(_ place: PlaceKey?, of account: AccountID, statedBy record: RecordID) throws {
        guard let place, !place.community.isEmpty else { return try remove([record], from: "place") }
        try putPlaces([Statements.Place(record: record, account: account, place: place)])
    }

    func setForeignID(
        _ id: UnsafeRawBufferPointer?, system: String, of account: AccountID, statedBy record: RecordID
    ) throws {
        guard let id, !id.isEmpty else { return try remove([record], from: "crosswalk") }
        try putForeignIDs([Statements.Foreign(record: record, account: account, system: system, id: id)])
    }

    private func remove(_ records: [RecordID], from table: String) throws {
        if records.isEmpty { return }
        try statement("DELETE FROM \(table) WHERE record_id = ANY(?1)").bind(1, .numbers(records.map(\.number))).run()
    }

    private func putPlaces(_ places: [Statements.Place]) throws {
        try insert(places.filter(\.isNew))
        let places = places.filter { !$0.isNew }
        if places.isEmpty { return }
        let put = try statement(
            """
            INSERT INTO place(record_id, account_id, community, building, unit, room) SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (record_id) DO UPDATE SET account_id = excluded.account_id, community = excluded.community,
                building = excluded.building, unit = excluded.unit, room = excluded.room
            WHERE (place.account_id, place.community, place.building, place.unit, place.room)
                <> (excluded.account_id, excluded.community, excluded.building, excluded.unit, excluded.room)
            """)
        put.bind(1, .numbers(places.map(\.record.number))).bind(2, .numbers(places.map(\.account.number)))
        put.bind(3, .texts(places.map(\.place.community))).bind(4, .texts(places.map(\.place.building)))
        try put.bind(5, .texts(places.map(\.place.unit))).bind(6, .texts(places.map(\.place.room))).run()
    }

    /// Places of records that state none yet.
    private func insert(_ places: [Statements.Place]) throws {
        if places.isEmpty { return }
        try connection.copy(into: "place(record_id, account_id, community, building, unit, room)") { add in
            for place in places {
                add { row in
                    row.begin(fields: 6)
                    row.append(place.record.number)
                    row.append(place.account.number)
                    row.append(text: place.place.community)
                    row.append(text: place.place.building)
                    row.append(text: place.place.unit)
                    row.append(text: place.place.room)
                }
            }
        }
    }

    private func putForeignIDs(_ ids: [Statements.Foreign]) throws {
        if ids.isEmpty { return }
        let put = try statement(
            """
            INSERT INTO crosswalk(record_id, account_id, system, external_id) SELECT * FROM unnest(?1, ?2, ?3, ?4)
            ON CONFLICT (record_id) DO UPDATE SET account_id = excluded.account_id, system = excluded.system,
                external_id = excluded.external_id
            WHERE (crosswalk.account_id, crosswalk.system, crosswalk.external_id)
                <> (excluded.account_id, excluded.system, excluded.external_id)
            """)
        var texts = ListParameter(.texts)
        for id in ids { texts.append(text: id.id) }
        put.bind(1, .numbers(ids.map(\.record.number))).bind(2, .numbers(ids.map(\.account.number)))
        try put.bind(3, .texts(ids.map(\.system))).bind(4, texts).run()
    }
}
