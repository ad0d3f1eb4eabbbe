import CLibCurl
import Glibc
import HeatModel

/// libcurl's handle for the requests of one pull: it keeps connections open and cookies, and forgets both with its end.
///
/// Used by the pull's thread alone, for one request after another.
final class HTTPHandle {
    private(set) var made: UnsafeMutableRawPointer?

    /// The handle, with the settings of earlier requests taken back.
    func fresh() -> UnsafeMutableRawPointer? {
        if let made {
            curl_easy_reset(made)
        } else {
            made = curl_easy_init()
        }
        // An empty name of a file turns cookies on, in memory.
        if let made { hearth_curl_setopt_string(made, CURLOPT_COOKIEFILE, "") }
        return made
    }

    func forgetCookies() {
        if let made { hearth_curl_setopt_string(made, CURLOPT_COOKIELIST, "ALL") }
    }

    deinit { if let made { curl_easy_cleanup(made) } }
}

/// One HTTP request through libcurl, its answer streamed. Blocks its thread.
final class HTTPExchange {
    struct Head {
        var status: Int
        var contentType: String
        var retryAfter: Int64?
    }

    let url: String
    /// Nil sends a GET.
    let body: [UInt8]?
    let headers: [String]
    let options: SOAPOptions
    let isCancelled: @Sendable () -> Bool
    private let shared: HTTPHandle
    /// Is asked for each address before it is connected to; nil admits any.
    var admits: (@Sendable (HostAddress) -> Bool)?
    /// Whether an address was not admitted.
    private(set) var wasRefused = false

    private var handle: UnsafeMutableRawPointer?
    private var receive: ((Head, UnsafeRawBufferPointer) throws -> Void)?
    private var thrown: (any Error)?
    private var wasCancelled = false
    private var lastAsked: UInt64 = 0
    private(set) var retryAfter: Int64?
    /// Bytes on the wire, before decompression.
    private(set) var wireBytes: Int64 = 0

    init(
        url: String, body: [UInt8]?, headers: [String], options: SOAPOptions,
        isCancelled: @escaping @Sendable () -> Bool, handle: HTTPHandle = HTTPHandle()
    ) {
        shared = handle
        self.url = url
        self.body = body
        self.headers = headers
        self.options = options
        self.isCancelled = isCancelled
    }

