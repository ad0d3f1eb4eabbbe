import Foundation
import Glibc
import HeatModel

/// Where this machine keeps the programs of the PostgreSQL server.
struct PostgresPrograms {
    var initdb: String
    var postgres: String
    var basebackup: String

    /// Looks through PATH, then through Debian's `/usr/lib/postgresql/<version>/bin`, the newest version first.
    static func find() throws -> PostgresPrograms {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let installed = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let versions = installed.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
        for folder in path.split(separator: ":").map(String.init) + versions {
            let programs = PostgresPrograms(
                initdb: folder + "/initdb", postgres: folder + "/postgres", basebackup: folder + "/pg_basebackup")
            let exist = [programs.initdb, programs.postgres, programs.basebackup].allSatisfy(
                FileManager.default.isExecutableFile)
            if exist { return programs }
        }
        throw PostgresServer.failure("no PostgreSQL server is installed (initdb and postgres were looked for)")
    }

    /// The server refuses to run as root. Gives `directory` to the user `postgres` and returns the words before a command
    /// that make it run as that user.
    func dropPrivileges(owning directory: String) throws -> [String] {
        guard let user = getpwnam("postgres") else { throw PostgresServer.failure("there is no user postgres") }
        guard chown(directory, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw PostgresServer.failure("cannot give \(directory) to the user postgres")
        }
        // setpriv becomes the command itself, so that a signal to its process reaches the server.
        return [
            "/usr/bin/setpriv", "--reuid=\(user.pointee.pw_uid)", "--regid=\(user.pointee.pw_gid)", "--clear-groups",
        ]
    }
}
