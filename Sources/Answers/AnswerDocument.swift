package import Explanation
package import Store

/// An answer: one JSON document, the same bytes at every door.
package struct AnswerDocument: Sendable {
    /// UTF-8.
    package var json: [UInt8]
    /// Names the content: another content, another tag. Nil where each answer is one of its own.
    package var tag: UInt64?
    /// The answer as a value with its words, where it has words and they are wanted (``Requester/wantsWords``).
    package var spoken: (answer: any TextAnswer, wording: Wording)?

    package init(_ json: [UInt8], tag: UInt64? = nil) {
        self.json = json
        self.tag = tag
    }

    /// For people: the answer's words, or its values line by line.
    package var text: String { spoken.map { $0.answer.text($0.wording) } ?? PlainText.of(json) }
}

/// What a door hands on: the document or the problem, once the accesses are written down.
package struct Reply: Sendable {
    package var result: Result<AnswerDocument, Problem>
    /// Without a record there is no access: these are written to the log before anything goes out.
    package var accesses: [Access] = []
    /// It goes out no sooner than this after the question came, so that the time reveals nothing.
    package var leastTime: Duration?

    /// What it rests on or leaves behind, where the store lies on several servers.
    package var state: StoreState?

    /// Of a request that has something done.
    package var receipt: Receipt?

    package struct Receipt: Sendable {
        /// Whether something was taken that is not done yet.
        package var isNew: Bool
        /// Whether it is the answer that was given before under the same key.
        package var isReplayed: Bool
        /// Where it stands what became of it.
        package var path: String?

        package init(isNew: Bool, isReplayed: Bool, path: String?) {
            self.isNew = isNew
            self.isReplayed = isReplayed
            self.path = path
        }
    }

    package init(_ document: AnswerDocument, _ accesses: [Access] = []) {
        result = .success(document)
        self.accesses = accesses
    }

    package init(_ problem: Problem, _ accesses: [Access] = []) {
        result = .failure(problem)
        self.accesses = accesses
    }
}

/// A fast digest of bytes for entity tags; no security hangs on it.
package enum ContentTag {
    package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = seed ^ 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var index = 0
        // Two at a time: one need not wait for the other.
        var other = ~state
        while index + 16 <= bytes.count {
            state = mix(state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            other = mix(other ^ bytes.loadUnaligned(fromByteOffset: index + 8, as: UInt64.self))
            index += 16
        }
        state = mix(state) ^ other
        while index + 8 <= bytes.count {
            state = mix(state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        return mix(mix(state ^ rest))
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return high ^ low ^ (value &* 0xE703_7ED1_A0B4_28DB)
    }
}
