import CLibCurl
import HeatModel

/// libcurl's failure as what it means for a remote folder.
struct RemoteFailure {
    let code: CURLcode
    /// libcurl's own words: hosts, ports and reasons, never a password.
    let detail: String
    let options: RemoteDrops
    /// The key that the server showed, where it was refused.
    var refusedKey: String?

    /// Whether going on from where it broke off may help.
    var isPassing: Bool {
        [
            CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_OPERATION_TIMEDOUT,
            CURLE_COULDNT_CONNECT, CURLE_SSH, CURLE_FTP_ACCEPT_TIMEOUT, CURLE_FTP_WEIRD_PASV_REPLY,
            CURLE_WEIRD_SERVER_REPLY, CURLE_SSL_CONNECT_ERROR,
        ].contains(code)
    }

    var cannotBeginInTheMiddle: Bool { code == CURLE_FTP_COULDNT_USE_REST || code == CURLE_RANGE_ERROR }

    func error(_ place: String) -> HearthError {
        let said = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        func made(_ code: HearthError.Code, _ message: String, _ advice: String) -> HearthError {
            HearthError(code, message, at: .address(place), advice: advice)
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT:
            return made(
                .sourceUnreachable, "no connection: \(said)", "Check the address, the port and firewalls between.")
        case CURLE_OPERATION_TIMEDOUT, CURLE_FTP_ACCEPT_TIMEOUT:
            return made(
                .sourceTimeout, "no answer in time: \(said)",
                "Check the line; what was fetched is kept, and gone on from.")
        case CURLE_PEER_FAILED_VERIFICATION where options.scheme == .sftp:
            return made(
                .sourceHostKey,
                "the server shows the key \(refusedKey ?? "?"), and none that `hostKey` names: it is another server, or its key was changed",
                "Ask the server's owner, not the server, whether this is its key; then set `hostKey`.")
        case CURLE_SSL_CONNECT_ERROR where hearth_curl_broke_off(code, said) != 0:
            return made(
                .sourceTruncated, "the connection broke off while TLS began: \(said)",
                "Run it again; if it goes on, see whether the port speaks FTP with TLS, and what stands between.")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
            return made(
                .sourceTls, "TLS: \(said)",
                "Check the server's name and certificate, and the authorities that `ca` names.")
        case CURLE_LOGIN_DENIED:
            if options.keyFile != nil, let key = PrivateKey(options) {
                if key == .rsa {
                    return made(
                        .sourceUnauthorized,
                        "the server did not accept the RSA key: SSH libraries before libssh2 1.11 sign with it in a way that servers of today refuse",
                        "Make an ed25519 key (`ssh-keygen -t ed25519`) and have its public half put on the server.")
                }
            }
            return made(
                .sourceUnauthorized, "the server did not let \(options.user) in",
                options.keyFile == nil
                    ? "Check `user` and `password`."
                    : "Check `user`, and that the public half of `key` is on the server; of a key with a passphrase, `keyPassword`."
            )
        case CURLE_REMOTE_ACCESS_DENIED, CURLE_REMOTE_FILE_NOT_FOUND, CURLE_FTP_COULDNT_RETR_FILE,
            CURLE_QUOTE_ERROR:
            return made(
                .sourceUnreachable, "the server does not give it: \(said)",
                "Check that the folder is there, and that \(options.user) may read it.")
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_SSH,
            CURLE_FTP_WEIRD_PASV_REPLY:
            return made(
                .sourceTruncated, "the connection broke off: \(said)",
                "Run it again: what was fetched is kept, and gone on from.")
        case CURLE_UNSUPPORTED_PROTOCOL:
            return made(
                .sourceUnreachable, "this machine's libcurl has no \(options.scheme?.rawValue ?? "")",
                "Install a libcurl that has it (Debian: libcurl4).")
        default:
            return made(
                .sourceUnreachable, "libcurl error \(code.rawValue): \(said)",
                "Check the server, and the remote settings.")
        }
    }
}

/// What a file of a private key holds, as far as its own words tell.
enum PrivateKey {
    case rsa, other

    init?(_ options: RemoteDrops) {
        guard let path = options.keyFile, let file = try? FileReader(DropPath(path)) else { return nil }
        let text = String(decoding: file.peek(4_096), as: UTF8.self)
        if text.contains("BEGIN RSA PRIVATE KEY") {
            self = .rsa
            return
        }
        // In OpenSSH's form the kind stands near the start, in Base64: `ssh-rsa` in each of its three alignments.
        let body = text.split(separator: "\n").dropFirst().joined().prefix(400)
        self = ["c3NoLXJzY", "NzaC1yc2", "zc2gtcnNh"].contains { body.contains($0) } ? .rsa : .other
    }
}
