import HeatModel
import Records

/// What can be told of a stream without pulling it.
struct StreamCheck {
    let stream: CSVStream

    func findings() -> [CheckFinding] {
        do {
            try stream.validate()
        } catch {
            return [failed("stream \(stream.name)", error)]
        }
        var findings: [CheckFinding] = []
        do {
            let files = try DropFolder(stream: stream).readyFiles()
            findings.append(CheckFinding("folder \(stream.folder)", .ok, "can be read"))
            findings.append(
                CheckFinding(
                    "files \(stream.pattern)", files.isEmpty ? .warning : .ok, "\(files.count) ready",
                    advice: files.isEmpty ? "Check the pattern and the readiness rule of \(stream.name)." : nil))
        } catch {
            return [failed("folder \(stream.folder)", error)]
        }
        do {
            let columns = try columns()
            if !columns.isEmpty {
                findings.append(CheckFinding("columns of \(stream.name)", .ok, "\(columns.count) columns"))
            }
        } catch {
            findings.append(failed("columns of \(stream.name)", error))
        }
        return findings
    }

    /// Those configured, else those of the last ready file; none where there is no file.
    func columns() throws -> [String] {
        guard let last = try DropFolder(stream: stream).readyFiles().last else { return stream.columns ?? [] }
        let file = try FileReader(last.path)
        let survey = try FileSurvey(file, as: stream.encoding, isCancelled: { false })
        var window = TextWindow(try TextFeed(file, survey))
        return try FileHead.read(&window, stream, path: last.path).columns
    }

    private func failed(_ subject: String, _ error: any Error) -> CheckFinding {
        let error = error as? HearthError
        return CheckFinding(
            subject, .failed, error.map { "\($0.place.map { "\($0): " } ?? "")\($0.message)" } ?? "cannot be read",
            advice: error?.advice ?? "Check the folder.")
    }
}
