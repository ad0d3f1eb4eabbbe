import ArgumentParser

/// Benchmarks, one JSON line a case, each with its reference beside it.
@main
struct HearthBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "HearthBenchmarks", abstract: "Measures Hearth beside its references.")

    func run() throws {}
}
