import Answers
import ArgumentParser
import Foundation
import HeatModel
import Mapping
import Setup
import Store
import Sync
import Synchronization

struct CommonOptions: ParsableArguments {
    /// Where the configuration stands unless an option says otherwise: in the workspace, which is the present folder where none is named.
    static var standardConfig: String {
        ChosenWorkspace.folder.map { $0 + "/Config/hearth.yaml" } ?? "Config/hearth.yaml"
    }

    @Option(name: [.short, .long], help: "The configuration; Config/hearth.yaml of the workspace.")
    var config = CommonOptions.standardConfig

    @Flag(help: "One JSON document instead of text.")
    var json = false

    /// The configuration, its mappings and its store.
    ///
    /// - Parameters: as of ``HearthConfiguration/openStore(madeBy:patience:cacheMegabytes:tell:)``.
    /// - Throws: `store.missing`, and errors of the configuration, the mapping files and the store.
    func workspace(
        madeBy maker: StoreMaker? = nil, patience: PrimaryPatience = .none, tell: (String) -> Void = Terminal.complain
    ) throws -> Workspace {
        try workspace(over: { try $0.openStore(madeBy: maker, patience: patience, tell: tell) })
    }

    /// The same over the store that `open` gives, which is asked for once the files were found good.
    func workspace(over open: (HearthConfiguration) throws -> any Store) throws -> Workspace {
        let configuration = try HearthConfiguration.load(path: config)
        let mappings = try MappingSet.load(directory: configuration.mappings)
        return Workspace(
            configuration: configuration, mappings: mappings, store: try open(configuration),
            isCancelled: { Interrupt.flag.isSet })
    }
}

/// The moment that a question is about.
struct PastOptions: ParsableArguments {
    @Option(name: .customLong("as-of"), help: "An instant with its offset, or a run's number.")
    var moment: String?

    func asOf() throws -> AsOf { try moment.map { try AsOf(argument: $0) } ?? .present }

    /// The same as a question takes it.
    var argument: ArgumentValue? { moment.map { .text($0) } }

}

/// Ctrl-C and SIGTERM: the first asks the work to stop at its next batch boundary, the second ends the process.
enum Interrupt {
    static let flag = StopSignal()

    static func catchSignals() {
        // A launcher that blocks signals in its own threads hands that on to what it starts.
        var caught = sigset_t()
        sigemptyset(&caught)
        for number in [SIGINT, SIGTERM] { sigaddset(&caught, number) }
        pthread_sigmask(SIG_UNBLOCK, &caught, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Interrupt.flag.isSet { _exit(128 + number) }
                Interrupt.flag.set()
            }
        }
    }
}

/// The folder that `hearth --workspace FOLDER …` or HEARTH_WORKSPACE names, for whichever command follows. Other paths on the command
/// line are seen from the present folder.
enum ChosenWorkspace {
    private static let chosen = Mutex<String?>(
        ProcessInfo.processInfo.environment["HEARTH_WORKSPACE"].flatMap { $0.isEmpty ? nil : $0 })

    static var folder: String? { chosen.withLock { $0 } }

    /// Takes `--workspace FOLDER` or `--workspace=FOLDER` off the arguments, where it stands before a command or behind it.
    ///
    /// - Throws: `ValidationError` where no folder follows.
    static func take(from arguments: [String]) throws -> [String] {
        var rest: [String] = []
        var index = arguments.startIndex
        while index < arguments.endIndex {
            let argument = arguments[index]
            index += 1
            if argument == "--" { return rest + arguments[(index - 1)...] }
            let named: String
            if argument.hasPrefix("--workspace=") {
                named = String(argument.dropFirst("--workspace=".count))
            } else if argument == "--workspace" {
                named = index < arguments.endIndex ? arguments[index] : ""
                index += 1
            } else {
                rest.append(argument)
                continue
            }
            if named.isEmpty {
                throw ValidationError("--workspace wants a folder: one with Config/hearth.yaml in it")
            }
            chosen.withLock { $0 = named }
        }
        return rest
    }
}
