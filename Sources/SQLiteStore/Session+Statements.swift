import GRDBSQLite
import HeatModel
import Store
import StoreSQL

extension Session {
    func setPlace(_ place: PlaceKey?, of account: AccountID, statedBy record: RecordID) throws {
        guard let place, !place.community.isEmpty else { return try removePlace.get().bind(1, record.number).run() }
        // What stays as it was is not written: SQLite would take its entry out of the index and put it in again.
        let put = try putPlace.get().bind(1, record.number).bind(2, account.number).bind(3, place.community)
        try put.bind(4, place.building).bind(5, place.unit).bind(6, place.room).run()
    }

    func setForeignID(
        _ id: UnsafeRawBufferPointer?, system: String, of account: AccountID, statedBy record: RecordID
    ) throws {
        guard let id, !id.isEmpty else { return try removeForeignID.get().bind(1, record.number).run() }
        try putForeignID.get().bind(1, record.number).bind(2, account.number).bind(3, system).bind(4, text: id).run()
    }
}
