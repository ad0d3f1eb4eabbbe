import Answers
import Attachments
import HeatModel
import JSONText
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Setup
import Store

/// Photos and videos: their bytes go to a file as they come. Who sends them is known before the first is read, and no more is read
/// before the last is written.
extension Connection {
    func isUpload(_ head: HTTPRequestHead) -> Bool {
        head.method == .POST && head.uri.prefix { $0 != "?" } == Route.upload.path
    }

    /// - Throws: a problem where the request cannot be one, whatever its body is.
    func beginUpload(_ head: HTTPRequestHead, _ fields: RequestFields) throws {
        route = .upload
        let target = try RequestTarget(head.uri)
        _ = try Call.parameters(target.query, of: .upload)
        switch gateway.identify(fields.authorization) {
        case .unknown: throw Problem.unauthorized
        case .caller(let caller): try admitUpload(head, fields, caller)
        case .unchecked(let token):
            isHolding = true
            verify(token) { caller in
                self.isHolding = false
                // It may have been refused, or be gone, meanwhile.
                guard self.head != nil, !self.isSkipping else { return self.takeUp() }
                do {
                    guard let caller else { throw Problem.unauthorized }
                    try self.admitUpload(head, fields, caller)
                } catch {
                    self.refuse(Problem(error))
                }
                self.takeUp()
            }
        }
    }

    private func admitUpload(_ head: HTTPRequestHead, _ fields: RequestFields, _ caller: Caller) throws {
        try gateway.admit(caller, to: .upload, now: .now())
        let stated = (fields.contentType ?? "").split(separator: ";").first?.trimmingBlanks.lowercased() ?? ""
        guard let kind = AttachmentKind(rawValue: stated) else {
            throw Problem(
                415, "unsupported-media-type", "The file is not of a type that is taken",
                detail: "its Content-Type must be one of \(AttachmentKind.allNames)", parameter: "Content-Type")
        }
        if let coding = head.headers.first(name: "content-encoding"), coding.lowercased() != "identity" {
            throw Problem(
                415, "unsupported-media-type", "The body must not be compressed", parameter: "Content-Encoding")
        }
        let length = head.headers.first(name: "content-length").flatMap { Int64($0) }
        incoming = IncomingFile(caller: caller, place: try gateway.uploads.enter(caller.id))
        hold { [attachments = gateway.attachments] () throws(HearthError) in
            try attachments.begin(kind, length: length)
        } then: { connection, upload in
            connection.incoming?.upload = upload
            if fields.expectsContinue { connection.sayContinue() }
        }
    }

    /// Writes what came; nothing more is taken up before.
    func store(_ buffer: ByteBuffer) {
        guard let upload = incoming?.upload else { return }
        let bytes = Array(buffer.readableBytesView)
        hold { () throws(HearthError) in
            try upload.take(bytes)
        } then: { _, _ in
        }
    }

    /// The file has come whole.
    func finishIncoming() {
        guard let incoming, let upload = incoming.upload else { return }
        hold { () throws(HearthError) in
            try upload.finish()
        } then: { connection, attachment in
            connection.incoming = nil
            let gateway = connection.gateway
            var json = JSONBytes()
            json.raw("{\"version\":1")
            json.member("sha256", attachment.sha256)
            json.member("type", attachment.kind.rawValue)
            json.member("bytes", attachment.bytes)
            json.member("address", gateway.attachments.settings.address(of: attachment.sha256))
            json.raw("}")
            var answer = Answer(status: 201, .json, json.bytes)
            answer.headers = [("Location", AttachmentSettings.path + attachment.sha256)]
            answer.accesses = [Access(accounts: [], action: Route.upload.path, outcome: "ok")]
            connection.finish(answer, caller: incoming.caller.id)
        }
    }

    /// Lets go of what has not come whole.
    func dropIncoming() {
        guard let upload = incoming?.upload else {
            incoming = nil
            return
        }
        incoming = nil
        // It removes a file.
        gateway.pool.submit { _ in upload.abandon() }
    }

    /// Does what waits for the disk, and takes up nothing meanwhile. What cannot be done is the request's refusal.
    private func hold<Result: Sendable>(
        _ body: @escaping @Sendable () throws(HearthError) -> Result,
        then: @escaping (Connection, Result) -> Void
    ) {
        guard let loop = context?.eventLoop else { return }
        isHolding = true
        let then = NIOLoopBound(then, eventLoop: loop)
        gateway.pool.submit { state in
            let result: Swift.Result<Result, HearthError> = Swift.Result { () throws(HearthError) in
                if state != .active { throw HearthError(.attachmentCannotWrite, "the server is shutting down") }
                return try body()
            }
            loop.execute {
                self.isHolding = false
                // It may have been refused for the time it takes, or be gone.
                guard self.incoming != nil else { return self.takeUp() }
                switch result {
                case .success(let value): then.value(self, value)
                case .failure(let error):
                    let problem = Problem(refusing: error)
                    if let inside = problem.underlying {
                        self.gateway.logger.error(
                            "a photo or video could not be kept",
                            metadata: ["request": "\(self.requestID)", "code": "\(inside.code.name)"])
                    }
                    self.refuse(problem)
                }
                self.takeUp()
            }
        }
    }
}

extension Gateway {
    /// A photo or video as it is kept, to be saved and not to be shown by a browser in this server's name. It shows a home: who looks
    /// at it must be allowed to see personal data, and stands in the log with the accounts whose orders name it.
    func attachment(_ call: Call) -> Answer {
        func refused(_ problem: Problem, _ accounts: [String] = [], needing scopes: [Scope] = []) -> Answer {
            var answer = Answer(problem, requestID: call.requestID, needing: scopes)
            answer.accesses = [call.requester.access(accounts, problem.outcome)]
            return answer
        }
        if !call.caller.scopes.seesPersonalData { return refused(.forbidden([.pii]), needing: [.pii]) }
        let sha256 = call.values.first ?? ""
        guard AttachmentFolder.isDigest(sha256) else {
            return refused(.parameter("sha256", "must be 64 hexadecimal digits in lower case"))
        }
        let missing = Problem(
            404, "unknown-attachment", "There is no such photo or video",
            detail: "it was never sent, or was kept as long as they are")
        guard let (kept, path) = attachments.find(sha256) else { return refused(missing) }
        let file: StreamedFile
        let accounts: [String]
        do {
            file = try StreamedFile(path: path, pool: pool)
            accounts = try store.read { try $0.attachmentUses(of: sha256) }.map(\.account)
        } catch {
            // It went meanwhile, or is here and cannot be shown: the log says why then.
            let problem = attachments.find(sha256) == nil ? missing : Problem(error)
            note(Reply(problem), of: nil, requestID: call.requestID, path: call.route.path)
            return refused(problem)
        }
        var answer = Answer.file(file, Answer.ContentType(kept.kind))
        answer.headers += [
            ("Content-Disposition", "attachment; filename=\"\(sha256.prefix(16)).\(kept.kind.ending)\""),
            ("Content-Security-Policy", "default-src 'none'; sandbox"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        var access = call.requester.access(Array(Set(accounts)).sorted(), "ok")
        access.showsRawText = true
        answer.accesses = [access]
        return answer
    }
}

extension Answer.ContentType {
    init(_ kind: AttachmentKind) {
        self =
            switch kind {
            case .jpeg: .jpeg
            case .png: .png
            case .mp4: .mp4
            }
    }
}
