import Testing

@testable import Gateway

@Suite struct StreamFormTests {
    @Test(arguments: [
        (ServerSentEvent(data: ""), "data: \n\n"),
        (ServerSentEvent(data: "a\r\nb\rc\n"), "data: a\ndata: b\ndata: c\ndata: \n\n"),
        (
            ServerSentEvent(id: "1\u{0}2\n3", event: "x\ry", retry: 5, data: "é"),
            "id: 12\nevent: x\nretry: 5\ndata: é\n\n"
        ),
    ])
    func events(_ event: ServerSentEvent, _ wanted: String) {
        #expect(String(decoding: event.bytes, as: UTF8.self) == wanted)
    }

    @Test func ranges() {
        for whole in [nil, "", "lines=0-1", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-1", "bytes=0-1,3-4", "bytes=-x"]
        {
            #expect(ByteRange(whole, of: 10) == .whole, "\(whole ?? "–")")
        }
        #expect(ByteRange("Bytes=2-3", of: 10) == .part(2..<4) && ByteRange("bytes=-99", of: 10) == .part(0..<10))
        #expect(ByteRange("bytes=0-9223372036854775807", of: 10) == .part(0..<10))
        #expect(ByteRange("bytes=0-99999999999999999999", of: 10) == .whole)
        #expect(ByteRange("bytes=10-", of: 10) == .unsatisfiable && ByteRange("bytes=-0", of: 10) == .unsatisfiable)
        #expect(ByteRange("bytes=0-", of: 0) == .unsatisfiable)
    }
}
