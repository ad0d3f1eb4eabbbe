import CSVConnector
import Foundation
import HearthTesting

extension RemoteDrops {
    /// By SSH, with the key that the server knows.
    static func ssh(_ server: RemoteServer, _ folder: String) throws -> RemoteDrops {
        patient(
            RemoteDrops(
                url: "sftp://127.0.0.1:\(server.port)\(folder)", user: NSUserName(),
                keyFile: "\(try RemoteServer.keys.get())/user", hostKeys: [try RemoteServer.fingerprint("host")]))
    }

    /// By SSH, with a password.
    static func password(_ server: RemoteServer) -> RemoteDrops {
        patient(
            RemoteDrops(
                url: "sftp://127.0.0.1:\(server.port)/", user: "hearth", password: "s3cret", hostKeys: [server.said]))
    }

    static func tls(_ server: RemoteServer) throws -> RemoteDrops {
        patient(
            RemoteDrops(
                url: "ftps://127.0.0.1:\(server.port)", user: "hearth", password: "s3cret",
                caFile: try TestCertificates.shared().authority))
    }

    static func plain(_ server: RemoteServer) -> RemoteDrops {
        patient(
            RemoteDrops(
                url: "ftp://127.0.0.1:\(server.port)/", user: "hearth", password: "s3cret", isPlain: true))
    }

    /// A busy machine is no fault: ten seconds are soon over on one.
    private static func patient(_ remote: RemoteDrops) -> RemoteDrops {
        var remote = remote
        remote.connectTimeout = 600
        remote.silenceTimeout = 600
        return remote
    }
}
