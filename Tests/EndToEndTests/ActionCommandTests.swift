import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// The commands of the outbox, as their users run them.
@Suite(.waitsForServers) struct ActionCommandTests {
    @Test func anActionIsSubmittedSentAndShown() async throws {
        let site = try ActionSite()
        try site.startDispatch("closesAfter=1000")
        let account = ActionSite.estate.account(5).number
        func submit(_ problem: String, key: String = "k1") async throws -> Program.Ending {
            try await site.hearth(
                "actions", "submit", "createWorkOrder", "--system", "dispatch", "--key", key, "--field",
                "account=\(account)", "--field", "problem=\(problem)", "--field", "phone=13812345678", "--field",
                "words=张三家=不热", "--json")
        }
        let first = try #require(try await submit("noHeat").json() as? [String: Any])
        #expect(first["state"] as? String == "accepted")
        let again = try #require(try await submit("noHeat").json() as? [String: Any])
        #expect(again["id"] as? Int == first["id"] as? Int)
        let conflict = try await submit("leak")
        #expect(conflict.status == 3 && conflict.errors.contains("usage.keyInUse"), "\(conflict)")
        let unknown = try await submit("music", key: "k2")
        #expect(unknown.status == 2 && unknown.errors.contains("action.badField"), "\(unknown)")
        #expect(try await site.hearth("actions", "run", "--drain").status == 0)
        let shown = try await site.hearth("actions", "show", "1", "--json")
        let document = try #require(try shown.json() as? [String: Any])
        let made = try DispatchEntry.all(inJournal: site.journal)
        #expect(made.count == 1 && made.first?.description == "张三家=不热")
        #expect(document["state"] as? String == "confirmed" && document["external_id"] as? String == made.first?.order)
        // Personal data goes into the system, and nowhere else.
        for text in [
            shown.output, try await site.hearth("actions", "show", "1").output,
            try await site.hearth("actions", "list").output,
        ] {
            #expect(!text.contains("张三") && !text.contains("13812345678"), "\(text)")
            #expect(text.contains(account))
        }
        #expect(shown.output.contains("138****5678"))
        // A settled action stays as it is.
        for command in [
            ["actions", "retry", "1"], ["actions", "drop", "1", "--reason", "x"], ["actions", "show", "9"],
        ] {
            let ending = try await Program.run(
                command, environment: ["HEARTH_STORE": try site.places.setting(site.folder + "/hearth.db")],
                directory: site.folder)
            #expect(ending.status >= 2, "\(command): \(ending)")
        }
        let list = try #require(
            try await site.hearth("actions", "list", "--state", "unknown", "--json").json() as? [Any])
        #expect(list.isEmpty)
        site.stopDispatch()
    }

    /// What nobody can settle waits for a person, who gives it up.
    @Test func aDeadLetterIsListedAndDropped() async throws {
        let site = try ActionSite()
        try site.startDispatch("")
        site.stopDispatch()
        let path = site.folder + "/Config/hearth.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8).replacing("attempts: 1000", with: "attempts: 2")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let account = ActionSite.estate.account(5).number
        _ = try await site.hearth(
            "actions", "submit", "createWorkOrder", "--system", "dispatch", "--key", "k", "--field",
            "account=\(account)", "--field", "problem=leak")
        #expect(try await site.hearth("actions", "run", "--drain").status == 1)
        let dead = try await site.hearth("actions", "list", "--dead")
        #expect(dead.output.contains("accepted (dead letter)"), "\(dead)")
        let dropped = try await site.hearth("actions", "drop", "1", "--reason", "by telephone", "--json")
        #expect((try dropped.json() as? [String: Any])?["state"] as? String == "dropped")
        #expect(try await site.hearth("actions", "run", "--drain").status == 0)
        #expect(try await site.hearth("audit", "verify").status == 0)
    }

    /// The server has a worker of its own.
    @Test func aServerSendsWhatIsAccepted() async throws {
        let site = try ActionSite()
        try site.startDispatch("")
        let account = ActionSite.estate.account(6).number
        _ = try await site.hearth(
            "actions", "submit", "createWorkOrder", "--system", "dispatch", "--key", "k", "--field",
            "account=\(account)", "--field", "problem=leak")
        let journal = site.journal
        let ending = try await Program.run(
            ["serve", "--port", "0"],
            environment: [
                "HEARTH_STORE": try site.places.setting(site.folder + "/hearth.db"),
                "HEARTH_ARCHIVE": site.folder + "/archive",
                "HEARTH_DISPATCH_URL": "http://127.0.0.1:\(site.port)/ws/dispatch",
                "HEARTH_DISPATCH_WRITER_PASSWORD": Estate.dispatchWriterPassword,
            ], directory: site.folder
        ) { process in
            var waits = 0
            while (try? DispatchEntry.all(inJournal: journal).count) != 1, waits < 3000 {
                usleep(20_000)
                waits += 1
            }
            kill(process, SIGTERM)
        }
        #expect(ending.status == 0, "\(ending)")
        #expect(try DispatchEntry.all(inJournal: journal).count == 1)
        site.stopDispatch()
    }
}
