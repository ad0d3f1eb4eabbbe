import Foundation
import Glibc
import HeatModel

/// A server of files on this machine, others' work: OpenSSH, vsftpd, pyftpdlib, asyncssh. Ended with the object and also when the tests die.
package final class RemoteServer: Sendable {
    package let port: Int
    /// What else it printed when it was ready.
    package let said: String
    private let input: FileHandle
    private let output: FileHandle
    private let process: Process

    /// Starts a program that prints its port once it listens, and ends when its standard input does.
    private init(_ program: String, _ arguments: [String]) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        var line = ""
        while !line.hasSuffix("\n") {
            let part = output.fileHandleForReading.availableData
            if part.isEmpty { throw Self.failure("\(program) \(arguments.first ?? "") did not start") }
            line += String(decoding: part, as: UTF8.self)
        }
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let port = words.first.flatMap({ Int($0) }) else {
            throw Self.failure("\(program) did not say its port")
        }
        self.port = port
        said = words.dropFirst().joined(separator: " ")
    }

    deinit { stop() }

    package func stop() {
        // Its input alone would not do: programs that were started beside it may hold its other end.
        process.terminate()
        try? input.close()
    }

    /// Waits until it says something more, or ends; whether it said something.
    package func waitForWord() -> Bool { !output.availableData.isEmpty }

    private static func failure(_ message: String) -> HearthError {
        HearthError(.sourceUnreachable, message, advice: "install what the tests talk to: .ci/install tests")
    }

    /// The environment that the foreign programs in Python run in, made once.
    package static let python = Result {
        try run("\(Program.repository)/Tests/tools/python-env.sh", ["files"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func python(_ script: String, _ arguments: [String]) throws -> RemoteServer {
        try RemoteServer(try python.get(), ["\(Program.repository)/Tests/tools/\(script)"] + arguments)
    }

    /// The output of a program that ends well.
    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let found = Pipe()
        process.standardOutput = found
        try process.run()
        let text = String(decoding: found.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw failure("\(program) failed") }
        return text
    }

    /// A daemon that stays in the foreground: started by a shell that ends it when its own input closes, and waited for until it listens.
    /// Where another process has taken the port meanwhile it ends, and is started on another one.
    private static func daemon(_ command: (_ port: Int) throws -> String) throws -> RemoteServer {
        for _ in 0..<5 {
            let port = try freePort()
            let server = try RemoteServer(
                "/bin/bash",
                [
                    "-c",
                    """
                    \(try command(port)) </dev/null >/dev/null 2>&1 & child=$!
                    trap 'kill -9 $child $reader 2>/dev/null' EXIT; trap exit TERM
                    for i in $(seq 12000); do
                        kill -0 $child 2>/dev/null || { echo 0; exit; }
                        (exec 3<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null && break; sleep 0.05
                    done
                    kill -0 $child 2>/dev/null || { echo 0; exit; }
                    echo \(port); cat <&0 >/dev/null & reader=$!
                    wait $reader
                    """,
                ])
            if server.port != 0 { return server }
        }
        throw failure("a server of files did not start")
    }

    /// A port of loopback that nobody listens on now.
    package static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        if !isBound { throw failure("no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    // MARK: OpenSSH

    /// Keys of servers and users, made once by ssh-keygen(1); gone with the process's temporary folder.
    package static let keys = Result {
        let folder = NSTemporaryDirectory() + "hearth-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        removeAtExit(folder)
        for (name, kind) in [
            ("host", "ed25519"), ("other", "ed25519"), ("user", "ed25519"), ("rsa", "rsa"), ("stranger", "ed25519"),
        ] {
            _ = try run("/usr/bin/ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", "\(folder)/\(name)"])
        }
        let known = try ["user", "rsa"].map { try String(contentsOfFile: "\(folder)/\($0).pub", encoding: .utf8) }
        try known.joined().write(toFile: "\(folder)/authorized", atomically: true, encoding: .utf8)
        return folder
    }

    package static func fingerprint(_ name: String) throws -> String {
        let shown = try run("/usr/bin/ssh-keygen", ["-lf", "\(try keys.get())/\(name).pub"])
        return String(shown.split(separator: " ")[1])
    }

    /// sshd with a configuration of its own, for the user who runs the tests. Its addresses are those of this machine's files.
    package static func openSSH(hostKey: String = "host") throws -> RemoteServer {
        let folder = try keys.get()
        if geteuid() == 0 {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        return try daemon { port in
            let configuration = "\(folder)/sshd-\(port).conf"
            try """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/\(hostKey)
            AuthorizedKeysFile \(folder)/authorized
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            PidFile none
            LoginGraceTime 0
            MaxStartups 100
            Subsystem sftp internal-sftp
            """.write(toFile: configuration, atomically: true, encoding: .utf8)
            return "/usr/sbin/sshd -D -f \(configuration)"
        }
    }

    /// An SFTP server of asyncssh that lets `hearth` in with the password `s3cret`; `said` is its key's fingerprint.
    package static func sftp(_ folder: String) throws -> RemoteServer { try python("sftp_server.py", [folder]) }

    // MARK: FTP

    package static let canRunVsftpd = geteuid() == 0 && access("/usr/sbin/vsftpd", X_OK) == 0

    /// vsftpd, which wants the TLS session of the commands again for each file. It drops its rights, so only root can start it.
    package static func vsftpd(_ folder: String) throws -> RemoteServer {
        let tls = try TestCertificates.shared()
        try FileManager.default.createDirectory(atPath: "/run/vsftpd/empty", withIntermediateDirectories: true)
        return try daemon { port in
            let configuration = "\(tls.directory)/vsftpd-\(port).conf"
            try """
            listen=YES
            listen_address=127.0.0.1
            listen_port=\(port)
            background=NO
            anonymous_enable=YES
            local_enable=NO
            anon_root=\(folder)
            no_anon_password=YES
            anon_world_readable_only=YES
            ssl_enable=YES
            allow_anon_ssl=YES
            force_anon_logins_ssl=YES
            force_anon_data_ssl=YES
            require_ssl_reuse=YES
            rsa_cert_file=\(tls.serverCertificate)
            rsa_private_key_file=\(tls.serverKey)
            secure_chroot_dir=/run/vsftpd/empty
            seccomp_sandbox=NO
            accept_timeout=600
            connect_timeout=600
            data_connection_timeout=600
            idle_session_timeout=600

            """.write(toFile: configuration, atomically: true, encoding: .utf8)
            return "/usr/sbin/vsftpd \(configuration)"
        }
    }

    /// pyftpdlib, by TLS or plain, for `hearth` with the password `s3cret`.
    /// - Parameter cut: which connections for files or listings are cut as soon as they are made, from 1; by TLS only.
    /// - Parameter isAnother: its certificate is signed by the same authority, for something else.
    package static func ftp(
        _ folder: String, tls: Bool, cut: [Int] = [], isAnother: Bool = false
    ) throws -> RemoteServer {
        if !tls { return try python("ftp_server.py", [folder]) }
        let made = try TestCertificates.shared()
        let both = "\(made.directory)/ftps-\(UUID().uuidString).pem"
        let parts =
            isAnother ? [made.clientCertificate, made.clientKey] : [made.serverCertificate, made.serverKey]
        try parts.map { try String(contentsOfFile: $0, encoding: .utf8) }
            .joined().write(toFile: both, atomically: true, encoding: .utf8)
        return try python("ftp_server.py", [folder, both] + cut.map(String.init))
    }

    /// A port that passes on to this server and cuts connections after so many bytes, the first one after the first number. A negative
    /// number holds its connection after so many bytes, which neither passes more nor ends; the relay says so.
    package func cut(after bytes: [Int]) throws -> RemoteServer {
        try Self.python("cut_relay.py", ["\(port)"] + bytes.map(String.init))
    }

    /// A port that passes on to this server, each connection after so many seconds.
    package func delayed(by seconds: Int) throws -> RemoteServer {
        try Self.python("cut_relay.py", ["\(port)", "\(seconds)s"])
    }
}
