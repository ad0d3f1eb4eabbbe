import Answers
import ArgumentParser
import Foundation
import HeatModel
import LegacyEstate
import Mapping
import Pages
import SQLiteStore
import Setup
import Store
import Sync

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract:
            "Brings a heating company's three legacy systems alive, syncs them and shows what Hearth answers from them.",
        usage: "hearth demo [options]",
        discussion: """
            Billing is an SQL database, dispatch a SOAP service on loopback, customers are GB18030 files in a drop folder. They are
            read through a Config/hearth.yaml and Mappings/ like any other company's, which the demo writes into its folder: that is a
            workspace then, for every other command. The same seed makes the same company.

            EXAMPLES
              hearth demo
              hearth demo --accounts 100000 --seed 7
              hearth demo --postgres "host=/run/postgresql dbname=billing"
              hearth demo --live        then plays a day in two minutes: crews move, people pay, events come; serves the chat page, the
                                        kiosk and the desk meanwhile (with --keep also after it)
              hearth demo --lang zh     tells it in Chinese; without --lang in the language of the locale
              hearth demo --keep        leaves dispatch running, for `hearth account`, `hearth sync` … in another terminal
            """)

    @OptionGroup var options: CommonOptions
    @Option(help: "Accounts of the company.") var accounts = 2000
    @Option(help: "What company it is.") var seed: UInt64 = 1
    @Option(help: "beijing, tianjin, jinan, harbin or shenyang.") var city = City.tianjin.rawValue
    @Option(help: "Put billing into this PostgreSQL database (a libpq connection string; its sf_ tables are replaced).")
    var postgres: String?
    @Option(help: "Folder of the demo; what an earlier demo left there is replaced.") var directory = "hearth-demo"
    @Option(name: .customLong("lang"), help: "zh or en; that of the locale where it is not named.")
    var say: Tongue = .ofLocale
    @Flag(help: "Keep the dispatch service running until Ctrl-C.") var keep = false

    @Flag(help: "Then play a day: what people do at their desks and on the way, and the events that come of it.")
    var live = false
    @Option(help: "Seconds that the day takes.") var seconds = 120

    func validate() throws {
        if !(5...86_400).contains(seconds) { throw ValidationError("--seconds must be 5 to 86400") }
        if accounts < 1 || accounts > 10_000_000 { throw ValidationError("--accounts must be 1 to 10000000") }
        if City(rawValue: city) == nil {
            throw ValidationError("--city must be one of \(City.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run() throws {
        Interrupt.catchSignals()
        let folder = URL(fileURLWithPath: directory).path
        try prepare(folder)
        let options = try configured(folder)
        let estate = Estate(
            EstateOptions(
                accounts: accounts, seed: seed, city: City(rawValue: city) ?? .tianjin,
                plantDiscrepancies: true))

        let size = Terminal.grouped(Int64(accounts))
        tell(
            say(
                "1. 一家供热公司:\(size) 户,种子 \(seed),\(city) 的收费标准",
                "1. A heating company of \(size) accounts, seed \(seed), tariff of \(city)"))
        try bringAlive(estate, folder)
        let dispatch = try estate.dispatchService(journal: folder + "/legacy/dispatch.journal")
        setenv("HEARTH_DISPATCH_URL", try dispatch.startAndWait(), 1)
        setenv("HEARTH_DISPATCH_USER", Estate.dispatchUser, 1)
        setenv("HEARTH_DISPATCH_PASSWORD", Estate.dispatchPassword, 1)
        setenv("HEARTH_DISPATCH_WRITER", Estate.dispatchWriter, 1)
        setenv("HEARTH_DISPATCH_WRITER_PASSWORD", Estate.dispatchWriterPassword, 1)
        let address = dispatch.address ?? ""
        tell(
            say(
                "   维修调度  SOAP 服务 \(address)(UsernameToken 密码摘要)",
                "   dispatch  SOAP at \(address) (UsernameToken digest)"))
        defer { dispatch.stopAndWait() }
        try writeEnvironment(folder)

        tell(say("2. 按 \(options.config) 同步", "2. Sync through \(options.config)"))
        let workspace = try options.workspace(madeBy: .demo)
        let display = ProgressDisplay(isQuiet: options.json, in: say)
        let outcome = try workspace.sync { display.show($0) }
        try endIfStopped(outcome)
        let again = try workspace.sync {
            if case .ended(let report) = $0, report.state != .success { display.show($0) }
        }
        let read = Terminal.grouped(again.reports.reduce(0) { $0 + $1.counts.read })
        let differing = again.reports.reduce(0) { $0 + $1.counts.new + $1.counts.changed + $1.counts.vanished }
        let change =
            differing == 0 ? say("没有变化", "nothing has changed") : say("\(differing) 行有变", "\(differing) changed")
        tell(
            say(
                "   再来一次:为迟到的改动重读 \(read) 行,\(change)",
                "   once more: \(read) rows read again for late changes, \(change)"))
        try endIfStopped(again)

        let entries = try workspace.store.read {
            try $0.quarantine(stream: nil, state: .open, code: nil, after: nil, limit: .max)
        }
        if options.json {
            try JSONOutput.print(
                Summary(
                    sync: SyncSummary(outcome), account: shownAccount(estate),
                    quarantine: entries.map { QuarantineSummary($0) }))
        } else {
            try DemoTour(
                estate: estate, workspace: workspace, options: options, say: say, folder: directory,
                read: outcome.reports.reduce(0) { $0 + $1.counts.read }, quarantined: entries, tell: tell
            ).show()
        }
        var doors: DemoDoors?
        defer { doors?.stop() }
        if live {
            let open = try DemoDoors.open(options)
            doors = open
            for line in open.lines(in: say) { tell("   " + line) }
            let (account, identity) = (shownAccount(estate), shownIdentity(estate))
            tell(
                say(
                    "   可以试的户号:\(account),身份证后六位 \(identity)",
                    "   an account to try: \(account), ID number's last six \(identity)"))
            tell(
                say(
                    "一天,放在 \(seconds) 秒里:大家在做什么,→ 后面是由此而来的事件",
                    "A day in \(seconds) seconds: what people do, and after → the events that come of it"))
            let summary = try LiveDemo(
                estate: estate, dispatch: dispatch, workspace: workspace, questions: LocalQuestions(options),
                billing: postgres == nil ? folder + "/legacy/billing.sqlite" : nil, seconds: Double(seconds), say: say,
                tell: tell
            ).play()
            tell("   " + summary.text(in: say))
        }
        if keep {
            tell(say("维修调度服务继续运行,按 Ctrl-C 结束。", "The dispatch service keeps running. Ctrl-C ends it."))
            while !Interrupt.flag.isSet { Thread.sleep(forTimeInterval: 0.2) }
        }
    }

    /// The options with the configuration that is named, else with the demo's own, which is written.
    private func configured(_ folder: String) throws -> CommonOptions {
        if options.config != CommonOptions.standardConfig { return options }
        try ShippedFiles.write(ShippedFiles.demo + ShippedFiles.all, into: URL(fileURLWithPath: folder))
        var own = options
        own.config = directory + "/Config/hearth.yaml"
        return own
    }

    private func endIfStopped(_ outcome: SyncOutcome) throws {
        if outcome.isCancelled { Terminal.note(outcome.stopped(in: say)) }
        if outcome.hasFailed || outcome.isCancelled { throw ExitCode(2) }
    }

    private struct Summary: Encodable {
        var sync: SyncSummary
        var account: String
        var quarantine: [QuarantineSummary]
    }

    private func tell(_ line: String) {
        if options.json { Terminal.note(line + "\n") } else { Terminal.say(line) }
    }

    /// An empty folder, unless something stands there that is not a demo's.
    private func prepare(_ folder: String) throws {
        let files = FileManager.default
        let marker = folder + "/environment"
        if let found = try? files.contentsOfDirectory(atPath: folder), !found.isEmpty, !found.contains("environment") {
            throw HearthError(
                .usageFolderInUse, "the folder holds something else than a demo",
                at: .file(folder, line: 0, column: 0),
                advice: "name another with --directory")
        }
        do {
            if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
            try files.createDirectory(atPath: folder + "/legacy/customer", withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: marker))
        } catch {
            throw HearthError(
                .usageFolderNotWritable, "the demo's folder cannot be made",
                at: .file(folder, line: 0, column: 0),
                advice: "name another with --directory", cause: error)
        }
    }

    private func bringAlive(_ estate: Estate, _ folder: String) throws {
        if let postgres {
            try estate.writeBilling(postgres: postgres)
            setenv("HEARTH_BILLING_DRIVER", "postgres", 1)
            setenv("HEARTH_BILLING_CONNINFO", postgres, 1)
            tell(
                say("   收费系统  PostgreSQL 表 sf_yh、sf_fy、sf_jf …", "   billing   PostgreSQL tables sf_yh, sf_fy, sf_jf …")
            )
        } else {
            try estate.writeBilling(sqlite: folder + "/legacy/billing.sqlite")
            setenv("HEARTH_BILLING_DRIVER", "sqlite", 1)
            setenv("HEARTH_BILLING_PATH", folder + "/legacy/billing.sqlite", 1)
            let place = "\(directory)/legacy/billing.sqlite"
            tell(say("   收费系统  SQLite:\(place)", "   billing   SQLite at \(place)"))
        }
        let dropped = try estate.writeCustomer(dropFolder: folder + "/legacy/customer")
        setenv("HEARTH_CUSTOMER_DROPS", folder + "/legacy/customer", 1)
        setenv("HEARTH_STORE", folder + "/hearth.db", 1)
        setenv("HEARTH_ARCHIVE", folder + "/archive", 1)
        let file = "\(directory)/legacy/customer/\(dropped.first ?? "")"
        tell(say("   用户信息  GB18030 文件 \(file)", "   customer  GB18030 drop \(file)"))
    }

    /// What other commands need to find the demo's systems: they read it where they find it in their workspace. A database's connection string is not written down.
    private func writeEnvironment(_ folder: String) throws {
        let names = [
            "HEARTH_STORE", "HEARTH_ARCHIVE", "HEARTH_BILLING_DRIVER", "HEARTH_BILLING_PATH", "HEARTH_CUSTOMER_DROPS",
            "HEARTH_DISPATCH_URL",
            "HEARTH_DISPATCH_USER", "HEARTH_DISPATCH_PASSWORD", "HEARTH_DISPATCH_WRITER",
            "HEARTH_DISPATCH_WRITER_PASSWORD",
        ]
        let lines = names.compactMap { name in getenv(name).map { "\(name)='\(String(cString: $0))'" } }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: folder + "/environment"))
        // Passwords are in it.
        chmod(folder + "/environment", 0o600)
    }

    /// The last six of the shown account's holder's ID number: of an invented person.
    private func shownIdentity(_ estate: Estate) -> String {
        let number = shownAccount(estate)
        let index = (0..<accounts).first { estate.account($0).number == number } ?? 0
        return String(estate.account(index).idNumber.suffix(6))
    }

    /// The first account without a fault.
    private func shownAccount(_ estate: Estate) -> String {
        let faulty = Set(estate.planted.compactMap(\.accountNumber))
        let index = (0..<accounts).first { !faulty.contains(estate.account($0).number) } ?? 0
        return estate.account(index).number
    }
}

/// A quarantine entry as the demo's `--json` prints it.
private struct QuarantineSummary: Encodable {
    var id: Int64
    var stream: String
    var code: String
    var message: String
    var place: String
    var key: String?

    init(_ entry: QuarantinedRecord) {
        id = entry.id.number
        stream = entry.stream
        code = entry.code
        message = entry.message
        place = entry.place
        key = entry.key.map { RecordKey.text($0) }
    }
}
