import JSONText

// What is kept of a turn, as JSON with sorted keys: what JSONEncoder makes of the same, without its boxes. ``Mind/init(kept:)`` reads a mind.

extension Mind {
    var json: [UInt8] {
        var json = JSONBytes(capacity: 2048)
        json.raw("{")
        json.member("account", account)
        json.member("address", address)
        json.member("alarm", alarm)
        json.list("frames", frames) { $0.write(to: &$1) }
        json.member("intent", intent)
        json.member("isElderly", isElderly)
        json.member("isPlain", isPlain)
        json.member("lastIntent", lastIntent)
        json.member("lastKey", lastKey)
        json.member("lastTurn", lastTurn)
        json.list("offered", offered) { $0.write(to: &$1) }
        json.member("order", order)
        json.list("parked", parked) { $0.write(to: &$1) }
        json.list("photos", photos) { $0.write(to: &$1) }
        json.member("queue", queue)
        if let reported {
            json.key("reported")
            json.raw("{")
            json.member("account", reported.account)
            json.member("request", reported.request)
            json.raw("}")
        }
        json.object("slots", slots)
        json.member("unclear", Int64(unclear))
        if let unread { json.list("unread", unread) { $1.integer(Int64($0)) } }
        json.raw("}")
        return json.bytes
    }
}

extension Mind.Frame {
    fileprivate func write(to json: inout JSONBytes) {
        json.raw("{")
        json.member("flow", flow)
        json.member("misses", Int64(misses))
        json.member("state", state)
        json.raw("}")
    }
}

extension Mind.Parked {
    fileprivate func write(to json: inout JSONBytes) {
        json.raw("{")
        json.list("frames", frames) { $0.write(to: &$1) }
        json.member("intent", intent)
        json.object("slots", slots)
        json.raw("}")
    }
}

extension Mind.Offer {
    fileprivate func write(to json: inout JSONBytes) {
        json.raw("{")
        json.member("digit", digit.map(Int64.init))
        json.member("id", id)
        json.member("says", says)
        json.member("words", words)
        json.raw("}")
    }
}

extension CustomerTurn.Attachment {
    fileprivate func write(to json: inout JSONBytes) {
        json.raw("{")
        json.member("address", address)
        json.member("mediaType", mediaType)
        json.member("sha256", sha256)
        json.raw("}")
    }
}

extension AssistantReply {
    var json: [UInt8] {
        var json = JSONBytes(capacity: 4096)
        json.raw("{")
        json.member("conversation", conversation)
        json.member("holder", holder.rawValue)
        json.list("messages", messages) { $0.write(to: &$1) }
        json.raw("}")
        return json.bytes
    }
}

extension AssistantReply.Message {
    fileprivate func write(to json: inout JSONBytes) {
        json.raw("{")
        if let chart {
            json.key("chart")
            json.raw("{")
            json.list("bars", chart.bars) { bar, json in
                json.raw("{")
                json.member("fen", bar.fen)
                json.member("label", bar.label)
                json.member("words", bar.words)
                json.raw("}")
            }
            json.member("title", chart.title)
            json.raw("}")
        }
        json.list("choices", choices) { choice, json in
            json.raw("{")
            json.member("digit", choice.digit.map(Int64.init))
            json.member("id", choice.id)
            json.member("words", choice.words)
            json.raw("}")
        }
        json.member("entry", entry)
        json.member("full", full)
        if let link {
            json.key("link")
            json.raw("{")
            json.member("address", link.address)
            json.member("words", link.words)
            json.raw("}")
        }
        json.member("plain", plain)
        json.member("short", short)
        json.member("spoken", spoken)
        json.list("steps", steps) { step, json in
            json.raw("{")
            json.member("picture", step.picture)
            json.member("pictureWords", step.pictureWords)
            json.member("words", step.words)
            json.raw("}")
        }
        json.member("wants", wants.rawValue)
        json.raw("}")
    }
}

extension JSONBytes {
    fileprivate mutating func list<Element>(
        _ name: String, _ elements: [Element], _ write: (Element, inout JSONBytes) -> Void
    ) {
        key(name)
        raw("[")
        for element in elements {
            separate()
            write(element, &self)
        }
        raw("]")
    }

    fileprivate mutating func object(_ name: String, _ members: [String: String]) {
        key(name)
        raw("{")
        for (name, value) in members.sorted(by: { $0.key < $1.key }) { member(name, value) }
        raw("}")
    }
}
