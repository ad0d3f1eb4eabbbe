import CSVConnector
import Foundation
import HearthTesting
import HeatModel
import Records
import Testing

/// Drops on servers of others: OpenSSH, vsftpd, pyftpdlib, asyncssh.
@Suite struct RemoteDropTests {
    enum Way: String, CaseIterable, Sendable {
        case openSSH, sftpPassword, ftps, ftp, vsftpd
    }

    /// The server's folder, the spool, and a stream that reads one through the other.
    private struct Scene {
        let drops: DropBox
        let spool: DropBox
        let server: RemoteServer
        var remote: RemoteDrops

        /// - Parameter cut: which connections for files or listings are cut as soon as they are made, from 1; by FTPS.
        init(_ way: Way, cut: [Int] = []) throws {
            drops = try DropBox()
            spool = try DropBox()
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: drops.path)
            switch way {
            case .openSSH:
                server = try RemoteServer.openSSH()
                remote = try .ssh(server, drops.path)
            case .sftpPassword:
                server = try RemoteServer.sftp(drops.path)
                remote = .password(server)
            case .ftps:
                server = try RemoteServer.ftp(drops.path, tls: true, cut: cut)
                remote = try .tls(server)
            case .ftp:
                server = try RemoteServer.ftp(drops.path, tls: false)
                remote = .plain(server)
            case .vsftpd:
                server = try RemoteServer.vsftpd(drops.path)
                remote = try .tls(server)
                remote.user = "anonymous"
            }
        }

        func stream(_ change: (inout CSVStream) -> Void = { _ in }) -> CSVStream {
            spool.stream {
                $0.remote = remote
                change(&$0)
            }
        }

