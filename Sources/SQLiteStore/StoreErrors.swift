import GRDB
import GRDBSQLite
import HeatModel
import StoreSQL

/// What SQLite's result codes mean to a user of the store.
enum StoreErrors {
    /// - Parameter code: primary or extended.
    static func error(code: Int32, message: String, at place: Place, cause: (any Error)? = nil) -> HearthError {
        func error(_ code: HearthError.Code, _ text: String, _ advice: Advice) -> HearthError {
            HearthError(code, "\(text) (\(message))", at: place, advice: advice, cause: cause)
        }
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED:
            return error(
                .storeBusy, "the store is in use by another writer",
                "wait for the other run to end; \(.runs) shows it")
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM:
            return error(
                .storeNotWritable, "the store cannot be opened for writing",
                "check that the folder exists, and that you may write to it and to the store's file")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return error(
                .storeCorrupt, "the file is not a store or is damaged",
                "restore it from a copy, or move it away and sync again")
        case SQLITE_FULL:
            return error(.storeFull, "no room left for the store", "free disk space, then run again")
        default:
            return error(
                .storeFailed, "SQLite error \(code)", "look at the disk that holds the store, then run again")
        }
    }

    static func error(of connection: OpaquePointer, _ code: Int32, preparing sql: String? = nil) -> HearthError {
        let message = String(cString: sqlite3_errmsg(connection)) + (sql.map { " in \($0)" } ?? "")
        return error(code: code, message: message, at: .address("store"))
    }

    static func error(_ error: DatabaseError, path: String) -> HearthError {
        let code = error.resultCode.rawValue
        return self.error(
            code: code, message: error.message ?? "code \(code)", at: .file(path, line: 0, column: 0), cause: error)
    }
}
