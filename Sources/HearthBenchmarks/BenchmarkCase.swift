import ArgumentParser

/// What is measured, in the order in which it runs: a case may need what one before it left behind.
enum BenchmarkCase: String, CaseIterable, ExpressibleByArgument {
    case csvUTF8 = "csv-utf8"
    case csvGB18030 = "csv-gb18030"
    case workbook
    case soap
    case sqlPull = "sql-pull"
    case odbcPull = "odbc-pull"
    case mapping
    case firstSync = "first-sync"
    case firstSyncWithViews = "first-sync-views"
    case storeSize = "store-size"
    case accountSize = "account-size"
    case repeatSync = "repeat-sync"
    case changedSync = "changed-sync"
    case lookup
    case coldLookup = "cold-lookup"
    case explanation
    case explanationOfAll = "explanation-of-all"
    case turn
    case asOf = "as-of"
    case asOfChanged = "as-of-changed"
    case auditLog = "audit-log"
    case reconcile
    case diff

    /// Cases that must have run on the same data before this one.
    var prerequisites: [BenchmarkCase] {
        switch self {
        case .repeatSync, .changedSync: [.firstSync, .firstSyncWithViews]
        case .storeSize, .accountSize, .lookup, .coldLookup, .reconcile: [.firstSyncWithViews]
        case .asOf, .asOfChanged: [.firstSync, .firstSyncWithViews, .changedSync]
        default: []
        }
    }

    var needsDatabase: Bool {
        switch self {
        case .csvUTF8, .csvGB18030, .workbook, .soap, .odbcPull, .explanation, .explanationOfAll, .turn, .auditLog,
            .diff:
            false
        default: true
        }
    }

    /// Whether it reads the files of the folder.
    var needsFiles: Bool {
        switch self {
        case .csvUTF8, .csvGB18030, .soap: true
        default: false
        }
    }
}