        func put(_ name: String, _ text: String, at time: Int) throws {
            try drops.put(name, text)
            drops.setModified(name, time)
        }
    }

    /// Ways that this machine can take; vsftpd starts for root alone.
    static let ways = Way.allCases.filter { $0 != .vsftpd || RemoteServer.canRunVsftpd }

    @Test(arguments: ways)
    func filesComeOnceAndInOrder(_ way: Way) throws {
        var scene = try Scene(way)
        try scene.put("用户 9%.csv", "户号,姓名\n1,张伟\n", at: 1_760_000_000)
        try scene.put("用户 10%.csv", "户号,姓名\n2,王芳\n", at: 1_760_000_100)
        try scene.put("别的.txt", "x", at: 1_760_000_100)
        try scene.put("用户 11%.csv.part", "户号,", at: 1_760_000_100)
        try FileManager.default.createDirectory(atPath: scene.drops.path + "/旧", withIntermediateDirectories: true)
        let before = try FileManager.default.contentsOfDirectory(atPath: scene.drops.path).sorted()
        let first = Pulled(scene.stream())
        #expect(first.error == nil, "\(first.error.map { "\($0)" } ?? "")")
        #expect(first.rows == [["1", "张伟"], ["2", "王芳"]])
        #expect(first.summary.completeness?.detail.contains("别的.txt") == true)
        let cursor = first.batches.compactMap(\.cursor).last
        let known = Set(first.batches.compactMap(\.origin.digest))
        // Nothing is new; a file that is rewritten is, and one that leaves the server leaves the spool.
        func again() -> Pulled {
            Pulled(scene.stream()) {
                $0.cursor = cursor
                $0.isKnownOrigin = { known.contains($0) }
            }
        }
        let second = again()
        #expect(second.rows == [] && second.error == nil && second.summary.completeness?.proof == .knownContent)
        try scene.put("用户 10%.csv", "户号,姓名\n2,王芬\n", at: 1_760_000_200)
        try scene.drops.remove("用户 9%.csv")
        let third = again()
        #expect(third.rows == [["2", "王芬"]] && third.error == nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scene.spool.path).sorted() == [
                ".hearth.lock", "用户 10%.csv",
            ])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scene.drops.path).sorted()
                == before.filter { $0 != "用户 9%.csv" })
        let findings = CSVConnector(source: "c", streams: [scene.stream()]).check()
        #expect(!findings.contains { $0.verdict == .failed }, "\(findings)")
        scene.remote.password = scene.remote.password.map { _ in "wrong" }
        if way != .vsftpd, way != .openSSH {
            #expect(Pulled(scene.stream()).error?.code.name == "source.unauthorized")
        }
    }

    @Test(arguments: ways)
    func signsFollowTheirFiles(_ way: Way) throws {
        let scene = try Scene(way)
        try scene.put("yh_1.csv", "a,b\n1,2\n", at: 1_760_000_000)
        let stream = scene.stream { $0.readiness = .doneMarker(suffix: ".done") }
        let waiting = Pulled(stream)
        #expect(
            waiting.rows == [] && waiting.summary.completeness?.detail.contains("yh_1.csv.done is not there") == true,
            "\(waiting.error.map { "\($0)" } ?? waiting.summary.completeness?.detail ?? "")")
        try scene.put("yh_1.csv.done", "", at: 1_760_000_001)
        let ready = Pulled(stream)
        #expect(ready.rows == [["1", "2"]], "\(ready.error.map { "\($0)" } ?? "")")
        try scene.put("yh_1.csv.manifest", "rows=2\n", at: 1_760_000_001)
        let counted = Pulled(scene.stream { $0.readiness = .manifest })
        #expect(counted.error?.code.name == "source.manifestMismatch", "\(counted.error.map { "\($0)" } ?? "")")
    }

    /// A fetch may take long: what it brings is no file of the future, and what was written long ago has not waited here for its sign.
    @Test func aSlowFetchMakesNoFileLate() throws {
        var scene = try Scene(.openSSH)
        try scene.put("yh_1.csv", "a\n1\n", at: 1_760_000_000)
        let relay = try scene.server.delayed(by: 4)
        scene.remote.url = scene.remote.url.replacing(":\(scene.server.port)", with: ":\(relay.port)")
        let stream = scene.stream { $0.readiness = .doneMarker(suffix: ".done") }
        let waiting = Pulled(stream)
        #expect(waiting.error == nil, "\(waiting.error.map { "\($0)" } ?? "")")
        #expect(waiting.summary.completeness?.detail.contains("yh_1.csv.done is not there") == true)
        try scene.put("yh_2.csv", "a\n2\n", at: 1_760_000_000)
        let findings = CSVConnector(source: "c", streams: [stream]).check()
        #expect(findings.contains { $0.subject == "file yh_2.csv" && $0.verdict == .warning }, "\(findings)")
        #expect(!findings.contains { $0.verdict == .failed }, "\(findings)")
    }

    /// Cut at many places: what was fetched is gone on from, and the file that is read in the end is the server's, byte for byte.
    @Test(arguments: [Way.openSSH, .ftps])
    func aConnectionThatIsCutLosesNothing(_ way: Way) throws {
        var scene = try Scene(way)
        let rows = (1...40_000).map { "\($0),\($0 &* 2_654_435_761 % 1_000_003)" }
        let text = "id,n\n" + rows.joined(separator: "\n") + "\n"
        try scene.put("yh_1.csv", text, at: 1_760_000_000)
        let size = text.utf8.count
        var failures = 0
        // Each run meets a line that holds for so many bytes, three times over; by FTP only the line of the commands can be cut so.
        for length in [1, 700, 1_500, 2_600, 5_000, 40_000, 200_000, size / 2, size - 5_000, size + 1_000] {
            let relay = try scene.server.cut(after: [length, length, length])
            scene.remote.url = scene.remote.url.replacing(/:\d+/, with: ":\(relay.port)")
            let pulled = Pulled(scene.stream())
            if pulled.error == nil {
                #expect(pulled.rows.map { "\($0[0]!),\($0[1]!)" } == rows, "after \(length)")
                break
            }
            failures += 1
            #expect(pulled.rows == [] && pulled.ended == 0, "cut after \(length)")
            #expect(!FileManager.default.fileExists(atPath: scene.spool.path + "/yh_1.csv"))
        }
        #expect(failures > 0)
        scene.remote.url = scene.remote.url.replacing(/:\d+/, with: ":\(scene.server.port)")
        let whole = Pulled(scene.stream())
        #expect(whole.error == nil && whole.rows.count == rows.count)
        let (there, here) = try (
            Data(contentsOf: URL(fileURLWithPath: scene.drops.path + "/yh_1.csv")),
            Data(contentsOf: URL(fileURLWithPath: scene.spool.path + "/yh_1.csv"))
        )
        #expect(there == here)
    }

    static let isHeavy = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] != nil

    /// One connection is cut after each of many numbers of bytes, from its first one to beyond the file's last: the pull gives all rows
    /// or none, and the next one gives them all.
    @Test(arguments: [Way.openSSH, .ftps, .ftp]) func cutAfterAnyByte(_ way: Way) throws {
        var scene = try Scene(way)
        let direct = scene.remote.url
        let rows = (1...900).map { "\($0),\($0 &* 2_654_435_761 % 1_000_003)" }
        try scene.put("yh_1.csv", "id,n\n" + rows.joined(separator: "\n") + "\n", at: 1_760_000_000)
        let there = try Data(contentsOf: URL(fileURLWithPath: scene.drops.path + "/yh_1.csv"))
        // By FTP the line of the commands is cut, by SFTP that of the files, too.
        let most = way == .openSSH ? there.count + 12_000 : way == .ftps ? 6_000 : 900
        var (whole, broken) = (0, 0)
        for length in stride(from: 1, to: most, by: Self.isHeavy ? most / 150 : most / 5) {
            let relay = try scene.server.cut(after: [length])
            scene.remote.url = direct.replacing(":\(scene.server.port)", with: ":\(relay.port)")
            let pulled = Pulled(scene.stream())
            if let error = pulled.error {
                broken += 1
                #expect(error.code.area == "source" && pulled.rows == [], "after \(length): \(error)")
            } else {
                whole += 1
                #expect(pulled.rows.map { "\($0[0]!),\($0[1]!)" } == rows, "after \(length)")
            }
            scene.remote.url = direct
            let next = Pulled(scene.stream())
            #expect(next.error == nil && next.rows.map { "\($0[0]!),\($0[1]!)" } == rows, "after \(length)")
            let here = try Data(contentsOf: URL(fileURLWithPath: scene.spool.path + "/yh_1.csv"))
            #expect(here == there, "after \(length)")
            try scene.spool.remove("yh_1.csv")
        }
        #expect(whole > 0, "\(broken) broke off")
    }

    /// One connection for a listing or a file is cut before its TLS is made: what the server still says of it on the line of the commands
    /// is not taken for an answer to the next one.
    @Test(arguments: [[1], [2], [3], [1, 2], [2, 4], [1, 3, 4]])
    func aConnectionThatIsCutAtOnceIsMadeAgain(_ cut: [Int]) throws {
        let scene = try Scene(.ftps, cut: cut)
        try scene.put("yh_1.csv", "a,b\n1,2\n", at: 1_760_000_000)
        try scene.put("yh_2.csv", "a,b\n3,4\n", at: 1_760_000_001)
        let pulled = Pulled(scene.stream())
        #expect(pulled.error == nil, "\(pulled.error.map { "\($0)" } ?? "")")
        #expect(pulled.rows == [["1", "2"], ["3", "4"]])
    }

    /// Greeting and the answer to AUTH TLS are some fifty bytes; the handshake is longer than two hundred.
    @Test func aCutWhileTLSBeginsIsNoWrongCertificate() throws {
        var scene = try Scene(.ftps)
        try scene.put("yh_1.csv", "a,b\n1,2\n", at: 1_760_000_000)
        let relay = try scene.server.cut(after: Array(repeating: 200, count: 20))
        scene.remote.url = "ftps://127.0.0.1:\(relay.port)"
        let broken = Pulled(scene.stream()).error
        #expect(broken?.code.name == "source.truncated", "\(broken.map { "\($0)" } ?? "")")
        #expect(broken?.message.contains("while TLS began") == true)
    }

    @Test func aServerThatAlwaysCutsIsNamed() throws {
        let scene = try Scene(.ftps, cut: Array(1...40))
        try scene.put("yh_1.csv", "a,b\n1,2\n", at: 1_760_000_000)
        let broken = Pulled(scene.stream())
        #expect(broken.error?.code.area == "source" && broken.rows == [], "\(broken.error.map { "\($0)" } ?? "")")
    }

    /// What an earlier run left of another content is not gone on with.
    @Test(arguments: ways)
    func aPartOfAnotherFileIsNotTakenForIts(_ way: Way) throws {
        let scene = try Scene(way)
        let text = "a,b\n" + String(repeating: "1,2\n", count: 60_000)
        try scene.put("yh_1.csv", text, at: 1_760_000_000)
        #expect(Pulled(scene.stream()).rows.count == 60_000)
        let part = try #require(PartName.of("yh_1.csv", size: text.utf8.count, modified: 1_760_000_000))
        try scene.spool.remove("yh_1.csv")
        try scene.spool.put(part, String(repeating: "9,9\n", count: 40_000))
        #expect(Set(Pulled(scene.stream()).rows.map { $0[0] }) == ["1"])
        try scene.spool.remove("yh_1.csv")
        try scene.spool.put(part, String(text.prefix(200_000)))
        #expect(Pulled(scene.stream()).rows.count == 60_000)
    }

    @Test func onlyTheNamedServerIsBelieved() throws {
        var scene = try Scene(.openSSH)
        try scene.put("yh_1.csv", "a\n1\n", at: 1_760_000_000)
        scene.remote.hostKeys = [try RemoteServer.fingerprint("other")]
        let error = Pulled(scene.stream()).error
        #expect(error?.code.name == "source.hostKey")
        #expect(error?.message.contains(try RemoteServer.fingerprint("host")) == true)
        scene.remote.hostKeys = []
        #expect(Pulled(scene.stream()).error?.message.contains("not pinned") == true)
        scene.remote.hostKeys = [try RemoteServer.fingerprint("other"), try RemoteServer.fingerprint("host")]
        #expect(Pulled(scene.stream()).rows == [["1"]])
    }

    /// The machine under the address shows another key than before: what was fetched stays, nothing more is.
    @Test func aServerWhoseKeyIsChanged() throws {
        var scene = try Scene(.openSSH)
        try scene.put("yh_1.csv", "a\n1\n", at: 1_760_000_000)
        #expect(Pulled(scene.stream()).rows == [["1"]])
        let other = try RemoteServer.openSSH(hostKey: "other")
        scene.remote.url = scene.remote.url.replacing(":\(scene.server.port)/", with: ":\(other.port)/")
        try scene.put("yh_2.csv", "a\n2\n", at: 1_760_000_001)
        let changed = Pulled(scene.stream())
        #expect(changed.error?.code.name == "source.hostKey" && changed.rows == [])
        #expect(changed.error?.message.contains(try RemoteServer.fingerprint("other")) == true)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scene.spool.path).sorted() == [
                ".hearth.lock", "yh_1.csv",
            ])
    }

    @Test func keysThatAreNotLetIn() throws {
        var scene = try Scene(.openSSH)
        try scene.put("yh_1.csv", "a\n1\n", at: 1_760_000_000)
        let keys = try RemoteServer.keys.get()
        scene.remote.keyFile = "\(keys)/stranger"
        let stranger = Pulled(scene.stream()).error
        #expect(stranger?.code.name == "source.unauthorized" && stranger?.message.contains("RSA") == false)
        scene.remote.keyFile = "\(keys)/rsa"
        let rsa = Pulled(scene.stream())
        // From libssh2 1.11 on it is let in.
        #expect(
            rsa.rows == [["1"]]
                || rsa.error?.message.contains("RSA") == true && rsa.error?.advice?.contains("ed25519") == true)
    }

    @Test func certificatesThatDoNotFit() throws {
        var scene = try Scene(.ftps)
        try scene.put("yh_1.csv", "a\n1\n", at: 1_760_000_000)
        scene.remote.caFile = try TestCertificates.shared().otherAuthority
        #expect(Pulled(scene.stream()).error?.code.name == "source.tls")
        // One that its authority signed for something else.
        let other = try RemoteServer.ftp(scene.drops.path, tls: true, isAnother: true)
        let another = scene.spool.stream { $0.remote = try? .tls(other) }
        #expect(another.remote != nil && Pulled(another).error?.code.name == "source.tls")
        var plain = try Scene(.ftp)
        plain.remote.url = plain.remote.url.replacing("ftp://", with: "ftps://")
        #expect(Pulled(plain.stream()).error?.code.name == "source.tls")
        plain.remote.url = plain.remote.url.replacing("ftps://", with: "ftp://")
        plain.remote.isPlain = false
        #expect(Pulled(plain.stream()).error?.code.name == "config.csv")
    }

    @Test func whatIsNotThereIsNamed() throws {
        var scene = try Scene(.openSSH)
        #expect(Pulled(scene.stream()).error?.code.name == "source.noFiles")
        scene.remote.url += "/gone"
        #expect(Pulled(scene.stream()).error?.code.name == "source.unreachable")
        scene.remote.url = "sftp://127.0.0.1:1/x"
        #expect(Pulled(scene.stream()).error?.code.name == "source.unreachable")
        #expect(CSVConnector(source: "c", streams: [scene.stream()]).check().contains { $0.verdict == .failed })
    }

    @Test func keepsTheContract() throws {
        let scene = try Scene(.openSSH)
        try scene.put("a_1.csv", "户号,姓名\n1,张伟\n2,\n", at: 1_760_000_000)
        try scene.drops.put("a_2.xlsx", WorkbookBytes(WorkbookBytes.rows([["户号", "姓名"], ["3", "王芳"]])).bytes)
        let cut = try Scene(.openSSH)
        try cut.put("a_1.csv", "户号,姓名\n1,张伟\n2,\n", at: 1_760_000_000)
        let stream = scene.stream { $0.pattern = "a_*" }
        let fixture = ConnectorFixture(
            stream: "residents", columns: ["户号", "姓名"], rows: [["1", "张伟"], ["2", ""], ["3", "王芳"]],
            connector: { CSVConnector(source: "customer", streams: [stream]) },
            brokenConnector: {
                var gone = stream
                gone.remote?.url += "/gone"
                return CSVConnector(source: "customer", streams: [gone])
            },
            withholdingConnector: {
                CSVConnector(
                    source: "customer",
                    streams: [
                        cut.stream {
                            $0.pattern = "a_*"
                            $0.trailer = .init(prefix: "合计")
                        }
                    ])
            },
            fingerprint: { try scene.drops.fingerprint() })
        let failures = ConnectorConformance(fixture: fixture).run()
        #expect(failures.isEmpty, "\(failures)")
    }
}

/// The name under which a run leaves what it has of a file: by the SHA-256 of its name, its size and its time.
private enum PartName {
    static func of(_ name: String, size: Int, modified: Int) -> String? {
        guard let digest = try? DropBox.sha256(Array(name.utf8)) else { return nil }
        var bytes: [String] = []
        var rest = Substring(digest)
        for _ in 0..<12 {
            bytes.append(String(UInt8(rest.prefix(2), radix: 16)!, radix: 16))
            rest = rest.dropFirst(2)
        }
        return ".hearth-\(bytes.joined(separator: "-"))_\(size)-\(modified).part"
    }
}
