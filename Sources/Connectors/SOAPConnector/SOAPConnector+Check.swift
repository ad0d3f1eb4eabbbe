import HeatModel
import Records

// What `check` says of a stream beforehand, from one answer.

extension SOAPConnector {
    private static let sampleRecords = 1000

    func check(_ stream: SOAPStream) -> [CheckFinding] {
        let subject = "stream \(stream.name)"
        var sample: Sample
        do {
            guard let ready = prepared[stream.name] else { throw HearthError(.configUnknownStream, subject) }
            sample = try Sample(stream, options, ready.paths, ready.request)
        } catch {
            let error = Self.hearth(error)
            return [CheckFinding(subject, .failed, Self.withoutAdvice(error), advice: error.advice)]
        }
        var findings: [CheckFinding] = []
        if sample.records == 0 {
            findings.append(
                CheckFinding(
                    subject, .warning, "the service answers, and nothing stands at record \(stream.recordPath)",
                    advice: "Right if there is nothing yet; else check record and the namespaces."))
        } else {
            findings.append(
                CheckFinding(subject, .ok, "reachable, credentials hold, record \(stream.recordPath) found"))
        }
        findings += sample.remarks
        if let lookback = Self.lookback(stream), lookback == 0 {
            findings.append(
                CheckFinding(
                    subject, .warning,
                    "lookback is 0: a record that the system writes while a pull runs may never be read",
                    advice:
                        "Set lookback to the longest that the system takes to show a record: it is read again, and changes nothing."
                ))
        }
        return findings
    }

    private static func lookback(_ stream: SOAPStream) -> Int64? {
        if case .window(let window) = stream.paging { return max(window.lookback, window.settle) }
        guard let cursor = stream.cursor else { return nil }
        switch cursor.judged {
        case .text, .format: return nil
        case .instant, .digits, .number, .counter: return cursor.lookback
        }
    }

    /// The first answer of a pull, judged as a pull would.
    private struct Sample {
        var records: Int64 = 0
        var remarks: [CheckFinding] = []

        init(_ stream: SOAPStream, _ options: SOAPOptions, _ paths: StreamPaths, _ request: SOAPRequest) throws {
            var small = stream
            // What is stated of the whole does not hold of a sample; that it is stated is asked for all the same.
            if case .pages(var pages) = stream.paging {
                pages.pageSize = min(pages.pageSize, 50)
                small.paging = .pages(pages)
            } else if case .token(var token) = stream.paging {
                token.pageSize = min(token.pageSize, 50)
                small.paging = .token(token)
            }
            var quick = options
            quick.retry.attempts = 1
            let pull = SOAPPull(
                options: quick, stream: small, paths: paths, soap: request,
                request: PullRequest(stream: stream.name, mode: .full, limit: SOAPConnector.sampleRecords))
            (records, remarks) = try pull.sample()
        }
    }
}
