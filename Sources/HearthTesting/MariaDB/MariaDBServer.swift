import Foundation
import Glibc
import HeatModel
import Synchronization

/// A real MariaDB server for tests: data directory of its own, reachable by a Unix socket only, gone after the tests, however they end.
package final class MariaDBServer: Sendable {
    /// Path of the socket, short as a socket's must be.
    package let socket: String
    private let directory: String
    private let guardian: Mutex<(process: pid_t, pipe: Int32)?>
    private let databases = Atomic<Int>(0)

    private static let sharedServer = Mutex<MariaDBServer?>(nil)

    /// The one server of this test process, started at the first call.
    /// - Throws: ``HearthError`` when MariaDB is not installed or does not come up.
    package static func shared() throws -> MariaDBServer {
        try sharedServer.withLock { server in
            if let server { return server }
            let started = try MariaDBServer()
            server = started
            return started
        }
    }

    /// Makes a data directory, starts a server on it and waits until it answers.
    /// - Parameter settings: further arguments of `mariadbd`.
    package init(settings: [String] = []) throws {
        let server = try Self.program("mariadbd", ["/usr/sbin", "/usr/bin", "/usr/local/sbin"])
        let install = try Self.program("mariadb-install-db", ["/usr/bin", "/usr/local/bin"])
        var template = Array("/tmp/hearthma-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw MariaDBServer.failure("cannot make a directory under /tmp") }
        directory = String(cString: made)
        socket = directory + "/s"
        let log = directory + "/log"
        // A client that finds no server yet is gone before it is asked: an error, no end of the tests.
        signal(SIGPIPE, SIG_IGN)
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"
        do {
            try FileManager.default.createDirectory(atPath: directory + "/tmp", withIntermediateDirectories: false)
            // A server that starts, also the one that makes the tables, removes what it takes for left behind in the folder for temporary
            // files: another's, too.
            let own = ["--datadir=\(directory)/data", "--tmpdir=\(directory)/tmp", "--user=\(user)"]
            let installed = try ChildProcess.run(
                [install, "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"] + own,
                in: directory, log: log)
            guard installed == 0 else { throw MariaDBServer.failure("\(install) failed: \(Self.text(of: log))") }
            guardian = Mutex(
                try ChildProcess.spawnGuarded(
                    [
                        server, "--no-defaults", "--socket=\(socket)", "--skip-networking",
                        "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M",
                        "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--skip-log-bin",
                        // Nothing here outlives the machine: no wait for its disk.
                        "--innodb-flush-method=nosync", "--debug-no-sync", "--sync-frm=0",
                        "--performance-schema=off", "--default-time-zone=+00:00", "--max-connections=100",
                    ] + own + settings, in: directory, log: log))
        } catch {
            try? FileManager.default.removeItem(atPath: directory)
            throw error
        }
        let deadline = ContinuousClock.now + .seconds(600)
        while true {
            if (try? MariaDBSession(socket: socket, database: nil).execute("SELECT 1")) == [["1"]] { return }
            guard ContinuousClock.now < deadline, access(directory + "/exited", F_OK) != 0 else {
                throw MariaDBServer.failure("MariaDB does not come up: \(Self.text(of: log))")
            }
            usleep(50_000)
        }
    }

    deinit {
        guardian.withLock { guardian in
            guard let (process, pipe) = guardian else { return }
            close(pipe)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            guardian = nil
        }
    }

    /// A new, empty database.
    package func createDatabase() throws -> MariaDBDatabase {
        let name = "t\(databases.add(1, ordering: .relaxed).newValue)"
        try MariaDBSession(socket: socket, database: nil).execute("CREATE DATABASE \(name) CHARACTER SET utf8mb4")
        return MariaDBDatabase(server: self, name: name, session: try MariaDBSession(socket: socket, database: name))
    }

    private static func program(_ name: String, _ folders: [String]) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
        guard
            let folder = (path + folders).first(where: {
                FileManager.default.isExecutableFile(atPath: $0 + "/" + name)
            })
        else { throw MariaDBServer.failure("no MariaDB server is installed (\(name) was looked for)") }
        return folder + "/" + name
    }

    static func failure(_ message: String) -> HearthError {
        HearthError(
            .sourceUnreachable, message,
            advice: "Install the server for the tests: apt-get install mariadb-server mariadb-client odbc-mariadb.")
    }

    /// What went wrong stands above what the program advises: errors first, then the end.
    private static func text(of log: String) -> String {
        let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
        return (lines.filter { $0.contains("ERROR") }.prefix(10) + lines.suffix(10)).joined(separator: "\n")
    }
}

/// A database of a test's own.
package final class MariaDBDatabase: Sendable {
    package let server: MariaDBServer
    package let name: String
    private let own: MariaDBSession

    fileprivate init(server: MariaDBServer, name: String, session: MariaDBSession) {
        self.server = server
        self.name = name
        own = session
    }

    /// Runs SQL (one or several statements) and returns the rows of all; nil is NULL.
    @discardableResult
    package func execute(_ sql: String) throws -> [[String?]] { try own.execute(sql) }

    /// Another session, for transactions that stay open.
    package func session() throws -> MariaDBSession { try MariaDBSession(socket: server.socket, database: name) }
}

/// A session of the `mariadb` client.
package final class MariaDBSession: Sendable {
    private let state: Mutex<State>

    /// Touched only under the mutex that holds it, one statement at a time.
    private struct State: @unchecked Sendable {
        var process: Process
        var input: FileHandle
        var output: FileHandle
        var errors: FileHandle
        var count = 0
    }

    fileprivate init(socket: String, database: String?) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/mariadb")
        process.arguments =
            [
                "--no-defaults", "--default-character-set=utf8mb4", "-uroot", "-S", socket, "-N", "-B", "--unbuffered",
            ] + (database.map { [$0] } ?? [])
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        state = Mutex(
            State(
                process: process, input: input.fileHandleForWriting, output: output.fileHandleForReading,
                errors: errors.fileHandleForReading))
    }

    deinit {
        state.withLock { state in
            // The end of its input would not do: a process that was started meanwhile may hold the pipe open. For the same reason
            // Foundation may never see that it is gone: what it waits for is a socket that such a process holds, too.
            try? state.input.write(contentsOf: Data("\\q\n".utf8))
            try? state.input.close()
            var status: Int32 = 0
            while waitpid(state.process.processIdentifier, &status, 0) < 0 && errno == EINTR {}
        }
    }

    @discardableResult
    package func execute(_ sql: String) throws -> [[String?]] {
        try state.withLock { state in
            state.count += 1
            let mark = "~~\(state.count)~~"
            try state.input.write(contentsOf: Data("\(sql)\n;\nSELECT '\(mark)';\n".utf8))
            var bytes = Data()
            let end = Data("\(mark)\n".utf8)
            while !bytes.suffix(end.count).elementsEqual(end) {
                let more = state.output.availableData
                if more.isEmpty {
                    let text = String(decoding: state.errors.availableData, as: UTF8.self)
                    throw MariaDBServer.failure("mariadb: \(text)")
                }
                bytes += more
            }
            let text = String(decoding: bytes.dropLast(end.count), as: UTF8.self)
            return text.split(separator: "\n").map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false).map {
                    $0 == "NULL" ? nil : Self.plain($0)
                }
            }
        }
    }

    /// A value without the escapes that the client writes.
    private static func plain(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result.append(character == "n" ? "\n" : character == "t" ? "\t" : character == "0" ? "\0" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}
