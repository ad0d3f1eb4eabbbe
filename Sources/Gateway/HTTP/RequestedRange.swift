/// `Range: bytes=…` of one range. Several at once are answered with the whole, as RFC 9110 allows.
enum RequestedRange: Equatable {
    case whole
    case part(Range<Int64>)
    case unsatisfiable

    init(_ field: String?, of length: Int64) {
        self = .whole
        guard let field, field.lowercased().hasPrefix("bytes=") else { return }
        let sides = field.dropFirst(6).trimmingBlanks.split(separator: "-", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 <= 9 } }) else { return }
        if sides[0].isEmpty {
            // The last so many.
            guard let count = Int64(sides[1]) else { return }
            self = count > 0 && length > 0 ? .part(max(0, length - count)..<length) : .unsatisfiable
        } else {
            guard let first = Int64(sides[0]), let last = sides[1].isEmpty ? .max : Int64(sides[1]), first <= last
            else {
                return
            }
            self = first < length ? .part(first..<min(last, length - 1) + 1) : .unsatisfiable
        }
    }
}

extension Answer {
    /// The part that is asked for, of what can be had in parts.
    ///
    /// - Parameters:
    ///   - range: the `Range` field.
    ///   - condition: the `If-Range` field: a part is only worth something of the content that the caller has begun with.
    func cut(to range: String?, if condition: String?) -> Answer {
        guard status == 200, var stream, case .file(let file, _) = stream.source else { return self }
        if let condition, condition != tag.map({ String(decoding: AnswerWriter.entityTag($0), as: UTF8.self) }) {
            return self
        }
        var answer = self
        switch RequestedRange(range, of: file.size) {
        case .whole: break
        case .part(let part):
            stream.source = .file(file, part)
            answer.stream = stream
            answer.status = 206
            answer.headers.append(("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"))
        case .unsatisfiable:
            answer = Answer(status: 416, contentType)
            answer.headers = [("Content-Range", "bytes */\(file.size)")]
        }
        return answer
    }
}
