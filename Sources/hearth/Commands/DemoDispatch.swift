import ArgumentParser
import Foundation
import HeatModel
import LegacyEstate
import Sync

/// The demo's dispatch system as a process of its own.
struct DemoDispatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-dispatch",
        abstract: "Serves the demo's dispatch system alone: a process that may be killed and started again.",
        discussion: """
            A SOAP service on loopback that can be read and written. What is written stands in the journal before it is answered, and
            is there again after a restart. It knows no idempotency key, and with --misbehave it fails as such systems do: shares in
            a thousand requests of slow, late, closesAfter, closesBefore, faultsAfter, faultsBefore, errorsAfter, queryCloses and
            queryFaults, with seed, delay and stale (milliseconds) and reference (characters that are kept).
            It prints its address and runs until Ctrl-C.

            EXAMPLES
              hearth demo-dispatch --journal dispatch.journal
              hearth demo-dispatch --port 8091 --journal dispatch.journal --misbehave seed=7,late=50,closesAfter=50,delay=800
            """)

    @Option(help: "Accounts of the company.") var accounts = 2000
    @Option(help: "What company it is.") var seed: UInt64 = 1
    @Option(help: "beijing, tianjin, jinan, harbin or shenyang.") var city = City.tianjin.rawValue
    @Option(help: "Port on 127.0.0.1; 0 for any that is free.") var port = 0
    @Option(help: "File that keeps what is written.") var journal: String
    @Option(help: "What it does wrong, and how often.") var misbehave = ""

    func validate() throws {
        if accounts < 1 || accounts > 10_000_000 { throw ValidationError("--accounts must be 1 to 10000000") }
        if City(rawValue: city) == nil {
            throw ValidationError("--city must be one of \(City.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if port < 0 || port > 65_535 { throw ValidationError("--port must be 0 to 65535") }
        if DispatchMisbehaviour(misbehave) == nil {
            throw ValidationError("--misbehave is a list of name=number, such as late=50,delay=800")
        }
    }

    func run() throws {
        Interrupt.catchSignals()
        let estate = Estate(
            EstateOptions(
                accounts: accounts, seed: seed, city: City(rawValue: city) ?? .tianjin, plantDiscrepancies: true))
        let service = try estate.dispatchService(
            journal: journal, misbehaviour: DispatchMisbehaviour(misbehave) ?? DispatchMisbehaviour())
        defer { service.stopAndWait() }
        Terminal.say(try service.startAndWait(port: port))
        while !Interrupt.flag.isSet { Thread.sleep(forTimeInterval: 0.1) }
    }
}
