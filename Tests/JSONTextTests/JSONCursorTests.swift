import Foundation
import Glibc
import HearthTesting
import HeatModel
import Testing

@testable import JSONText

/// A document of odd values, as a library would have it and as its text without blanks.
private struct OddDocument {
    private static let pieces: [(String, String)] = [
        ("热费", "热费"), ("a", "a"), ("\"", "\\\""), ("\\", "\\\\"), ("/", "\\/"), ("\n", "\\n"), ("\t", "\\t"),
        ("\r", "\\r"),
        ("\u{8}", "\\b"), ("\u{C}", "\\f"), ("\u{1}", "\\u0001"), ("é", "\\u00e9"), ("😀", "\\uD83D\\uDE00"), ("😀", "😀"),
        ("\\\"", "\\\\\\\""), (",", ","), (":", ":"), ("}", "}"), ("]", "]"), ("{", "{"), (" ", " "),
        ("𠮷", "\\ud842\\udfb7"),
    ]

    private(set) var json = ""
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        write(depth: 0)
    }

    private mutating func text() -> String {
        var text = "\""
        for _ in 0..<Int.random(in: 0...6, using: &random) { text += Self.pieces.randomElement(using: &random)!.1 }
        return text + "\""
    }

    private mutating func write(depth: Int) {
        switch Int.random(in: depth == 0 ? 6...9 : depth > 4 ? 0...5 : 0...9, using: &random) {
        case 0: json += "null"
        case 1: json += "true"
        case 2: json += "false"
        case 3: json += "\(Int.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random))"
        case 4, 5: json += text()
        case 6, 7:
            json += "["
            for index in 0..<Int.random(in: 0...5, using: &random) {
                if index > 0 { json += "," }
                write(depth: depth + 1)
            }
            json += "]"
        default:
            json += "{"
            for index in 0..<Int.random(in: 0...5, using: &random) {
                if index > 0 { json += "," }
                // Keys of one object differ.
                json += "\"\(index)" + text().dropFirst() + ":"
                write(depth: depth + 1)
            }
            json += "}"
        }
    }
}

@Suite struct JSONCursorTests {
    /// What the cursor says of the value ahead, in Foundation's types.
    private func value(_ cursor: inout JSONCursor) -> NSObject {
        if cursor.beginObject() {
            let object = NSMutableDictionary()
            while let key = cursor.nextKey() {
                let name = Self.decoded(key)
                object[name] = value(&cursor)
            }
            return object
        }
        if cursor.beginArray() {
            let array = NSMutableArray()
            while cursor.nextElement() { array.add(value(&cursor)) }
            return array
        }
        let scalar = cursor.value()
        if scalar.equals("null") { return NSNull() }
        if let boolean = scalar.boolean { return NSNumber(value: boolean) }
        if let integer = scalar.integer { return NSNumber(value: integer) }
        return (scalar.jsonText ?? "no value: \(scalar.text)") as NSString
    }

    /// A key's range has no quotes.
    private static func decoded(_ key: UnsafeRawBufferPointer) -> String {
        (Array("\"".utf8) + Array(key) + Array("\"".utf8)).withUnsafeBytes { $0.text }
    }

    @Test func oddDocumentsReadAsFoundationReadsThem() throws {
        for seed in UInt64(1)...5000 {
            let json = OddDocument(seed: seed).json
            let expected = try JSONSerialization.jsonObject(with: Data(json.utf8)) as! NSObject
            let found = Array(json.utf8).withUnsafeBytes { bytes in
                var cursor = JSONCursor(bytes: bytes)
                let found = value(&cursor)
                #expect(cursor.position == bytes.count, "seed \(seed)")
                return found
            }
            #expect(found == expected, "seed \(seed): \(json)")
        }
    }

    @Test func membersAreThoseOfTheCursor() throws {
        for seed in UInt64(1)...500 {
            let json = OddDocument(seed: seed).json
            let expected = try JSONSerialization.jsonObject(with: Data(json.utf8))
            Array(json.utf8).withUnsafeBytes { bytes in
                var members = JSONMembers(bytes)
                var found: [String] = []
                while let (key, value) = members.next() {
                    found.append(Self.decoded(key))
                    if !key.isEmpty { #expect(JSONMembers.value(of: key, in: bytes)?.baseAddress == value.baseAddress) }
                }
                if let object = expected as? [String: Any] {
                    #expect(Set(found) == Set(object.keys) && found.count == object.count)
                } else {
                    #expect(found.count == (expected as? [Any])?.count)
                }
            }
        }
    }

    /// Bytes changed and cut off at random, the last one before memory that must not be read: a read beyond them ends the
    /// process, a walk without an end ends the test.
    @Test(.timeLimit(.minutes(1))) func brokenDocumentsEndTheWalkWithinTheirBytes() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let length = 4 * page
        let memory = try #require(mmap(nil, length + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(memory, length + page) }
        #expect(mprotect(memory + length, page, PROT_NONE) == 0)
        let odd = Array("{}[]\",:\\u".utf8)
        for seed in UInt64(1)...5000 {
            var random = SeededGenerator(seed: seed)
            var bytes = Array(OddDocument(seed: seed).json.utf8.prefix(length))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = odd.randomElement(using: &random)!
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            let place = memory + length - bytes.count
            bytes.withUnsafeBytes { place.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
            let text = UnsafeRawBufferPointer(start: place, count: bytes.count)
            var cursor = JSONCursor(bytes: text)
            _ = value(&cursor)
            var members = JSONMembers(text)
            while members.next() != nil {}
            _ = text.text
        }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        var cursor = JSONCursor(bytes: nothing)
        #expect(!cursor.beginObject() && cursor.nextKey() == nil && !cursor.nextElement() && cursor.value().isEmpty)
        #expect(nothing.text.isEmpty && nothing.jsonText == nil && nothing.integer == nil && nothing.equals(nothing))
    }

    /// Code units in any order, whole pairs and halves: Swift's own repair is the judge.
    @Test func unitsOfUTF16BecomeTheirText() {
        var random = SeededGenerator(seed: 7)
        let odd: [UInt16] = [0xD83D, 0xDE00, 0xD800, 0xDFFF, 0x41, 0x70ED, 0x0A, 0xFFFF]
        for _ in 0..<2000 {
            let units = (0..<Int.random(in: 1...8, using: &random)).map { _ in odd.randomElement(using: &random)! }
            let json = "\"" + units.map { String(format: "\\u%04x", $0) }.joined() + "\""
            let text = Array(json.utf8).withUnsafeBytes { $0.jsonText }
            #expect(text == String(decoding: units, as: UTF16.self), "\(json)")
        }
    }

    @Test(arguments: [
        ("\"a\\qb\"", "a\u{FFFD}b"), ("\"\\u12\"", "\u{FFFD}12"), ("\"\\uZZZZ\"", "\u{FFFD}ZZZZ"),
        ("\"\\uD83Dx\"", "\u{FFFD}x"), ("\"\\u+123\"", "\u{FFFD}+123"),
    ])
    func whatIsNoEscapeBecomesAReplacementCharacter(_ json: String, _ text: String) {
        #expect(Array(json.utf8).withUnsafeBytes { $0.jsonText } == text)
    }

    @Test func numbersThatDoNotFitAreNone() {
        func integer(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBytes { $0.integer } }
        for value in [0, 7, -7, .max, .min, 999_999_999_999_999_999, -99_999_999_999_999_999] as [Int64] {
            #expect(integer("\(value)") == value)
        }
        for text in [
            "", "-", "1.5", "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "+1", "\"1\"",
        ] {
            #expect(integer(text) == nil, "\(text)")
        }
    }
}
