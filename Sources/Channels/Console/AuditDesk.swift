package import Archive
import Audit
import Evidence
package import Store

/// The store's chain, and the walk over all that vouches for each other, as `hearth audit verify` does.
package struct AuditDesk: Sendable {
    package struct Demand: Sendable {
        /// Heads that were noted elsewhere.
        var anchors: [ChainHead] = []
        var allowsMovedManifests = false
        var allowsOtherArchives = false
    }

    private let store: any Store
    private let archive: Archive?
    private let logFolders: [String]
    private let gateway: String?
    private let outputs: String?

    /// - Parameters: as of ``AuditVerification``; `outputs` is the folder in which ``RestoredOutputs`` lie.
    package init(store: any Store, archive: Archive?, logFolders: [String], gateway: String?, outputs: String? = nil) {
        self.store = store
        self.archive = archive
        self.logFolders = logFolders
        self.gateway = gateway
        self.outputs = outputs
    }

    func lines(_ limit: Int) throws -> [ChainEntry] { try store.read { try AuditTrail.tail(limit, of: $0) } }

    func verify(_ demand: Demand, _ step: (String) -> Void) throws -> AuditVerification.Result {
        var verification = try AuditVerification(
            store: store, archive: archive, logFolders: logFolders, gateway: gateway,
            outputs: outputs.map { try RestoredOutputs($0) } ?? .none,
            allowsMovedManifests: demand.allowsMovedManifests, allowsOtherArchives: demand.allowsOtherArchives)
        return try verification.run(anchors: demand.anchors, progress: step)
    }
}
