import Foundation
import HearthTesting
import HeatModel
import TestTraits
import Testing

/// Every document of every door, of a company whose personal values are marked: without the right to see personal data no mark
/// stands anywhere. The doors are taken from what the program says of itself, so that one that is not walked fails.
@Suite(.waitsForServers) struct PersonalDataTests {
    private static let settings = "privacy: {requireReason: true}\nserve: {port: 0}\nchannels: {console: {}}\n"

    @Test func noDoorShowsWhatItsCallerMayNotSee() async throws {
        let site = try MarkedCompany.site(settings: Self.settings)
        let walk = PersonalDataWalk(site)
        try await walk.run(["sync"])
        // A second day, so that there are changes to plan, to trace and to compare.
        for kind in MarkedCompany.entities { try MarkedCompany.drop(kind, day: 2, into: site) }
        try await walk.commands(before: true)
        try await walk.run(["sync"])
        try await walk.commands(before: false)
        try await walk.http()
        try await walk.assistant()
        try await walk.replayed()
        walk.leaks += try await MarkedCompany.leaks(inFilesOf: site.folder + "/hearth-access").map {
            "access log \($0)"
        }
        for folder in ["one", "two"] {
            walk.leaks += try await MarkedCompany.leaks(inFilesOf: "\(site.folder)/\(folder)").map { "reconcile \($0)" }
        }
        #expect(walk.leaks.isEmpty, "\(walk.leaks.joined(separator: "\n"))")
        #expect(walk.notWalked.isEmpty, "no way is known through \(walk.notWalked)")
        // What was looked through were documents, and the marks are there to be found.
        #expect(walk.documents > 150, "\(walk.documents)")
        let clear = try await site.hearth("account", MarkedCompany.number, "--json", "--unmask", "--reason", "test")
        let view = clear.output
        for field in MarkedCompany.entities.flatMap(\.fields) where field.isPersonal {
            let isThere = view.contains(".\(field.jsonKey)2\(MarkedCompany.mark)") || field.jsonKey.contains("phone")
            #expect(isThere, "\(field.name) is in no view: the walk proves nothing of it")
        }
        #expect(view.contains(MarkedCompany.digits))
    }

    /// A person at a terminal is asked for the reason, and it stands in the log; an empty line is none.
    @Test func aReasonTypedAtATerminalIsLogged() async throws {
        let site = try MarkedCompany.site(settings: Self.settings)
        try await site.hearth("sync")
        for (typed, isShown) in [("ticket 4711 at the desk", true), ("   ", false), ("", false)] {
            let ending = try await Program.run(
                ["-c", Self.terminal, typed, Program.path, "account", MarkedCompany.number, "--unmask"],
                executable: "/usr/bin/python3", environment: [:], directory: site.folder)
            #expect(ending.output.contains("why is personal data looked at in clear?"), "\(ending)")
            #expect(ending.status == (isShown ? 0 : 3), "\(typed): \(ending)")
            #expect(ending.output.contains(MarkedCompany.mark) == isShown, "\(typed)")
            #expect(ending.output.contains("usage.noReason") == !isShown, "\(typed): \(ending.output)")
        }
        var lines: [Substring] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: site.folder + "/hearth-access") {
            let log = try String(contentsOfFile: "\(site.folder)/hearth-access/\(name)", encoding: .utf8)
            lines += log.split(separator: "\n").filter { $0.contains("cli:account") }
        }
        #expect(lines.count == 1 && lines[0].contains("\"ticket 4711 at the desk\""), "\(lines)")
    }

    /// Runs a program on a terminal of its own, types a line once the program asks, and prints what the terminal shows.
    private static let terminal = """
        import os, pty, sys
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(sys.argv[2], sys.argv[2:])
        shown, typed = b"", False
        while True:
            try:
                more = os.read(terminal, 65536)
            except OSError:
                break
            if not more:
                break
            shown += more
            if not typed and b"in clear? " in shown:
                os.write(terminal, sys.argv[1].encode() + b"\\n")
                typed = True
        sys.stdout.buffer.write(shown)
        sys.stdout.flush()
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """

    @Test func withoutAReasonNothingIsShownInClear() async throws {
        let site = try MarkedCompany.site(settings: Self.settings)
        try await site.hearth("sync")
        for command in [
            ["account", MarkedCompany.number], ["trace", MarkedCompany.number, "holder.name"],
            ["history", MarkedCompany.number], ["quarantine", "show", "1"], ["preview", "m.premises"], ["mcp"],
        ] {
            let refused = try await Program.run(command + ["--unmask"], environment: [:], directory: site.folder)
            #expect(refused.status == 3 && refused.output.isEmpty, "\(command): \(refused.output)")
            #expect(refused.errors.contains("usage.noReason"), "\(command): \(refused.errors)")
            let blank = try await Program.run(
                command + ["--unmask"], environment: ["HEARTH_REASON": " "], directory: site.folder)
            #expect(blank.status == 3, "\(command)")
            let shown = try await Program.run(
                command + ["--unmask"], environment: ["HEARTH_REASON": "audit of \(command[0])"], directory: site.folder
            )
            #expect(shown.status == 0, "\(command): \(shown.errors)")
            #expect(command == ["mcp"] || MarkedCompany.leak(in: shown.output) != nil, "\(command)")
        }
        let bundle = try await site.hearth("audit", "export", "bundle")
        #expect(bundle.status == 3 && !FileManager.default.fileExists(atPath: site.folder + "/bundle"))
        #expect(try await site.hearth("audit", "export", "bundle", "--reason", "audit of export").status == 0)
        var log = ""
        for name in try FileManager.default.contentsOfDirectory(atPath: site.folder + "/hearth-access") {
            log += try String(contentsOfFile: "\(site.folder)/hearth-access/\(name)", encoding: .utf8)
        }
        for command in ["account", "trace", "history", "quarantine", "preview", "export"] {
            let line = log.split(separator: "\n").first { $0.contains("audit of \(command)\"") } ?? ""
            #expect(line.contains("\"caller\":\"local:") && !line.contains("\"unmasked\":[]"), "\(command): \(line)")
        }
    }
}
