import Foundation
import JSONText

extension Mind {
    /// What was kept. Read by hand, which is right where writing it again gives the same bytes; all else (another program's order, blanks,
    /// damage) is JSONDecoder's.
    ///
    /// - Throws: `DecodingError` for what is no such thing.
    init(kept bytes: [UInt8]) throws {
        let read = bytes.withUnsafeBytes { Mind(reading: $0) }
        self = read.json == bytes ? read : try JSONDecoder().decode(Mind.self, from: Data(bytes))
    }

    private init(reading json: UnsafeRawBufferPointer) {
        var members = JSONMembers(json)
        while let (key, value) = members.next() {
            switch String(decoding: key, as: UTF8.self) {
            case "account": account = value.jsonText
            case "address": address = value.jsonText
            case "alarm": alarm = value.jsonText
            case "frames": frames = value.elements.map(Frame.init(reading:))
            case "intent": intent = value.jsonText
            case "isElderly": isElderly = value.isTrue
            case "isPlain": isPlain = value.isTrue
            case "lastIntent": lastIntent = value.jsonText
            case "lastKey": lastKey = value.jsonText
            case "lastTurn": lastTurn = value.integer
            case "offered": offered = value.elements.map(Offer.init(reading:))
            case "order": order = value.jsonText
            case "parked": parked = value.elements.map(Parked.init(reading:))
            case "photos": photos = value.elements.map(CustomerTurn.Attachment.init(reading:))
            case "queue": queue = value.texts
            case "reported": reported = Reported(reading: value)
            case "slots": slots = value.slots
            case "unclear": unclear = value.count(or: 0)
            case "unread": unread = value.elements.map { UInt8(clamping: $0.integer ?? 0) }
            default: break
            }
        }
    }
}

extension Mind.Frame {
    fileprivate init(reading json: UnsafeRawBufferPointer) {
        self.init(flow: json.member("flow"), state: json.member("state"))
        misses = JSONMembers.value(of: "misses", in: json)?.count(or: 0) ?? 0
    }
}

extension Mind.Parked {
    fileprivate init(reading json: UnsafeRawBufferPointer) {
        self.init(
            frames: JSONMembers.value(of: "frames", in: json)?.elements.map(Mind.Frame.init(reading:)) ?? [],
            slots: JSONMembers.value(of: "slots", in: json)?.slots ?? [:], intent: json.member("intent"))
    }
}

extension Mind.Reported {
    fileprivate init(reading json: UnsafeRawBufferPointer) {
        self.init(account: json.member("account"), request: JSONMembers.value(of: "request", in: json)?.integer)
    }
}

extension Mind.Offer {
    fileprivate init(reading json: UnsafeRawBufferPointer) {
        self.init(
            id: json.member("id"), words: json.member("words"),
            digit: JSONMembers.value(of: "digit", in: json)?.count(or: 0),
            says: JSONMembers.value(of: "says", in: json)?.texts ?? [])
    }
}

extension CustomerTurn.Attachment {
    fileprivate init(reading json: UnsafeRawBufferPointer) {
        self.init(address: json.member("address"), sha256: json.member("sha256"), mediaType: json.member("mediaType"))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var elements: [UnsafeRawBufferPointer] {
        var elements: [UnsafeRawBufferPointer] = []
        var members = JSONMembers(self)
        while let (_, value) = members.next() { elements.append(value) }
        return elements
    }

    fileprivate var texts: [String] { elements.map { $0.jsonText ?? "" } }

    fileprivate var isTrue: Bool { elementsEqual("true".utf8) }

    fileprivate var slots: [String: String] {
        var slots: [String: String] = [:]
        var members = JSONMembers(self)
        while let (key, value) = members.next() { slots[key.text] = value.jsonText ?? "" }
        return slots
    }

    fileprivate func count(or other: Int) -> Int { integer.flatMap { Int(exactly: $0) } ?? other }

    fileprivate func member(_ key: StaticString) -> String {
        JSONMembers.value(of: key, in: self)?.jsonText ?? ""
    }
}
