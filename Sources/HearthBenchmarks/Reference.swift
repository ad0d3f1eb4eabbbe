import Foundation
import HeatModel

/// What a case is measured against. A reference that this machine cannot run is left out, and the note says why.
struct Reference {
    private(set) var name: String?
    private(set) var note: String?
    private let folder: BenchmarkFolder
    private var command: Command?
    /// Whether the command prints its own seconds, so that its start does not count.
    private var printsSeconds = false
    private let known: [Double]

    init(_ benchmark: BenchmarkCase, folder: BenchmarkFolder, database: BillingDatabase?, firstSync: [Double]) {
        self.folder = folder
        known = benchmark == .repeatSync || benchmark == .changedSync ? firstSync : []
        do {
            switch benchmark {
            case .csvUTF8: try useDuckDB()
            case .csvGB18030:
                name = "iconv"
                try require("iconv")
                command = Command(shell: "iconv -f GB18030 -t UTF-8 \"$1\" > /dev/null", folder.gb18030File)
            case .soap: try useLibXML()
            case .sqlPull, .firstSync, .firstSyncWithViews:
                name = "psql COPY"
                try require("psql")
                let table = database?.table("bill") ?? "bill"
                command = Command(
                    shell: "psql -X -q \"$1\" -c \"COPY $2 TO STDOUT\" > /dev/null", database?.dsn ?? "", table)
            case .repeatSync, .changedSync: name = "first sync"
            case .asOf, .asOfChanged: name = "present lookup"
            case .mapping, .lookup, .auditLog: break
            }
        } catch {
            note = "no reference: \((error as? HearthError)?.message ?? "\(error)")"
        }
    }

    /// Seconds of one run, nil where there is nothing to run.
    mutating func measured() -> Double? {
        if !known.isEmpty { return BenchmarkLine.median(known) }
        guard let command else { return nil }
        do {
            if !printsSeconds { return try command.seconds() }
            let text = String(decoding: try command.output(), as: UTF8.self)
            return Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
        } catch {
            note = "no reference: \((error as? HearthError)?.message ?? "\(error)")"
            self.command = nil
            return nil
        }
    }

    private func require(_ program: String) throws {
        if !Command.exists(program) { throw HearthError(.init("benchmark.missing"), "\(program) is not installed") }
    }

    private mutating func useDuckDB() throws {
        name = "DuckDB read_csv, one thread"
        try require("python3")
        let environment = folder.path + "/venv"
        let python = environment + "/bin/python"
        if !FileManager.default.isExecutableFile(atPath: python) {
            _ = try Command(shell: "python3 -m venv \"$1\"", environment).output()
        }
        if (try? Command(python, ["-c", "import duckdb"]).output()) == nil {
            _ = try Command(python, ["-m", "pip", "install", "-q", "duckdb"]).output()
        }
        let program = """
            import sys, time, duckdb
            connection = duckdb.connect()
            connection.execute("SET threads=1")
            started = time.perf_counter()
            connection.execute(
                f"SELECT count(*), sum(arrears), count(DISTINCT station_code) FROM read_csv('{sys.argv[1]}', header=true)").fetchall()
            print(time.perf_counter() - started)
            """
        command = Command(python, ["-c", program, folder.utf8File])
        printsSeconds = true
    }

    private mutating func useLibXML() throws {
        name = "libxml2 SAX2 in C"
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/References/sax2_text.c"
        let program = folder.path + "/sax2_text"
        _ = try Command(shell: "cc -O2 -o \"$2\" \"$1\" $(pkg-config --cflags --libs libxml-2.0)", source, program)
            .output()
        command = Command(program, [folder.envelope])
    }
}
