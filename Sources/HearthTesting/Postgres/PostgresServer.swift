import Foundation
import Glibc
import HeatModel
import Synchronization

/// A real PostgreSQL server for tests: data directory of its own, reachable by a Unix socket only, gone after the tests.
///
/// The server lives under a small shell that holds the reading end of a pipe. However the test process ends (normally,
/// by a crash, by `kill -9`) the pipe closes, and the shell stops the server and removes its directory.
///
///     let database = try PostgresServer.shared().createDatabase()
///     try database.execute("CREATE TABLE bill(id int PRIMARY KEY)")
///     let connector = … database.dsn …
///
/// A role that is a member of the role `hearth_password` (which a test may create) must give its password;
/// every other role is trusted.
package final class PostgresServer: Sendable {
    /// Directory of the socket, a short path (a socket's path must stay under 108 bytes).
    package let socketDirectory: String
    package let port: Int
    private let directory: String
    private let guardian: Mutex<Guardian?>
    private let databases = Atomic<Int>(0)

    /// The shell above the server: its process and the writing end of its pipe.
    private struct Guardian {
        var process: pid_t
        var pipe: Int32
    }

    /// Whether this machine has the programs of a PostgreSQL server.
    package static var isInstalled: Bool { (try? PostgresPrograms.find()) != nil }

    /// The one server of this test process, started at the first call.
    /// - Throws: ``HearthError`` `source.unreachable` when PostgreSQL is not installed or does not come up.
    package static func shared() throws -> PostgresServer {
        try sharedServer.withLock { server in
            if let server { return server }
            let started = try PostgresServer()
            server = started
            return started
        }
    }

    private static let sharedServer = Mutex<PostgresServer?>(nil)

    /// Makes a data directory, starts a server on it and waits until it answers.
    /// - Parameters:
    ///   - settings: further lines of `postgresql.conf`.
    ///   - tls: listen on 127.0.0.1 as well, at `port`, for connections under TLS with these certificates.
    /// - Throws: ``HearthError`` `source.unreachable` when PostgreSQL is not installed or does not come up.
    package convenience init(settings: [String] = [], port: Int = 5432, tls: TestCertificates? = nil) throws {
        try self.init(port: port) { folder in
            try folder.run([
                folder.programs.initdb, "-D", folder.data, "-N", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U",
                "postgres",
            ])
            try Self.write(
                [
                    "listen_addresses = ''", "unix_socket_directories = '\(folder.path)'", "port = \(port)",
                    "fsync = off",
                    "synchronous_commit = off", "full_page_writes = off", "shared_buffers = 32MB",
                    "max_connections = 500",
                    "autovacuum = off", "timezone = 'UTC'",
                ] + settings, appendingTo: folder.data + "/postgresql.conf")
            try FileManager.default.removeItem(atPath: folder.data + "/pg_hba.conf")
            try Self.write(
                [
                    "local replication all trust", "local all +hearth_password scram-sha-256", "local all all trust",
                    "hostssl all all 127.0.0.1/32 trust",
                ], appendingTo: folder.data + "/pg_hba.conf")
            if let tls { try Self.prepare(tls, data: folder.data, prefix: folder.prefix, log: folder.log) }
            chmod(folder.data + "/pg_hba.conf", 0o644)
        }
    }

    /// Makes a hot standby of another server, by `pg_basebackup`, and waits until it answers.
    /// - Parameter settings: further lines of its `postgresql.conf`.
    package convenience init(standbyOf primary: PostgresServer, settings: [String] = []) throws {
        try self.init(port: primary.port) { folder in
            try folder.run([
                folder.programs.basebackup, "-D", folder.data, "-h", primary.socketDirectory, "-p", "\(primary.port)",
                "-U", "postgres", "-R", "-X", "stream", "-c", "fast", "--no-sync",
            ])
            try Self.write(
                ["unix_socket_directories = '\(folder.path)'", "hot_standby = on"] + settings,
                appendingTo: folder.data + "/postgresql.conf")
        }
    }

    /// What lies on a disk of its own.
    package enum DiskContent: String, Sendable {
        /// All but the log.
        case data
        /// The log (WAL).
        case log = "wal"
    }

    /// A server of which a part lies on a disk of so many megabytes, and the rest does not. For root alone: the disk is mounted where only the
    /// server sees it, and gone with it.
    package convenience init(onDiskOf megabytes: Int, _ content: DiskContent = .data) throws {
        try self.init(port: 5432) { folder in
            try folder.run([
                folder.programs.initdb, "-D", folder.data, "-X", folder.path + "/wal", "--wal-segsize=1", "-N", "-E", "UTF8",
                "--locale=C.UTF-8", "-A", "trust", "-U", "postgres",
            ])
            try FileManager.default.createDirectory(atPath: folder.path + "/disk", withIntermediateDirectories: false)
            try Self.write(
                [
                    "listen_addresses = ''", "unix_socket_directories = '\(folder.path)'", "fsync = off", "shared_buffers = 16MB",
                    "autovacuum = off", "timezone = 'UTC'", "min_wal_size = 2MB", "max_wal_size = 10GB",
                    "wal_writer_delay = 10s",
                ], appendingTo: folder.data + "/postgresql.conf")
        } launch: { folder in
            let use = content == .data ? "data=$1/disk/data" : "ln -sfn \"$1/disk/wal\" \"$1/data/pg_wal\" && data=$1/data"
            return [
                "/usr/bin/unshare", "-m", "/bin/sh", "-c",
                """
                mount -t tmpfs -o size=\(megabytes)m,mode=777 hearth "$1/disk" && cp -a "$1/\(content.rawValue)" "$1/disk/" && \(use) && shift &&
                exec "$@" -D "$data"
                """, "sh", folder.path,
            ] + folder.prefix + [folder.programs.postgres]
        }
    }

    /// Whether this process may mount disks where only its children see them: not every root may.
    package static let mayMountDisks: Bool = {
        let trial = Process()
        trial.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        trial.arguments = ["-m", "/bin/sh", "-c", "mount -t tmpfs -o size=1m hearth /mnt"]
        (trial.standardOutput, trial.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? trial.run()) != nil else { return false }
        trial.waitUntilExit()
        return trial.terminationStatus == 0
    }()

    /// Leaves no room on the disk of ``init(onDiskOf:)``, and gives it back.
    package func fillDisk() throws {
        try execute("COPY (SELECT 1) TO PROGRAM 'cat /dev/zero > ../filler; true'")
    }

    package func emptyDisk() throws { try execute("COPY (SELECT 1) TO PROGRAM 'rm ../filler'") }

    /// Where a server is made.
    private struct Folder {
        var path: String
        var programs: PostgresPrograms
        /// Words before a command that make it run as a user who may run a server.
        var prefix: [String]
        var data: String { path + "/data" }
        var log: String { path + "/log" }

        func run(_ command: [String]) throws {
            guard try ChildProcess.run(prefix + command, in: path, log: log) == 0 else {
                throw PostgresServer.failure("\(command[0]) failed: \(PostgresServer.tail(of: log))")
            }
        }
    }

    private init(
        port: Int, prepare: (Folder) throws -> Void,
        launch: (Folder) -> [String] = { $0.prefix + [$0.programs.postgres, "-D", $0.data] }
    ) throws {
        self.port = port
        let programs = try PostgresPrograms.find()
        // Not in $TMPDIR: a socket's path holds 107 bytes, and the server, which does not run as root, must reach it.
        var template = Array("/tmp/hearthpg-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Self.failure("cannot make a directory under /tmp") }
        directory = String(cString: made)
        socketDirectory = directory
        do {
            let prefix = geteuid() == 0 ? try programs.dropPrivileges(owning: directory) : []
            let folder = Folder(path: directory, programs: programs, prefix: prefix)
            try prepare(folder)
            let (process, pipe) = try ChildProcess.spawnGuarded(launch(folder), in: directory, log: folder.log)
            guardian = Mutex(Guardian(process: process, pipe: pipe))
        } catch {
            try? FileManager.default.removeItem(atPath: directory)
            throw error
        }
        try waitUntilReady()
    }

    /// The server wants its key to be its own.
    private static func prepare(_ tls: TestCertificates, data: String, prefix: [String], log: String) throws {
        let copy = "umask 077; cat '\(tls.serverCertificate)' >server.crt && cat '\(tls.serverKey)' >server.key"
        guard try ChildProcess.run(prefix + ["/bin/sh", "-c", copy], in: data, log: log) == 0 else {
            throw failure("cannot copy the certificate: \(tail(of: log))")
        }
        try write(["ssl = on", "listen_addresses = '127.0.0.1'"], appendingTo: data + "/postgresql.conf")
    }

    deinit { stop() }

    /// Conninfo of the maintenance database, as its superuser.
    package var dsn: String { dsn(database: "postgres") }

    /// Conninfo of a database of this server.
    package func dsn(database: String, user: String = "postgres", password: String? = nil) -> String {
        let base = "host=\(socketDirectory) port=\(port) dbname=\(database) user=\(user)"
        return password.map { "\(base) password='\($0)'" } ?? base
    }

    /// Runs SQL (one or several statements) as the superuser and returns the last result's rows; nil is NULL.
    @discardableResult
    package func psql(_ sql: String, database: String = "postgres") throws -> [[String?]] {
        let session = try PostgresSession(dsn: dsn(database: database))
        return try session.execute(sql)
    }

    /// As ``psql(_:database:)``.
    @discardableResult
    package func execute(_ sql: String, database: String = "postgres") throws -> [[String?]] {
        try psql(sql, database: database)
    }

    /// A fresh, empty database of its own for one test.
    /// - Parameter encoding: server encoding such as `UTF8`, `SQL_ASCII`, `EUC_CN`.
    package func createDatabase(encoding: String = "UTF8") throws -> PostgresDatabase {
        let name = "t\(databases.add(1, ordering: .relaxed).newValue)"
        let locale = encoding == "UTF8" ? "C.UTF-8" : "C"
        try execute("CREATE DATABASE \(name) TEMPLATE template0 ENCODING '\(encoding)' LOCALE '\(locale)'")
        return PostgresDatabase(server: self, name: name)
    }

    /// Stops the server at once and removes its directory. A second call does nothing.
    package func stop() {
        guardian.withLock { guardian in
            guard let running = guardian else { return }
            guardian = nil
            close(running.pipe)
            var status: Int32 = 0
            while waitpid(running.process, &status, 0) < 0 && errno == EINTR {}
        }
    }

    /// Ends all its processes at once, as a machine that loses its power does.
    package func kill() throws { try signal(SIGKILL) }

    /// Has all its processes stand still, until they are killed or go on.
    package func pause() throws { try signal(SIGSTOP) }

    package func goOn() throws { try signal(SIGCONT) }

    /// The first process stands still before the others are looked for: it makes them.
    private func signal(_ signal: Int32) throws {
        let text = try String(contentsOfFile: directory + "/pid", encoding: .utf8)
        guard let first = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Self.failure("the server's process is not known: \(text)")
        }
        Glibc.kill(first, SIGSTOP)
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let process = pid_t(entry),
                // Processes come and go while they are looked through.
                let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")"),
                stat[end...].split(separator: " ").dropFirst(2).first.flatMap({ pid_t($0) }) == first
            else { continue }
            Glibc.kill(process, signal)
        }
        Glibc.kill(first, signal)
    }

    private func waitUntilReady() throws {
        let deadline = ContinuousClock.now + .seconds(600)
        while true {
            do {
                try execute("SELECT 1")
                return
            } catch {
                let isAlive = !FileManager.default.fileExists(atPath: directory + "/exited")
                if isAlive && ContinuousClock.now < deadline {
                    usleep(20_000)
                    continue
                }
                let log = Self.tail(of: directory + "/log")
                stop()
                throw Self.failure("PostgreSQL did not come up: \(log)")
            }
        }
    }

    private static func write(_ lines: [String], appendingTo path: String) throws {
        let existing = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let text = existing + "\n" + lines.joined(separator: "\n") + "\n"
        // In place, so that the file keeps its owner; a file that is new must be readable by the server's user.
        guard let file = fopen(path, "w") else { throw failure("cannot write \(path)") }
        fputs(text, file)
        fclose(file)
    }

    fileprivate static func tail(of path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return String(text.suffix(2000))
    }

    static func failure(_ message: String) -> HearthError {
        HearthError(
            .sourceUnreachable, message,
            advice: "Install the server for the tests: apt-get install postgresql.")
    }
}

/// A database of a ``PostgresServer``, made for one test.
package struct PostgresDatabase: Sendable {
    package let server: PostgresServer
    package let name: String

    package var dsn: String { server.dsn(database: name) }

    package func dsn(user: String, password: String? = nil) -> String {
        server.dsn(database: name, user: user, password: password)
    }

    /// Runs SQL as the superuser in a session of its own and returns the last result's rows; nil is NULL.
    @discardableResult
    package func execute(_ sql: String) throws -> [[String?]] { try server.psql(sql, database: name) }

    /// A session that stays open, for transactions beside the one under test.
    package func session() throws -> PostgresSession { try PostgresSession(dsn: dsn) }
}
