/// A body that is sent while it is made: its length need not be known, and memory does not grow with it.
///
/// The producer writes into a ``StreamWriter``, which suspends it while the client does not read. It is cancelled when the
/// client has gone; an endless one also when the server shuts down. An error that it throws breaks the connection off, so that
/// the client cannot take a part for the whole.
struct AnswerStream: Sendable {
    typealias Producer = @Sendable (StreamWriter) async throws -> Void

    enum Source: Sendable {
        case producer(Producer)
        /// These bytes of a file.
        case file(StreamedFile, Range<Int64>)
    }

    var source: Source
    /// A comment is sent after so many seconds of silence, so that neither side takes the connection for broken; 0 is none.
    var heartbeat: Int64 = 0
    /// Ends only with the client or the server.
    var isEndless = false
    /// Taken when the answer is admitted (``StreamLimits``), given back when the stream ends.
    var place: StreamLimits.Place?

    init(_ producer: @escaping Producer) { source = .producer(producer) }

    init(_ file: StreamedFile) { source = .file(file, 0..<file.size) }

    /// Bytes to come; nil where that is not known beforehand.
    var length: Int64? {
        if case .file(_, let range) = source { Int64(range.count) } else { nil }
    }

    func produce(into writer: StreamWriter) async throws {
        switch source {
        case .producer(let producer): try await producer(writer)
        case .file(let file, let range): try await file.write(range, into: writer)
        }
    }
}

extension Answer {
    /// Events for as long as the client listens, with a comment every 15 seconds where there is none.
    static func events(_ producer: @escaping @Sendable (EventWriter) async throws -> Void) -> Answer {
        var stream = AnswerStream { try await producer(EventWriter(writer: $0)) }
        stream.heartbeat = 15
        stream.isEndless = true
        var answer = Answer(.events)
        answer.stream = stream
        // A proxy that collects the answer first would never pass it on.
        answer.headers = [("X-Accel-Buffering", "no")]
        return answer
    }

    /// A file of the given type.
    static func file(_ file: StreamedFile, _ contentType: ContentType) -> Answer {
        var answer = Answer(contentType)
        answer.tag = file.tag
        answer.stream = AnswerStream(file)
        answer.headers = [("Accept-Ranges", "bytes")]
        return answer
    }
}
