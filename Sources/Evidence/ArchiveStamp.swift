import Foundation
package import Store

/// Tells the runs of one store from those of another that was archived in the same folder before.
package enum ArchiveStamp {
    /// The store's own; one is made where it has none.
    package static func of(_ store: any StoreWriter) throws -> String {
        if let known = try known(store), !known.isEmpty { return known }
        let made = UUID().uuidString.lowercased()
        try set(made, in: store)
        return made
    }

    package static func set(_ stamp: String, in store: any StoreWriter) throws {
        try store.setSetting(.archiveStamp, stamp)
    }

    /// Nil where the store was never archived.
    package static func known(_ store: any StoreReader) throws -> String? { try store.setting(.archiveStamp) }
}
