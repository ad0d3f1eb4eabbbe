import ArgumentParser
import Foundation
import HeatModel

/// Benchmarks: one JSON line a case, each with its reference measured in the same run.
@main
struct HearthBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "HearthBenchmarks", abstract: "Measures Hearth beside its references.",
        discussion: """
            The data is made by the benchmark: N bills of N/5 customers in PostgreSQL, N/5 customers as CSV, N/10 work orders as
            XML, a million rows in MariaDB; for explanations and turns of the assistant a company of N/5 accounts. A reference that this machine lacks is left out, with a note. Every run of a case is a process of its own.

            EXAMPLES
              swift run -c release HearthBenchmarks
              swift run -c release HearthBenchmarks --rows 5000000 --repeat 3
              swift run -c release HearthBenchmarks --rows 5000000 --only first-sync --postgres "host=/run/postgresql dbname=bench"
            """)

    @Option(help: "Bills; the other data follows from it.") var rows = 200_000
    @Option(help: "Run one case, and what it needs: \(BenchmarkCase.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: BenchmarkCase?
    @Option(
        help: """
            A database (libpq connection string) for the bills instead of a server of the benchmark's own. Tables customer and bill \
            with this number of rows are used as they are; else they are made in a schema hearth_benchmark.
            """)
    var postgres: String?
    @Option(help: "Folder for data, stores and references; it is kept.") var directory = "hearth-benchmarks"
    @Option(name: .customLong("repeat"), help: "Runs of each case and its reference; medians are printed.") var runs = 1
    @Flag(help: "End with 1 where a case is slower than Thresholds.json allows (its ratios are of 5,000,000 rows).")
    var check = false
    @Option(help: .hidden) var measure: BenchmarkCase?
    @Option(help: "Instead of measuring, serve a constant body with bare Hummingbird on this port (see Tests/load).")
    var bareServer: Int?
    @Option(help: "Bytes of that body.") var bareBytes = 1024

    func validate() throws {
        if rows < 1000 { throw ValidationError("--rows must be at least 1000") }
        if runs < 1 { throw ValidationError("--repeat must be at least 1") }
    }

    func run() throws {
        if let bareServer { return try serve(bareServer, bareBytes) }
        do {
            let folder = try BenchmarkFolder(URL(fileURLWithPath: directory).path, rows: rows)
            if let measure {
                let measurement = try measure.measured(in: folder)
                print(String(decoding: try JSONEncoder().encode(measurement), as: UTF8.self))
            } else {
                let run = BenchmarkRun(
                    folder: folder, runs: runs, postgres: postgres, thresholds: try Thresholds.load())
                let misses = try run.run(only.map { $0.prerequisites + [$0] } ?? BenchmarkCase.allCases)
                if !check { return }
                for miss in misses { FileHandle.standardError.write(Data("HearthBenchmarks: \(miss)\n".utf8)) }
                if !misses.isEmpty { throw ExitCode(1) }
            }
        } catch let error as HearthError {
            FileHandle.standardError.write(Data("HearthBenchmarks: \(error)\n".utf8))
            throw ExitCode(2)
        }
    }
}

extension HearthBenchmarks {
    /// Serves until a signal ends it.
    private func serve(_ port: Int, _ bytes: Int) throws {
        let ended = DispatchSemaphore(value: 0)
        Task.detached {
            do { try await BareServer.run(port: port, bytes: bytes) } catch { print("\(error)") }
            ended.signal()
        }
        ended.wait()
    }
}

extension BenchmarkCase {
    /// Runs the case in this process, on data that is there.
    func measured(in folder: BenchmarkFolder) throws -> Measurement {
        switch self {
        case .csvUTF8: try CSVDecoding.measured(folder: folder.utf8Drop)
        case .csvGB18030: try CSVDecoding.measured(folder: folder.gb18030Drop)
        case .workbook: try CSVDecoding.measured(folder: try WorkbookFile.made(in: folder).folder, pattern: "*.xlsx")
        case .soap: try SOAPDecoding.measured(file: folder.envelope)
        case .sqlPull: try SQLPulling.measured(folder)
        case .odbcPull: try ODBCPulling.measured(folder)
        case .mapping: try RowMapping.measured(folder)
        case .firstSync, .firstSyncWithViews, .repeatSync, .changedSync: try Syncing.measured(self, folder)
        case .storeSize: try StoreSize.measured(folder)
        case .accountSize: try StoreSize.measuredByAccount(folder)
        case .lookup: try Lookup.measured(folder)
        case .coldLookup: try ColdLookup.measured(folder)
        case .explanation: try Explaining.measured(folder)
        case .explanationOfAll: try ExplainingAll.measured(folder)
        case .turn: try Conversing.measured(folder)
        case .asOf, .asOfChanged: try AsOfLookup.measured(self, folder)
        case .auditLog: try AuditLogging.measured(folder)
        case .reconcile: try Reconciling.measured(folder)
        case .diff: try Diffing.measured(folder)
        }
    }
}
