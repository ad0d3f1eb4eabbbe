import HeatModel
import NIOSSL
import Setup
import Synchronization

/// The server's certificate and key, read again when the files change. Connections that are open keep what they have.
final class ServerCertificate: Sendable {
    private struct State {
        var context: NIOSSLContext
        var versions: [FileVersion?]
    }

    private let files: ServeSettings.TLS
    private let state: Mutex<State>

    var context: NIOSSLContext { state.withLock { $0.context } }

    init(_ files: ServeSettings.TLS) throws {
        self.files = files
        let versions = Self.versions(files)
        state = Mutex(State(context: try Self.read(files), versions: versions))
    }

    /// Whether the files had changed and are in use now. Where they cannot be used the old ones stay.
    func renew() throws -> Bool {
        let versions = Self.versions(files)
        guard state.withLock({ $0.versions != versions }) else { return false }
        let context = try Self.read(files)
        state.withLock { $0 = State(context: context, versions: versions) }
        return true
    }

    /// From when until when the server's own certificate holds, in seconds since 1970.
    ///
    /// - Throws: `config.badValue` where it cannot be used with its key.
    static func validity(_ files: ServeSettings.TLS) throws -> (from: Int64, until: Int64) {
        _ = try read(files)
        guard let own = try NIOSSLCertificate.fromPEMFile(files.certificates).first else {
            throw HearthError(
                .configBadValue, "the file holds no certificate", at: .file(files.certificates, line: 0, column: 0),
                advice: "it must be PEM, the server's own certificate first")
        }
        return (Int64(own.notValidBefore), Int64(own.notValidAfter))
    }

    /// From when until when a file of certificates holds, in seconds since 1970: the first, or of several that are trusted the one that holds
    /// longest.
    ///
    /// - Throws: `config.badValue` where the file holds none that can be read.
    static func validity(ofFile path: String, isTrusted: Bool) throws -> (from: Int64, until: Int64) {
        do {
            let found = try NIOSSLCertificate.fromPEMFile(path)
            if let one = isTrusted ? found.max(by: { $0.notValidAfter < $1.notValidAfter }) : found.first {
                return (Int64(one.notValidBefore), Int64(one.notValidAfter))
            }
        } catch {
            throw HearthError(
                .configBadValue, "the certificate cannot be read", at: .file(path, line: 0, column: 0),
                advice: "it must be there and be PEM", cause: error)
        }
        throw HearthError(
            .configBadValue, "the file holds no certificate", at: .file(path, line: 0, column: 0),
            advice: "it must be PEM")
    }

    private static func versions(_ files: ServeSettings.TLS) -> [FileVersion?] {
        [FileVersion(path: files.certificates), FileVersion(path: files.key)]
    }

    private static func read(_ files: ServeSettings.TLS) throws -> NIOSSLContext {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(files.certificates)
            let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw HearthError(
                .configBadValue, "the TLS certificate and key cannot be used",
                at: .file(files.certificates, line: 0, column: 0),
                advice: "both must be PEM and belong together; the key without a passphrase", cause: error)
        }
    }
}