    private static let setUp: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// Sends the request and hands each part of the answer's body to `receive`. Returns the head; throws ``TransportFailure``,
    /// `run.cancelled`, or what `receive` throws.
    func perform(_ receive: @escaping (Head, UnsafeRawBufferPointer) throws -> Void) throws -> Head {
        guard Self.setUp, let made = shared.fresh() else {
            throw HearthError(.sourceOutOfMemory, "libcurl could not be started")
        }
        handle = made
        self.receive = receive
        var list: UnsafeMutablePointer<curl_slist>?
        defer {
            self.receive = nil
            handle = nil
            curl_slist_free_all(list)
        }
        // Waiting for "100 Continue" only delays: services of this kind seldom know it.
        for header in headers + ["Expect:"] { list = curl_slist_append(list, header) }
        var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code: CURLcode = errorText.withUnsafeMutableBufferPointer { text in
            (body ?? []).withUnsafeBytes { bytes in
                configure(made, bytes: bytes, list: list)
                hearth_curl_setopt_pointer(made, CURLOPT_ERRORBUFFER, text.baseAddress)
                if admits == nil { return curl_easy_perform(made) }
                var gate = hearth_curl_gate(
                    admits: { context, address in
                        guard let context, let address, let host = HostAddress(address) else { return 0 }
                        let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
                        if exchange.admits?(host) ?? true { return 1 }
                        exchange.wasRefused = true
                        return 0
                    }, context: Unmanaged.passUnretained(self).toOpaque())
                return withUnsafeMutablePointer(to: &gate) {
                    hearth_curl_set_gate(made, $0)
                    return curl_easy_perform(made)
                }
            }
        }
        var received: curl_off_t = 0
        hearth_curl_getinfo_offset(made, CURLINFO_SIZE_DOWNLOAD_T, &received)
        wireBytes = Int64(received)
        if wasCancelled { throw HearthError(.runCancelled, "the pull was cancelled") }
        if let thrown { throw thrown }
        let detail = String(decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if code != CURLE_OK { throw TransportFailure(code, detail: detail, address: url) }
        return head(made)
    }

    private func head(_ handle: UnsafeMutableRawPointer) -> Head {
        var status = 0
        hearth_curl_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        var type: UnsafeMutablePointer<CChar>?
        hearth_curl_getinfo_string(handle, CURLINFO_CONTENT_TYPE, &type)
        return Head(status: status, contentType: type.map { String(cString: $0) } ?? "", retryAfter: retryAfter)
    }

    private func configure(
        _ handle: UnsafeMutableRawPointer, bytes: UnsafeRawBufferPointer, list: UnsafeMutablePointer<curl_slist>?
    ) {
        func long(_ option: CURLoption, _ value: Int) { hearth_curl_setopt_long(handle, option, value) }
        func text(_ option: CURLoption, _ value: String?) {
            if let value { hearth_curl_setopt_string(handle, option, value) }
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        text(CURLOPT_URL, url)
        text(CURLOPT_PROTOCOLS_STR, "http,https")
        long(CURLOPT_NOSIGNAL, 1)
        long(CURLOPT_FOLLOWLOCATION, 0)
        text(CURLOPT_USERAGENT, "hearth")
        if body != nil {
            long(CURLOPT_POST, 1)
            hearth_curl_setopt_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            hearth_curl_setopt_pointer(handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        hearth_curl_setopt_slist(handle, CURLOPT_HTTPHEADER, list)
        if options.acceptsGzip { text(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
        if let basic = options.security.basic {
            // CURLAUTH_BASIC, a macro that Swift does not see.
            long(CURLOPT_HTTPAUTH, 1)
            text(CURLOPT_USERNAME, basic.user)
            text(CURLOPT_PASSWORD, basic.password)
        }
        text(CURLOPT_CAINFO, options.tls.caFile)
        text(CURLOPT_SSLCERT, options.tls.certificateFile)
        text(CURLOPT_SSLKEY, options.tls.keyFile)
        text(CURLOPT_KEYPASSWD, options.tls.keyPassword)
        if !options.tls.verifies {
            long(CURLOPT_SSL_VERIFYPEER, 0)
            long(CURLOPT_SSL_VERIFYHOST, 0)
        }
        long(CURLOPT_CONNECTTIMEOUT_MS, options.timeouts.connect)
        if options.timeouts.total > 0 { long(CURLOPT_TIMEOUT_MS, options.timeouts.total) }
        if options.timeouts.lowSpeed > 0 {
            long(CURLOPT_LOW_SPEED_TIME, max(1, (options.timeouts.lowSpeed + 999) / 1000))
            long(CURLOPT_LOW_SPEED_LIMIT, options.timeouts.lowSpeedBytes)
        }
        long(CURLOPT_BUFFERSIZE, 1 << 18)
        hearth_curl_setopt_write(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data, let context else { return 0 }
            let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
            return exchange.received(UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
        }
        hearth_curl_setopt_pointer(handle, CURLOPT_WRITEDATA, context)
        hearth_curl_setopt_write(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            guard let data, let context else { return 0 }
            let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
            exchange.header(String(decoding: UnsafeRawBufferPointer(start: data, count: size * count), as: UTF8.self))
            return size * count
        }
        hearth_curl_setopt_pointer(handle, CURLOPT_HEADERDATA, context)
        long(CURLOPT_NOPROGRESS, 0)
        hearth_curl_setopt_progress(handle) { context, _, _, _, _ in
            guard let context else { return 0 }
            return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().shouldStop() ? 1 : 0
        }
        hearth_curl_setopt_pointer(handle, CURLOPT_XFERINFODATA, context)
    }

    private func received(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let handle, let receive, thrown == nil else { return false }
        do {
            try receive(head(handle), bytes)
            return true
        } catch {
            thrown = error
            return false
        }
    }

    private func header(_ line: String) {
        if line.hasPrefix("HTTP/") { retryAfter = nil }
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "retry-after" else { return }
        let value = parts[1].filter { !$0.isWhitespace }
        // A date is rarely sent; without its clock it is not worth trusting.
        if let seconds = Int64(value), (0...86_400).contains(seconds) { retryAfter = seconds * 1000 }
    }

    private func shouldStop() -> Bool {
        if wasCancelled { return true }
        var clock = timespec()
        clock_gettime(CLOCK_MONOTONIC, &clock)
        let now = UInt64(clock.tv_sec) * 1000 + UInt64(clock.tv_nsec) / 1_000_000
        if now &- lastAsked < 100 { return false }
        lastAsked = now
        wasCancelled = isCancelled()
        return wasCancelled
    }
}
