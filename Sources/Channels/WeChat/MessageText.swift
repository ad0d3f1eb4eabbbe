import Assistant
import Pages

/// A reply as WeChat shows it: text, steps by number, choices that can be tapped.
enum MessageText {
    /// Bytes of one message.
    static let mostBytes = 2000

    /// Messages in their order, none of them too long.
    static func of(_ reply: AssistantReply, isPlain: Bool = false) -> [String] {
        var parts: [String] = []
        for message in reply.messages {
            var text = isPlain ? message.plain : message.full
            for (index, step) in message.steps.enumerated() { text += "\n\(index + 1). \(step.words)" }
            if let chart = message.chart {
                text += "\n\(chart.title)"
                for bar in chart.bars { text += "\n\(bar.label) \(bar.words)" }
            }
            text = escaped(text)
            if let link = message.link, let address = HTML.address(link.address), !address.hasPrefix("/") {
                text += "\n<a href=\"\(address)\">\(escaped(link.words))</a>"
            }
            for choice in message.choices {
                let query =
                    "msgmenucontent=\(FormBody.encoded(choice.words))&msgmenuid=\(FormBody.encoded(choice.id))"
                text += "\n<a href=\"weixin://bizmsgmenu?\(query)\">\(escaped(choice.words))</a>"
            }
            parts.append(text)
        }
        return pieces(parts)
    }

    /// What would begin a link of somebody else's is no link.
    private static func escaped(_ text: String) -> String {
        text.replacing("<", with: "\u{FF1C}").replacing(">", with: "\u{FF1E}")
    }

    /// Lines together as long as they fit.
    static func pieces(_ texts: [String]) -> [String] {
        var pieces: [String] = []
        for text in texts {
            var piece = ""
            for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
                var line = String(line)
                while line.utf8.count > mostBytes {
                    if !piece.isEmpty { pieces.append(piece) }
                    piece = ""
                    var head = ""
                    while let first = line.first, head.utf8.count + first.utf8.count <= mostBytes {
                        head.append(first)
                        line.removeFirst()
                    }
                    pieces.append(head)
                }
                if piece.utf8.count + line.utf8.count + 1 > mostBytes {
                    pieces.append(piece)
                    piece = line
                } else {
                    piece += (piece.isEmpty ? "" : "\n") + line
                }
            }
            if !piece.isEmpty { pieces.append(piece) }
        }
        // Short ones together: only one can be the answer itself.
        return pieces.reduce(into: []) { joined, piece in
            if let last = joined.last, last.utf8.count + piece.utf8.count + 2 <= mostBytes {
                joined[joined.count - 1] = last + "\n\n" + piece
            } else {
                joined.append(piece)
            }
        }
    }
}
