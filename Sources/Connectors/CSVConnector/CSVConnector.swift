import HeatModel
package import Records

/// Reads the files of drop folders: see the README beside this file.
///
/// A file is an origin, known by the SHA-256 of its bytes; `PullRequest.isKnownOrigin`, of snapshots also `lastSnapshot`, decides
/// whether an incremental pull skips it. Batches have no cursor: a pull that was interrupted reads the unfinished file again from its start.
package struct CSVConnector: Connector {
    package let source: String
    package let streams: [CSVStream]

    package init(source: String, streams: [CSVStream]) {
        self.source = source
        self.streams = streams
    }

    package func check() -> [CheckFinding] {
        var seen: Set<String> = []
        return streams.flatMap { stream in
            // What no stream takes is reported once for a folder.
            StreamCheck(stream: stream, siblings: streams).findings(tellsUnclaimed: seen.insert(stream.folder).inserted)
        }
    }

    /// The configured streams; columns of a stream without configured ones are those of its last file, and none where there
    /// is no file yet.
    package func discover() throws -> [StreamDescription] {
        try streams.map { stream in
            try stream.validate()
            let columns = try StreamCheck(stream: stream, siblings: streams).columns()
            return StreamDescription(
                name: stream.name,
                columns: columns.map {
                    .init(name: $0, type: "text", isNullable: !stream.nulls.isEmpty || stream.ragged == .fillWithNull)
                },
                key: stream.key, isConfigured: true)
        }
    }

    package func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        guard let stream = streams.first(where: { $0.name == request.stream }) else {
            throw HearthError(
                .configUnknownStream, "there is no stream \(request.stream)",
                at: .address("\(source).\(request.stream)"),
                advice: "Use one of: \(streams.map(\.name).joined(separator: ", ")).")
        }
        // A file is dropped when the other side pleases; nobody can be asked for one account of it.
        if request.mode == .account { throw AccountKey.missing("\(source).\(request.stream)") }
        try stream.validate()
        return try withoutActuallyEscaping(deliver) { deliver in
            try StreamPull(stream: stream, siblings: streams, request: request).run(deliver)
        }
    }

    /// None: a file comes when the other side drops it.
    package func accountKey(of stream: String) -> AccountKey? { nil }

    package func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        guard let stream = streams.first(where: { $0.name == request.stream }) else {
            throw HearthError(.configUnknownStream, "there is no stream \(request.stream)")
        }
        try withoutActuallyEscaping(deliver) { try CSVReplay(stream: stream, request: request).run(pieces, $0) }
    }
}
