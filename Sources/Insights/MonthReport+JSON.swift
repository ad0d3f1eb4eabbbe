import JSONText

extension MonthReport {
    /// The document as UTF-8 JSON.
    package var json: [UInt8] {
        JSONObject.make { json in
            json.integer("version", Int64(version))
            json.text("month", month)
            json.integer("conversations", conversations)
            json.integer("turns", turns)
            json.integer("questions", questions)
            json.list("top_questions", topQuestions) { $1.write(&$0) }
            json.list("misunderstood", misunderstood) { json, entry in
                json.text("intent", entry.intent)
                json.integer("count", entry.count)
                json.integer("answers", entry.answers)
                json.list("examples", entry.examples) { $1.write(&$0) }
            }
            json.object("unanswered") { json in
                json.integer("count", unanswered.count)
                json.list("questions", unanswered.questions) { $1.write(&$0) }
            }
            json.integer("hand_offs", handOffs)
            json.list("hand_off_reasons", handOffReasons) { $1.write(&$0) }
            json.object("satisfaction") { json in
                json.integer("scored", satisfaction.scored)
                json.text("mean", satisfaction.mean)
                json.value("distribution") { out in
                    out.raw("[")
                    for count in satisfaction.distribution {
                        out.separate()
                        out.integer(count)
                    }
                    out.raw("]")
                }
                json.text("response_rate", satisfaction.responseRate)
                json.integer("solved", satisfaction.solved)
                json.integer("not_solved", satisfaction.notSolved)
                json.integer("visits_scored", satisfaction.visitsScored)
                json.text("visits_mean", satisfaction.visitsMean)
            }
            json.object("first_contact") { json in
                json.integer("conversations", firstContact.conversations)
                json.integer("resolved", firstContact.resolved)
                json.text("rate", firstContact.rate)
                json.integer("handed_off", firstContact.handedOff)
                json.integer("not_solved", firstContact.notSolved)
                json.integer("came_back", firstContact.cameBack)
                json.integer("without_account", firstContact.withoutAccount)
                json.integer("days", Int64(firstContact.days))
            }
        }
    }
}

extension MonthReport.Entry {
    fileprivate func write(_ json: inout JSONObject) {
        json.text("name", name)
        json.integer("count", count)
        json.list("examples", examples) { $1.write(&$0) }
    }
}

extension MonthReport.Example {
    fileprivate func write(_ json: inout JSONObject) {
        json.integer("conversation", conversation)
        json.integer("turn", turn)
        json.text("words", words)
    }
}
