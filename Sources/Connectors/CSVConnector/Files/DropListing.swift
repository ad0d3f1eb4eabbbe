/// What lies in a drop folder, as one stream sees it at one moment.
struct DropListing {
    /// A file that may be read.
    struct Ready {
        var name: DropName
        var path: DropPath
        var stamp: FileStamp
        var drop: DropOrder.Drop
        /// Where readiness comes by manifest.
        var manifest: DropPath?
        /// Its time of modification lies in the future.
        var isAheadOfTime = false
    }

    /// A file that matches and may not be read yet.
    struct Waiting {
        var name: DropName
        var stamp: FileStamp
        /// What is missing: `yh_1.csv.done is not there`.
        var reason: String
        /// Seconds since it was touched last; nil where its times lie in the future.
        var age: Int?
        /// Waiting alone will not make it ready: its times are far in the future.
        var isStuck = false
    }

    var folder: String
    var ready: [Ready] = []
    var waiting: [Waiting] = []
    /// Files that would match but for the case of their letters.
    var matchingButForCase: [String] = []
    /// Files that match no stream of the source.
    var unclaimed: [String] = []
    /// Folders in the folder: what lies in them is not read.
    var folders: [String] = []
    /// Whether files of other streams lie there, so that it is a drop folder of this source.
    var hasOtherStreamsFiles = false
    /// The device that the folder lies on.
    var device: UInt = 0

    /// A file that waits longer for its sign has been forgotten by its sender.
    static let mostWaiting = 86_400

    /// Those of the unclaimed ones that look like data.
    var unclaimedData: [String] {
        let kinds = ["csv", "txt", "tsv", "dat", "xls", "xlsx", "zip", "gz", "rar", "7z"]
        return unclaimed.filter { name in kinds.contains { name.lowercased().hasSuffix("." + $0) } }
    }

    /// The first names of many, for people.
    static func shown(_ names: [String], most: Int = 5) -> String {
        names.prefix(most).joined(separator: ", ") + (names.count > most ? " and \(names.count - most) more" : "")
    }
}
