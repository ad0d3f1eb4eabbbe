import CSVConnector
import Foundation
import Glibc
import HearthTesting
import Testing

/// A server of files on this machine, others' work, ended with the object and also when the tests die.
final class RemoteServer: Sendable {
    let port: Int
    /// What else it printed when it was ready.
    let said: String
    private let input: FileHandle
    private let process: Process

    /// Starts a program that prints its port once it listens, and ends when its standard input does.
    init(_ program: String, _ arguments: [String]) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.input = input.fileHandleForWriting
        var line = ""
        while !line.hasSuffix("\n") {
            let part = output.fileHandleForReading.availableData
            try #require(!part.isEmpty, "\(program) did not start")
            line += String(decoding: part, as: UTF8.self)
        }
        let words = line.split(whereSeparator: \.isWhitespace)
        port = try #require(Int(words[0]))
        said = words.dropFirst().joined(separator: " ")
    }

    deinit {
        // Its input alone would not do: programs that were started beside it may hold its other end.
        process.terminate()
        try? input.close()
    }

    static func python(_ script: String, _ arguments: [String]) throws -> RemoteServer {
        try RemoteServer(try PythonProgram.interpreter.get(), [PythonProgram.path(script)] + arguments)
    }

    /// A daemon that stays in the foreground: started by a shell that ends it when its own input closes, and waited for until it listens.
    private static func daemon(_ command: String, port: Int) throws -> RemoteServer {
        try RemoteServer(
            "/bin/bash",
            [
                "-c",
                """
                \(command) </dev/null >/dev/null 2>&1 & child=$!
                trap 'kill -9 $child $reader 2>/dev/null' EXIT; trap exit TERM
                for i in $(seq 400); do (exec 3<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null && break; sleep 0.05; done
                echo \(port); cat <&0 >/dev/null & reader=$!
                wait $reader
                """,
            ])
    }

    private static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try #require(bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    // MARK: OpenSSH

    /// Keys of servers and users, made once by ssh-keygen(1).
    static let keys = Result {
        let box = try DropBox()
        for (name, kind) in [
            ("host", "ed25519"), ("other", "ed25519"), ("user", "ed25519"), ("rsa", "rsa"), ("stranger", "ed25519"),
        ] {
            _ = try DropBox.run("/usr/bin/ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", "\(box.path)/\(name)"], [])
        }
        let known = ["user", "rsa"].map {
            (try? String(contentsOfFile: "\(box.path)/\($0).pub", encoding: .utf8)) ?? ""
        }
        try known.joined().write(toFile: "\(box.path)/authorized", atomically: true, encoding: .utf8)
        return box
    }

    static func fingerprint(_ name: String) throws -> String {
        let shown = try DropBox.run("/usr/bin/ssh-keygen", ["-lf", "\(try keys.get().path)/\(name).pub"], [])
        return String(String(decoding: shown, as: UTF8.self).split(separator: " ")[1])
    }

    /// sshd with a configuration of its own, for the user who runs the tests.
    static func openSSH() throws -> RemoteServer {
        let folder = try keys.get().path
        let port = try freePort()
        if geteuid() == 0 {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        let configuration = "\(folder)/sshd-\(port).conf"
        try """
        Port \(port)
        ListenAddress 127.0.0.1
        HostKey \(folder)/host
        AuthorizedKeysFile \(folder)/authorized
        StrictModes no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        UsePAM no
        PidFile none
        Subsystem sftp internal-sftp
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        return try daemon("/usr/sbin/sshd -D -f \(configuration)", port: port)
    }

    // MARK: FTP

    /// vsftpd, which wants the TLS session of the commands again for each file. It drops its rights, so only root can start it.
    static func vsftpd(_ folder: String) throws -> RemoteServer {
        let port = try freePort()
        let tls = try TestCertificates.shared()
        let configuration = NSTemporaryDirectory() + "hearth-vsftpd-\(port).conf"
        try FileManager.default.createDirectory(atPath: "/run/vsftpd/empty", withIntermediateDirectories: true)
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
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        return try daemon("/usr/sbin/vsftpd \(configuration)", port: port)
    }

    static let canRunVsftpd = geteuid() == 0 && access("/usr/sbin/vsftpd", X_OK) == 0

    /// pyftpdlib, by TLS or plain.
    static func ftp(_ folder: String, tls: Bool) throws -> RemoteServer {
        if !tls { return try python("ftp_server.py", [folder]) }
        let made = try TestCertificates.shared()
        let both = NSTemporaryDirectory() + "hearth-ftps-\(UUID().uuidString).pem"
        try
            (String(contentsOfFile: made.serverCertificate, encoding: .utf8)
            + String(contentsOfFile: made.serverKey, encoding: .utf8))
            .write(toFile: both, atomically: true, encoding: .utf8)
        return try python("ftp_server.py", [folder, both])
    }

    /// A port that passes on to this server and cuts connections after so many bytes.
    func cut(after bytes: [Int]) throws -> RemoteServer {
        try Self.python("cut_relay.py", ["\(port)"] + bytes.map(String.init))
    }
}

extension RemoteDrops {
    /// By SSH, with the key that the server knows.
    static func ssh(_ server: RemoteServer, _ folder: String) throws -> RemoteDrops {
        RemoteDrops(
            url: "sftp://127.0.0.1:\(server.port)\(folder)", user: NSUserName(),
            keyFile: "\(try RemoteServer.keys.get().path)/user", hostKeys: [try RemoteServer.fingerprint("host")])
    }

    static func tls(_ server: RemoteServer) throws -> RemoteDrops {
        RemoteDrops(
            url: "ftps://127.0.0.1:\(server.port)", user: "hearth", password: "s3cret",
            caFile: try TestCertificates.shared().authority)
    }
}
