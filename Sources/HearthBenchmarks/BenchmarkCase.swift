import ArgumentParser

/// What is measured, in the order in which it runs: a case may need what one before it left behind.
enum BenchmarkCase: String, CaseIterable, ExpressibleByArgument {
    case csvUTF8 = "csv-utf8"
    case csvGB18030 = "csv-gb18030"
    case soap
    case sqlPull = "sql-pull"
    case mapping
    case firstSync = "first-sync"
    case firstSyncWithViews = "first-sync-views"
    case repeatSync = "repeat-sync"
    case changedSync = "changed-sync"
    case lookup
    case reconcile
    case diff

    /// The greatest ratio of its seconds to the reference's that is good enough.
    var reach: Double? {
        switch self {
        case .csvUTF8: 1.0
        case .csvGB18030: 1.5
        case .soap, .sqlPull: 1.25
        case .mapping, .lookup: nil
        case .firstSync: 4
        case .firstSyncWithViews: 6
        case .repeatSync: 0.01
        case .changedSync: 0.02
        case .reconcile: 2
        case .diff: 1
        }
    }

    /// Cases that must have run on the same data before this one.
    var prerequisites: [BenchmarkCase] {
        switch self {
        case .repeatSync, .changedSync: [.firstSync, .firstSyncWithViews]
        case .lookup, .reconcile: [.firstSyncWithViews]
        default: []
        }
    }

    var needsDatabase: Bool {
        switch self {
        case .csvUTF8, .csvGB18030, .soap, .diff: false
        default: true
        }
    }
}
