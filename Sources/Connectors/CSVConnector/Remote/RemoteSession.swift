import CLibCurl
import Crypto
import Foundation
import HeatModel

/// A connection to a server of files through libcurl: names, sizes and times, and files from an offset on. It only ever reads. Blocks
/// its thread, which is the only one that uses it.
final class RemoteSession {
    struct Facts {
        /// Nil where the server does not say.
        var size: Int64?
        /// Seconds since 1970; nil where the server does not say.
        var modified: Int64?
    }

    let options: RemoteDrops
    private let isCancelled: @Sendable () -> Bool
    private var handle: UnsafeMutableRawPointer
    private var receive: ((UnsafeRawBufferPointer) throws -> Void)?
    private var thrown: (any Error)?
    private var wasCancelled = false
    private var lastAsked: UInt64 = 0
    private var refusedKey: String?
    private let base: String

    private static let setUp: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
    /// Connections that break off are made again so many times in a row without anything gained.
    static let mostAttempts = 3
    /// A longer listing is no drop folder's.
    private static let mostListing = 32 << 20

    init(_ options: RemoteDrops, isCancelled: @escaping @Sendable () -> Bool) throws {
        self.options = options
        self.isCancelled = isCancelled
        handle = try Self.made(options)
        var url = options.url
        if !url.hasSuffix("/") { url += "/" }
        // TLS that begins by a command is spelled as plain FTP with TLS demanded.
        if options.scheme == .ftps, !options.isImplicit { url = "ftp" + url.dropFirst(4) }
        base = Self.encoded(url, keeping: "/:%[]")
    }

    deinit { curl_easy_cleanup(handle) }

    private static func made(_ options: RemoteDrops) throws -> UnsafeMutableRawPointer {
        guard setUp, let handle = curl_easy_init() else {
            throw HearthError(.sourceUnreachable, "libcurl could not be started", at: .address(options.shown))
        }
        return handle
    }

    // MARK: what it can do

    /// The folder's names, or its lines as the server shows them to people.
    func lines(namesOnly: Bool) throws -> [[UInt8]] {
        var text: [UInt8] = []
        let failure = try repeated {
            text = []
            return try perform(
                "", { handle in if namesOnly { hearth_curl_setopt_long(handle, CURLOPT_DIRLISTONLY, 1) } },
                receive: { bytes in
                    text.append(contentsOf: bytes)
                    if text.count > Self.mostListing {
                        throw HearthError(
                            .sourceUnreadable, "the folder's listing is longer than \(Self.mostListing) bytes",
                            at: .address(self.options.shown), advice: "Have the drops put into a folder of their own.")
                    }
                })
        }
        if let failure { throw failure.error(options.shown) }
        return text.split(separator: 10).map { line in Array(line.last == 13 ? line.dropLast() : line[...]) }
    }

    /// Size (by FTP) and time of modification of a file.
    func facts(_ name: DropName) throws -> Facts {
        let failure = try repeated {
            try perform(
                Self.encoded(name.bytes),
                { handle in
                    hearth_curl_setopt_long(handle, CURLOPT_NOBODY, 1)
                    hearth_curl_setopt_long(handle, CURLOPT_FILETIME, 1)
                }, receive: { _ in })
        }
        if let failure {
            // What is gone since it was listed, or is a folder, has no facts.
            let isGone = [CURLE_REMOTE_FILE_NOT_FOUND, CURLE_FTP_COULDNT_RETR_FILE, CURLE_REMOTE_ACCESS_DENIED]
            if isGone.contains(failure.code) { return Facts() }
            throw failure.error(place(name))
        }
        var facts = Facts()
        var size: curl_off_t = -1
        var time: curl_off_t = -1
        hearth_curl_getinfo_offset(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size)
        hearth_curl_getinfo_offset(handle, CURLINFO_FILETIME_T, &time)
        if size >= 0 { facts.size = Int64(size) }
        if time >= 0 { facts.modified = Int64(time) }
        return facts
    }

