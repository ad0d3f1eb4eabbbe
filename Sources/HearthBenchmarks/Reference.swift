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
            case .workbook: try useOpenpyxl()
            case .soap: try useLibXML()
            case .sqlPull, .firstSync, .firstSyncWithViews:
                name = "psql COPY"
                try require("psql")
                let table = database?.table("bill") ?? "bill"
                command = Command(
                    shell: "psql -X -q \"$1\" -c \"COPY $2 TO STDOUT\" > /dev/null", database?.dsn ?? "", table)
            case .odbcPull:
                name = "mariadb --quick"
                try require("mariadb")
                command = Command(
                    shell:
                        "mariadb --no-defaults --default-character-set=utf8mb4 --quick -uroot -S \"$1\" \"$2\" -e \"SELECT * FROM $3\" > /dev/null",
                    try MariaDBTable.socket(in: folder), try MariaDBTable.database(in: folder), MariaDBTable.name)
            case .repeatSync, .changedSync: name = "first sync"
            case .asOf, .asOfChanged: name = "present lookup"
            case .reconcile: try useDuckDB(over: folder, database)
            case .diff:
                name = "sort and comm"
                try require("comm")
                let (before, after) = try FindingsFiles.made(in: folder)
                command = Command(
                    shell: """
                        export LC_ALL=C; sort "$1" -o "$3/before.sorted"; sort "$2" -o "$3/after.sorted"
                        comm -3 "$3/before.sorted" "$3/after.sorted" > /dev/null
                        """, before, after, folder.path)
            case .turn: name = "20 ms at the 99th percentile, 2,000 turns a second on two cores"
            case .storeSize: name = "bytes of the bills as text"
            case .accountSize: name = "1,600 bytes an account"
            case .mapping: name = "1 µs a row"
            case .lookup: name = "25 µs a view"
            case .coldLookup: name = "a page of the same file, read from the disk"
            case .explanation: name = "150 µs in the median"
            case .explanationOfAll: name = "100 µs each"
            case .auditLog: name = "200,000 lines a second"
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
        if !Command.exists(program) { throw HearthError(.benchmarkMissing, "\(program) is not installed") }
    }

    private mutating func useDuckDB() throws {
        name = "DuckDB read_csv, one thread"
        let python = try duckDB()
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

    /// A Python that has DuckDB, in the benchmark's folder.
    private func duckDB() throws -> String {
        try require("python3")
        let environment = folder.path + "/venv"
        let python = environment + "/bin/python"
        if !FileManager.default.isExecutableFile(atPath: python) {
            _ = try Command(shell: "python3 -m venv \"$1\"", environment).output()
        }
        if (try? Command(python, ["-c", "import duckdb"]).output()) == nil {
            _ = try Command(python, ["-m", "pip", "install", "-q", "duckdb"]).output()
        }
        return python
    }

    /// The two tables as CSV, joined and summed: which accounts are in one alone, what the lines of each add up to, and the sums by
    /// season, item and community.
    private mutating func useDuckDB(over folder: BenchmarkFolder, _ database: BillingDatabase?) throws {
        name = "DuckDB full outer join and sums, two threads"
        let python = try duckDB()
        guard let database else { throw HearthError(.benchmarkMissing, "there is no database") }
        for table in ["customer", "bill"] {
            let file = folder.exported(table)
            if FileManager.default.fileExists(atPath: file) { continue }
            _ = try Command(
                shell: "psql -X -q \"$1\" -c \"\\\\copy $2 TO '$3' CSV HEADER\"", database.dsn, database.table(table),
                file
            )
            .output()
        }
        let program = """
            import sys, time, duckdb
            connection = duckdb.connect()
            connection.execute("SET threads=2")
            started = time.perf_counter()
            connection.execute(f\"\"\"
                CREATE TEMP TABLE customer AS SELECT account_no, community FROM read_csv('{sys.argv[1]}', header=true);
                CREATE TEMP TABLE bill AS SELECT account_no, season, item, amount, paid FROM read_csv('{sys.argv[2]}', header=true);
                CREATE TEMP TABLE sums AS SELECT account_no, count(*) AS lines, sum(amount) AS due, sum(paid) AS received FROM bill
                    GROUP BY account_no;
                SELECT count(*) FILTER (c.account_no IS NULL), count(*) FILTER (s.account_no IS NULL), sum(due), sum(received),
                    sum(due - received) FROM customer c FULL OUTER JOIN sums s ON c.account_no = s.account_no;
                SELECT b.season, b.item, c.community, count(*), sum(b.amount), sum(b.paid) FROM bill b
                    JOIN customer c ON b.account_no = c.account_no GROUP BY ALL ORDER BY ALL;
                \"\"\").fetchall()
            print(time.perf_counter() - started)
            """
        command = Command(python, ["-c", program, folder.exported("customer"), folder.exported("bill")])
        printsSeconds = true
    }

    /// Every cell of the sheet as a value of Python's.
    private mutating func useOpenpyxl() throws {
        name = "openpyxl, read-only"
        let file = try WorkbookFile.made(in: folder)
        let program = """
            import sys, time, openpyxl
            started = time.perf_counter()
            sheet = openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0]
            rows = sum(1 for row in sheet.iter_rows(values_only=True))
            print(time.perf_counter() - started)
            """
        command = Command(file.python, ["-c", program, file.path])
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
