import HeatModel

/// A folder on an SFTP or FTP server that is mirrored into a local one, the spool, from which files are then read.
package struct RemoteDrops: Hashable, Sendable {
    package enum Scheme: String, Sendable, CaseIterable { case sftp, ftps, ftp }

    /// `sftp://drops.example.com/out/customer`, without a user.
    package var url: String
    package var user: String
    package var password: String?
    /// A private key in a file, for SFTP.
    package var keyFile: String?
    package var keyPassword: String?
    /// Fingerprints of the server's key, as `ssh-keygen -l` shows them: `SHA256:…`. One that is not among them is refused.
    package var hostKeys: [String]
    /// A PEM file of the authorities to believe, for FTPS; the system's without.
    package var caFile: String?
    /// TLS from the first byte (port 990) instead of by `AUTH TLS`.
    package var isImplicit: Bool
    /// Whether passwords and files may go over the wire as they are, by `ftp://`.
    package var isPlain: Bool
    /// Seconds.
    package var connectTimeout: Int
    /// Seconds without a byte.
    package var silenceTimeout: Int

    package init(
        url: String, user: String = "", password: String? = nil, keyFile: String? = nil, keyPassword: String? = nil,
        hostKeys: [String] = [], caFile: String? = nil, isImplicit: Bool = false, isPlain: Bool = false,
        connectTimeout: Int = 10, silenceTimeout: Int = 60
    ) {
        self.url = url
        self.user = user
        self.password = password
        self.keyFile = keyFile
        self.keyPassword = keyPassword
        self.hostKeys = hostKeys
        self.caFile = caFile
        self.isImplicit = isImplicit
        self.isPlain = isPlain
        self.connectTimeout = connectTimeout
        self.silenceTimeout = silenceTimeout
    }

    var scheme: Scheme? {
        url.firstRange(of: "://").flatMap { Scheme(rawValue: url[..<$0.lowerBound].lowercased()) }
    }

    package struct Problem {
        /// The option that it is about; nil where several are.
        package var key: String?
        package var message: String
        package var advice: String
    }

    /// What is wrong with the options; nil where nothing is.
    package var problem: Problem? {
        guard let scheme, let mark = url.firstRange(of: "://") else {
            return Problem(
                key: "url", message: "the remote `url` is no address of sftp, ftps or ftp",
                advice: "Write sftp://host/folder or ftps://host/folder.")
        }
        let authority = url[mark.upperBound...].prefix { $0 != "/" }
        if authority.isEmpty || authority.contains("@") || url.contains("?") || url.contains("#") {
            return Problem(
                key: "url", message: "the remote `url` is more or less than a host and a folder",
                advice: "Name the user by `user`.")
        }
        if user.isEmpty {
            return Problem(
                key: "user", message: "the remote folder has no `user`",
                advice: "Name the user of the server's account.")
        }
        switch scheme {
        case .sftp:
            if hostKeys.isEmpty {
                return Problem(
                    key: "hostKey",
                    message: "the server's key is not pinned: any machine in its place would be believed",
                    advice:
                        "Set `hostKey` to the fingerprint that the server's owner states: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`."
                )
            }
            if let bad = hostKeys.first(where: { !$0.hasPrefix(Self.fingerprintMark) }) {
                return Problem(
                    key: "hostKey", message: "\(bad.prefix(12)) is no fingerprint",
                    advice: "Write it as ssh-keygen shows it: SHA256:….")
            }
            if (password == nil) == (keyFile == nil) {
                return Problem(
                    message: "the remote folder needs a `password` or a `key`, one of them",
                    advice: "Name one of them.")
            }
        case .ftps, .ftp:
            if password == nil {
                return Problem(message: "the remote folder has no `password`", advice: "Name it by `password`.")
            }
            if keyFile != nil || !hostKeys.isEmpty {
                return Problem(
                    message: "`key` and `hostKey` go with sftp", advice: "For ftps, `ca` says whom to believe.")
            }
            if scheme == .ftp, !isPlain {
                return Problem(
                    key: "url", message: "by ftp the password and the files go over the wire for anyone to read",
                    advice: "Use ftps or sftp; where the server has neither, say `plain: true`.")
            }
        }
        return nil
    }

    static let fingerprintMark = "SHA256:"

    /// The address without what may be secret.
    var shown: String { url }
}
