import JSONText

extension Answerer {
    /// Who looked at what, newest first, through whichever door.
    func accessLog(_ account: String?, after end: AccessPage.End?, limit: Int) throws -> Reply {
        let page = try log.entries(account: account, after: end, limit: limit)
        var json = JSONBytes()
        json.raw("{\"entries\":[")
        for entry in page.entries {
            json.separate()
            json.raw("{\"log\":")
            json.string(entry.log)
            json.raw(",\"position\":")
            json.integer(entry.position)
            if entry.json.count > 2 {
                json.raw(",")
                json.raw(Array(entry.json[1...]))
            } else {
                json.raw("}")
            }
        }
        json.raw("]")
        json.member("next", page.end?.description)
        json.raw("}")
        return Reply(AnswerDocument(json.bytes))
    }
}
