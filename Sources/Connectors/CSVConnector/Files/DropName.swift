/// The name of a file in a drop folder: the bytes that the file system has, and what a person reads there.
struct DropName: Hashable {
    let bytes: [UInt8]
    /// UTF-8, else GB18030 as the content of a file would be; bytes that neither has are shown as `\xE9`.
    let text: String

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        text = Self.decoded(bytes)
    }

    /// What the name is kept under: its text, and where its bytes say it otherwise than UTF-8, the bytes beside it.
    var key: String {
        text.utf8.elementsEqual(bytes)
            ? text : text + "\u{1F}" + bytes.map { String($0, radix: 16) }.joined(separator: " ")
    }

    /// Whether a ``key`` is that of a name with such a text.
    static func isKey(_ key: String, of text: String) -> Bool {
        key == text || (key.hasPrefix(text) && key.dropFirst(text.count).first == "\u{1F}")
    }

    private static func decoded(_ bytes: [UInt8]) -> String {
        let utf8 = String(validating: bytes, as: UTF8.self)
        if let utf8, utf8.utf8.allSatisfy({ $0 < 0x80 }) || !TextEvidence(bytes).suggestsShortGB18030 { return utf8 }
        if let chinese = GB18030.shared.text(bytes) { return chinese }
        if let utf8 { return utf8 }
        return bytes.reduce(into: "") { text, byte in
            if byte < 0x80 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

/// Where a file lies, byte for byte, and as it is shown to people.
struct DropPath {
    let bytes: [UInt8]
    let shown: String

    init(_ path: String, shown: String? = nil) {
        bytes = Array(path.utf8)
        self.shown = shown ?? path
    }

    init(folder: String, _ name: DropName) {
        bytes = Array(folder.utf8) + [0x2F] + name.bytes
        shown = "\(folder)/\(name.text)"
    }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try (bytes + [0]).withUnsafeBufferPointer { buffer in
            try buffer.withMemoryRebound(to: CChar.self) { try body($0.baseAddress!) }
        }
    }
}
