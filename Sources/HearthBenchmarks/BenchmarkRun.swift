import Foundation
import HearthTesting
import HeatModel

/// One run of the benchmarks: the data is made, then each case runs in processes of its own, in turn with its reference.
struct BenchmarkRun {
    let folder: BenchmarkFolder
    let runs: Int
    let postgres: String?
    let thresholds: Thresholds

    /// Prints a line a case.
    ///
    /// - Returns: the cases that are slower than their thresholds allow, one sentence each.
    func run(_ cases: [BenchmarkCase]) throws -> [String] {
        var misses: [String] = []
        var database: BillingDatabase?
        if cases.contains(where: \.needsDatabase) {
            do {
                database = try BillingDatabase(dsn: postgres, rows: folder.rows)
            } catch let error as HearthError where postgres == nil && error.code == .sourceUnreachable {
                tell("no PostgreSQL server, the cases that read from one are left out: \(error)")
            }
        }
        defer { database?.stop() }
        if let database { try folder.writeConfiguration(database) }
        if cases.contains(where: \.needsFiles) { try folder.writeFiles { tell($0) } }
        if let database, cases.contains(where: { $0 == .firstSync || $0 == .firstSyncWithViews }) {
            tell("taking \(database.customers) accounts over, once")
            try? FileManager.default.removeItem(atPath: folder.accountsStore)
            _ = try measure(
                .firstSync,
                environment: ["HEARTH_BENCHMARK_STORE": folder.accountsStore, "HEARTH_BENCHMARK_STREAM": "accounts"])
        }
        var mariaDB: MariaDBTable?
        if cases.contains(.odbcPull) {
            do { mariaDB = try MariaDBTable(folder) } catch let error as HearthError {
                tell("no MariaDB server, the case that reads from one is left out: \(error)")
            }
        }
        defer { withExtendedLifetime(mariaDB) {} }
        var firstSync: [Double] = []
        for benchmark in cases {
            if (benchmark.needsDatabase && database == nil) || (benchmark == .odbcPull && mariaDB == nil) {
                if let miss = thresholds.miss(benchmark, ratio: nil) { misses.append(miss) }
                continue
            }
            tell(benchmark.rawValue)
            var reference = Reference(benchmark, folder: folder, database: database, firstSync: firstSync)
            var line = BenchmarkLine(
                benchmark: benchmark, measurements: [], reference: reference.name, referenceSeconds: [],
                wanted: thresholds[benchmark]?.wanted)
            for _ in 0..<runs {
                if let seconds = reference.measured() { line.referenceSeconds.append(seconds) }
                if benchmark == .asOf || benchmark == .asOfChanged {
                    let present = try measure(benchmark, environment: [AsOfLookup.present: "1"])
                    line.referenceSeconds.append(present.seconds)
                }
                try prepare(benchmark, database)
                defer { if benchmark == .changedSync { try? database?.undoChange() } }
                line.measurements.append(try measure(benchmark))
            }
            if benchmark == .firstSync { firstSync = line.measurements.map(\.seconds) }
            line.note = reference.note
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(line), as: UTF8.self))
            fflush(nil)
            if let miss = thresholds.miss(benchmark, ratio: line.ratio) { misses.append(miss) }
        }
        return misses
    }

    /// A first sync begins with the accounts alone; a sync of changes with the store as the first sync left it.
    private func prepare(_ benchmark: BenchmarkCase, _ database: BillingDatabase?) throws {
        switch benchmark {
        case .firstSync: try folder.copyStore(from: folder.accountsStore, to: folder.recordsStore)
        case .firstSyncWithViews: try folder.copyStore(from: folder.accountsStore, to: folder.viewsStore)
        case .changedSync:
            try folder.copyStore(from: folder.viewsStore, to: folder.changedStore)
            try database?.change()
        default: break
        }
        // What the last step left to be written to disk is not the next one's to pay for.
        sync()
    }

    private func measure(_ benchmark: BenchmarkCase, environment: [String: String] = [:]) throws -> Measurement {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let output = try Command(
            program, ["--measure", benchmark.rawValue, "--rows", "\(folder.rows)", "--directory", folder.path]
        )
        .output(environment: environment)
        return try JSONDecoder().decode(Measurement.self, from: output)
    }

    private func tell(_ text: String) { FileHandle.standardError.write(Data("\(text) …\n".utf8)) }
}
