import Answers
import JSONText
import NIOPosix

/// Lists that can be had in one go, a JSON object a line (`Accept: application/x-ndjson`).
extension Route {
    /// The member of a page that is the list, and how long a page may be. Only of lists where the next page is found by a key,
    /// so that the whole costs no more than its pages.
    var list: (member: String, mostPerPage: Int)? {
        kind == .quarantine ? ("records", 500) : nil
    }
}

extension Gateway {
    /// Answers a call on the present thread; as lines where they are wanted and can be had.
    func answer(_ call: Call, asLines: Bool) -> Answer {
        guard asLines, let list = call.route.list else { return answer(call) }
        var call = call
        // As a page has a limit, so may the lines; without one all come.
        var left = Int.max
        if let text = call.query["limit"] {
            guard let limit = Int(text), limit >= 1 else { return answer(call) }
            left = limit
        }
        call.query["limit"] = String(min(left, list.mostPerPage))
        // The first page is made before the head is sent: what is wrong with the question is answered as ever.
        let first = answer(call)
        guard first.status == 200 else { return first }
        var lines = Answer(.lines)
        lines.accesses = first.accesses
        lines.stream = AnswerStream { [call, left, pool] writer in
            var (call, left) = (call, left)
            var page = Page(first.body, list.member)
            while true {
                try await writer.write(page.lines)
                left -= page.count
                guard left > 0, let next = page.next else { return }
                call.query["after"] = next
                call.query["limit"] = String(min(left, list.mostPerPage))
                page = try await pool.runIfActive { [call] in
                    let answer = self.answer(call)
                    // It has begun, and cannot be answered otherwise any more.
                    if answer.status != 200 { throw Problem(answer.status, "broken-off", "A page could not be read") }
                    return Page(answer.body, list.member)
                }
            }
        }
        return lines
    }

    /// Answers a call of what another room serves.
    func answer(_ call: Call, at mount: Mount) -> Answer {
        do { return try mount.answer(call) } catch { return answer(to: error, of: call) }
    }

    private struct Page: Sendable {
        var lines: [UInt8] = []
        var count = 0
        var next: String?

        init(_ body: [UInt8], _ member: String) {
            body.withUnsafeBytes { body in
                var members = JSONMembers(body)
                while let (key, value) = members.next() {
                    if key.elementsEqual("next".utf8) { next = String(decoding: value, as: UTF8.self) }
                    if key.elementsEqual(member.utf8) { take(value) }
                }
            }
        }

        private mutating func take(_ list: UnsafeRawBufferPointer) {
            var elements = JSONMembers(list)
            while let (_, element) = elements.next() {
                lines.append(contentsOf: element)
                lines.append(0x0A)
                count += 1
            }
        }
    }
}
