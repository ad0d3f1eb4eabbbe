import Answers
import ArgumentParser
import Foundation
import Gateway
import HeatModel
import Setup
import Store

struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bearer tokens of those who may ask `hearth serve`.",
        discussion: """
            EXAMPLES
              hearth token create --name hotline --scope assistant --days 90
              hearth token list
              hearth token revoke 1f3a90c2
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and shows it, this once: only its hash is kept.",
            discussion: """
                Scopes: assistant (accounts, bills, addresses, bindings), engineer (runs, quarantine, accounts masked), auditor (accounts
                masked, the access log, conversations), desk (hand-offs: claimed, answered, closed), pii (personal data in clear, search by
                phone, beside another scope).

                EXAMPLES
                  hearth token create --name hotline --scope assistant --days 90
                  hearth token create --name desk --scope assistant --scope pii --json
                """)

        @OptionGroup var options: CommonOptions
        @Option(help: "Whose it is.") var name: String
        @Option(name: .long, help: "assistant, engineer, auditor, desk or pii; may stand several times.") var scope:
            [String]
        @Option(help: "Days until it expires; 0 for never.") var days = 365

        func validate() throws {
            if name.isEmpty || name.count > 100 { throw ValidationError("--name must be 1 to 100 characters") }
            if !(0...36_500).contains(days) { throw ValidationError("--days must be 0 to 36500") }
            if scope.isEmpty { throw ValidationError("--scope is needed") }
            for name in scope where Scope(rawValue: name) == nil {
                throw ValidationError(
                    "--scope \(name) is not one of \(Scope.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }

        private struct Made: Encodable {
            var id: String
            var token: String
            var scopes: [String]
            var expiresAt: String?
        }

        func run() throws {
            let store = try HearthConfiguration.load(path: options.config).openStore(madeBy: .createToken)
            let secret = BearerSecret()
            let now = Instant.now
            let expiry =
                days == 0
                ? nil
                : Instant(
                    microseconds: now.microseconds + Int64(days) * 86_400_000_000, offsetMinutes: now.offsetMinutes)
            let token = secret.token(
                name: name, scopes: scope.compactMap(Scope.init(rawValue:)), createdAt: now, expiresAt: expiry)
            try store.add(token)
            if options.json {
                return try JSONOutput.print(
                    Made(
                        id: token.id, token: secret.text, scopes: token.scopes, expiresAt: token.expiresAt?.description)
                )
            }
            Terminal.say(secret.text)
            Terminal.note(
                "token \(token.id) of \(name): \(token.scopes.joined(separator: ", ")). It is not shown again.\n")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The tokens, without their secrets.", discussion: "EXAMPLE\n  hearth token list --json")
        @OptionGroup var options: CommonOptions

        private struct Entry: Encodable {
            var id: String
            var name: String
            var scopes: [String]
            var createdAt: String
            var expiresAt: String?
            var revokedAt: String?
        }

        func run() throws {
            let store = try HearthConfiguration.load(path: options.config).openStore()
            let tokens = try store.accessTokens()
            if options.json {
                return try JSONOutput.print(
                    tokens.map {
                        Entry(
                            id: $0.id, name: $0.name, scopes: $0.scopes, createdAt: $0.createdAt.description,
                            expiresAt: $0.expiresAt?.description, revokedAt: $0.revokedAt?.description)
                    })
            }
            Terminal.table(
                ["id", "name", "scopes", "made", "expires", "revoked"],
                tokens.map {
                    [
                        $0.id, $0.name, $0.scopes.joined(separator: " "), Terminal.moment($0.createdAt),
                        $0.expiresAt.map(Terminal.moment) ?? "never", $0.revokedAt.map(Terminal.moment) ?? "",
                    ]
                })
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuses a token from now on; a running server knows within a second.",
            discussion: "EXAMPLE\n  hearth token revoke 1f3a90c2")
        @OptionGroup var options: CommonOptions
        @Argument(help: "The token's id, as `hearth token list` shows it.") var id: String

        func run() throws {
            let store = try HearthConfiguration.load(path: options.config).openStore()
            guard try store.revokeAccessToken(id, at: Instant.now) else {
                throw HearthError(
                    .usageUnknownToken, "there is no such token, or it has been revoked",
                    at: .address("store"),
                    advice: "`hearth token list` shows them")
            }
            Terminal.note("token \(id) is revoked\n")
        }
    }
}