    /// Hands over a file from an offset to its end; returns why it broke off, nil where it did not.
    func fetch(
        _ name: DropName, from offset: Int64, receive: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> RemoteFailure? {
        try perform(
            Self.encoded(name.bytes),
            { handle in
                if offset > 0 { hearth_curl_setopt_offset(handle, CURLOPT_RESUME_FROM_LARGE, curl_off_t(offset)) }
            }, receive: receive)
    }

    func place(_ name: DropName) -> String { options.url + (options.url.hasSuffix("/") ? "" : "/") + name.text }

    // MARK: libcurl

    /// Asks again where the connection broke off: a listing and a file's facts are small.
    private func repeated(_ request: () throws -> RemoteFailure?) throws -> RemoteFailure? {
        for _ in 1..<Self.mostAttempts {
            guard let failure = try request() else { return nil }
            if !failure.isPassing { return failure }
        }
        return try request()
    }

    private func perform(
        _ path: String, _ configure: (UnsafeMutableRawPointer) -> Void,
        receive: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> RemoteFailure? {
        if isCancelled() { throw CSVError.cancelled }
        // Open connections outlive it.
        curl_easy_reset(handle)
        thrown = nil
        wasCancelled = false
        refusedKey = nil
        self.receive = receive
        defer { self.receive = nil }
        var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = errorText.withUnsafeMutableBufferPointer { text in
            common()
            hearth_curl_setopt_string(handle, CURLOPT_URL, base + path)
            configure(handle)
            hearth_curl_setopt_pointer(handle, CURLOPT_ERRORBUFFER, text.baseAddress)
            return curl_easy_perform(handle)
        }
        // A connection that something failed on may still have answers to come, which would be taken for those to the next request: by
        // FTP, libcurl keeps it where it was the connection of a file that broke off.
        if code != CURLE_OK { try renew() }
        if wasCancelled { throw CSVError.cancelled }
        if let thrown { throw thrown }
        if code == CURLE_OK { return nil }
        let detail = String(decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return RemoteFailure(code: code, detail: detail, options: options, refusedKey: refusedKey)
    }

    /// Closes all connections; the next request makes one.
    private func renew() throws {
        let new = try Self.made(options)
        curl_easy_cleanup(handle)
        handle = new
    }

    private func common() {
        func long(_ option: CURLoption, _ value: Int) { hearth_curl_setopt_long(handle, option, value) }
        func text(_ option: CURLoption, _ value: String?) {
            if let value { hearth_curl_setopt_string(handle, option, value) }
        }
        text(CURLOPT_PROTOCOLS_STR, options.scheme == .sftp ? "sftp" : "ftp,ftps")
        long(CURLOPT_NOSIGNAL, 1)
        text(CURLOPT_USERNAME, options.user)
        text(CURLOPT_PASSWORD, options.password ?? "")
        long(CURLOPT_CONNECTTIMEOUT, options.connectTimeout)
        long(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, options.silenceTimeout))
        long(CURLOPT_LOW_SPEED_TIME, max(1, options.silenceTimeout))
        long(CURLOPT_LOW_SPEED_LIMIT, 1)
        long(CURLOPT_BUFFERSIZE, 1 << 19)
        let context = Unmanaged.passUnretained(self).toOpaque()
        if options.scheme == .sftp {
            // Of the ways to log in, the one that is configured: public key, or password and the dialogue that asks for it.
            long(CURLOPT_SSH_AUTH_TYPES, options.keyFile == nil ? 2 | 8 : 1)
            text(CURLOPT_SSH_PRIVATE_KEYFILE, options.keyFile)
            text(CURLOPT_KEYPASSWD, options.keyPassword)
            hearth_curl_setopt_hostkey(handle) { context, kind, key, length in
                guard let context, let key else { return 1 }
                let session = Unmanaged<RemoteSession>.fromOpaque(context).takeUnretainedValue()
                return session.isKnown(UnsafeRawBufferPointer(start: key, count: length)) ? 0 : 1
            }
            hearth_curl_setopt_pointer(handle, CURLOPT_SSH_HOSTKEYDATA, context)
        } else {
            if options.scheme == .ftps {
                // CURLUSESSL_ALL: neither commands nor files without TLS.
                long(CURLOPT_USE_SSL, 3)
                text(CURLOPT_CAINFO, options.caFile)
            }
            // One change of folder for a path of any depth.
            long(CURLOPT_FTP_FILEMETHOD, 3)
        }
        hearth_curl_setopt_write(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data, let context else { return 0 }
            let session = Unmanaged<RemoteSession>.fromOpaque(context).takeUnretainedValue()
            return session.received(UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
        }
        hearth_curl_setopt_pointer(handle, CURLOPT_WRITEDATA, context)
        // Without a body, libcurl makes up header lines.
        hearth_curl_setopt_write(handle, CURLOPT_HEADERFUNCTION) { _, size, count, _ in size * count }
        long(CURLOPT_NOPROGRESS, 0)
        hearth_curl_setopt_progress(handle) { context, _, _, _, _ in
            guard let context else { return 0 }
            return Unmanaged<RemoteSession>.fromOpaque(context).takeUnretainedValue().shouldStop() ? 1 : 0
        }
        hearth_curl_setopt_pointer(handle, CURLOPT_XFERINFODATA, context)
    }

    private func isKnown(_ key: UnsafeRawBufferPointer) -> Bool {
        let shown = "SHA256:" + Data(SHA256.hash(data: key)).base64EncodedString().prefix { $0 != "=" }
        if options.hostKeys.contains(where: { $0.prefix { $0 != "=" } == shown }) {
            return true
        }
        refusedKey = shown
        return false
    }

    private func received(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let receive, thrown == nil else { return false }
        do {
            try receive(bytes)
            return true
        } catch {
            thrown = error
            return false
        }
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

    /// Bytes as an address wants them: all but plain letters and digits as `%E7`.
    private static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes { text += encoded(byte, keeping: "") }
        return text
    }

    private static func encoded(_ text: String, keeping kept: String) -> String {
        text.utf8.reduce(into: "") { $0 += encoded($1, keeping: kept) }
    }

    private static func encoded(_ byte: UInt8, keeping kept: String) -> String {
        let scalar = Unicode.Scalar(byte)
        let isPlain =
            byte < 0x80
            && (scalar.properties.isAlphabetic || 0x30...0x39 ~= byte || "-._~".unicodeScalars.contains(scalar))
        if isPlain || (byte < 0x80 && kept.unicodeScalars.contains(scalar)) { return String(Character(scalar)) }
        return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
