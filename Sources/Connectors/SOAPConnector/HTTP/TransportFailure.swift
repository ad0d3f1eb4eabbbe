import CLibCurl
import HeatModel

/// libcurl's failure as what it means here.
struct TransportFailure: Error {
    var error: HearthError
    var retry: RetryPolicy.Failure

    init(_ error: HearthError, retry: RetryPolicy.Failure) {
        self.error = error
        self.retry = retry
    }

    /// `detail` is libcurl's text: hosts, ports and TLS reasons, never bodies or credentials.
    init(_ code: CURLcode, detail: String, address: String) {
        let said = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        let place = Place.address(Self.shown(address))
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            self.init(
                HearthError(
                    .sourceUnreachable, "no connection: \(said)", at: place,
                    advice: "Check the address, that the service runs, and firewalls between."), retry: .connect)
        case CURLE_OPERATION_TIMEDOUT:
            self.init(
                HearthError(
                    .sourceTimeout, "no answer in time: \(said)", at: place,
                    advice: "Raise the timeouts, or ask for smaller pages or windows."), retry: .timeout)
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_BAD_CONTENT_ENCODING,
            CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            self.init(
                HearthError(
                    .sourceTruncated, "the answer broke off: \(said)", at: place,
                    advice: "Run the pull again; it carries on from the last committed batch."), retry: .truncated)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            self.init(
                HearthError(.configBadEndpoint, "the endpoint is not an http or https address", at: place),
                retry: .permanent)
        case CURLE_SSL_CONNECT_ERROR where hearth_curl_broke_off(code, said) != 0:
            self.init(
                HearthError(
                    .sourceTruncated, "the connection broke off while TLS began: \(said)", at: place,
                    advice: "Run it again; if it goes on, see whether the port speaks TLS, and what stands between."),
                retry: .truncated)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CLIENTCERT,
            CURLE_USE_SSL_FAILED:
            self.init(
                HearthError(
                    .sourceTls, "TLS: \(said)", at: place,
                    advice: "Check the service's certificate, the CA file and the client certificate."),
                retry: .permanent)
        default:
            self.init(
                HearthError(.sourceTransport, "libcurl error \(code.rawValue): \(said)", at: place),
                retry: .permanent)
        }
    }

    /// An address without user, password and query.
    static func shown(_ address: String) -> String {
        var text = Substring(address)
        if let query = text.firstIndex(where: { $0 == "?" || $0 == "#" }) { text = text[..<query] }
        guard let scheme = text.firstRange(of: "://") else { return String(text) }
        let rest = text[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return String(text) }
        return String(text[..<scheme.upperBound]) + rest[rest.index(after: at)...]
    }
}
