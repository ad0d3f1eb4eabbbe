import Answers
import Foundation
import HeatModel
import Pages
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Gateway

/// Where each value of an account is from, what was said to its people, who an entry could be of, and a run while it is at work.
@Suite struct ConsoleValueTests {
    private func enter(_ site: GatewaySite, _ secret: String) async throws -> ConsoleBrowser {
        let browser = ConsoleBrowser(site)
        browser.fields = ["Accept-Language": "en"]
        try await browser.logIn(secret)
        return browser
    }

    /// The first account with so many records of a list of its view, and the view.
    private func account(with list: String, atLeast count: Int, in site: GatewaySite) throws -> (
        number: String, view: [String: Any]
    ) {
        for number in try site.store.read({ try $0.accounts(after: nil, limit: 300, at: nil).map(\.number) }) {
            let view = try Array(number.utf8).withUnsafeBytes { number in
                try site.store.read { try $0.view(number: number)?.body ?? [] }
            }
            let object = (try? JSONSerialization.jsonObject(with: Data(view))) as? [String: Any] ?? [:]
            if (object[list] as? [Any] ?? []).count >= count { return (number, object) }
        }
        throw POSIXError(.ENOENT)
    }

    @Test func eachValueOfAnAccountLeadsToItsRow() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = try await enter(site, try site.token(.assistant, .pii, .engineer, .auditor, .desk))
            var followed: Set<String> = []
            for (list, count) in [
                ("temperatures", 2), ("readings", 2), ("suspensions", 1), ("disconnections", 1), ("payments", 1),
                ("work_order_events", 2),
            ] {
                let number = try account(with: list, atLeast: count, in: site).number
                let page = try await browser.get("/console/account?number=\(number)")
                page.expectPage("\(list) of \(number)")
                for match in page.text.matches(of: #/href="(/console/trace\?[^"]+)"/#) {
                    let path = String(match.1).replacing("&amp;", with: "&")
                    // One of each field of each stream.
                    let kind = path.replacing(#/number=[^&]*&|%2F[^&]*|\d{4}-\d{4}/#, with: "")
                    guard followed.insert(kind).inserted else { continue }
                    let trace = try await browser.get(path)
                    #expect(trace.status == 200 && trace.text.contains("<section>"), "\(path): \(trace.status)")
                }
            }
            let values = [
                "billing.charges": ["season", "item", "quantity", "unit_price", "due", "received", "status"],
                "billing.payments": ["paid_at", "amount", "channel", "serial", "reversed", "invoice_number"],
                "billing.readings": ["read_at", "meter", "start_value", "end_value", "consumption"],
                "billing.suspensions": ["season", "kind", "from", "to", "ratio", "state"],
                "billing.disconnections": ["on", "restorable", "state"],
                "dispatch.temperatures": ["measured_at", "celsius", "place", "method"],
                "dispatch.workOrders": ["number", "kind", "state", "created_at", "crew"],
                "dispatch.workOrderEvents": ["state", "actor"],
            ]
            for (stream, fields) in values {
                for field in fields {
                    let path = "/console/trace?field=\(field)&record=\(stream)"
                    #expect(followed.contains(path), "\(path)")
                }
            }
            for field in ["due", "received", "discount", "reduction", "penalty", "arrears"] {
                #expect(followed.contains("/console/trace?field=\(field)&season="), "\(field)")
            }
        }
    }

    /// An account's page says in Chinese what its records say in codes.
    @Test func everyCodeOfAnAccountsRecordsHasWords() {
        let kinds: [EntityKind] = [
            .account, .premises, .charge, .payment, .roomTemperature, .suspension, .disconnection, .workOrder,
            .workOrderEvent,
        ]
        for kind in kinds {
            let isFact = [.account, .premises].contains(kind)
            for field in kind.fields {
                guard case .code(let codes) = field.type, field.name != "satisfaction" else { continue }
                let about = isFact ? field.jsonKey : kind == .workOrderEvent ? "workOrder" : kind.rawValue
                for code in codes where !["kWh", "GJ", "MWh", "MJ"].contains(code) {
                    let word = Tongue.chinese.word(code, of: about)
                    #expect(!word.utf8.allSatisfy { $0 < 0x80 }, "\(kind) \(field.name): \(code)")
                }
            }
        }
    }

    @Test func aSeasonsFigureIsTheSumOfItsRows() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = try await enter(site, try site.token(.engineer))
            let (number, view) = try account(with: "seasons", atLeast: 2, in: site)
            let season = try #require((view["seasons"] as? [[String: Any]])?.first?["season"] as? String)
            let own = (view["charges"] as? [[String: Any]] ?? []).filter {
                $0["season"] as? String == season && $0["repeats"] == nil
            }
            let page = try await browser.get("/console/trace?number=\(number)&field=due&season=\(season)")
            page.expectPage("season")
            #expect(page.text.contains("is the sum of these rows") && !own.isEmpty)
            #expect(page.text.components(separatedBy: "<section>").count - 1 == own.count)
        }
    }

    @Test func temperaturesAreACurveWithTheEndsOfItsAxes() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = try await enter(site, try site.token(.engineer))
            let (number, view) = try account(with: "temperatures", atLeast: 2, in: site)
            let page = try await browser.get("/console/account?number=\(number)")
            let measured = (view["temperatures"] as? [[String: Any]] ?? []).compactMap { $0["celsius"] as? String }
            let sorted = measured.sorted { (Double($0) ?? 0) < (Double($1) ?? 0) }
            for end in [try #require(sorted.first), try #require(sorted.last)] {
                #expect(page.text.contains("text-anchor=\"end\">\(end) ℃</text>"), "\(end)")
            }
            for value in measured { #expect(page.text.contains(">\(value)</a>"), "\(value)") }
        }
    }

    /// However much there is of an account, its page stays small, and says what it leaves out.
    @Test func thePageOfAnAccountWithVeryMuchIsBounded() async throws {
        let day = "2026-01-15T09:06:59+08:00"
        let rows: [String: [String: any Sendable]] = [
            "charges": [
                "source": "billing.charges", "key": "10013408", "season": "2024-2025", "item": "heatMetered",
                "quantity": "13174.000", "unit": "kWh", "unit_price": "0.130", "due": "109695.00",
                "received": "109695.00",
                "status": "unpaid",
            ],
            "payments": [
                "source": "billing.payments", "key": "L000300000000", "paid_at": day, "amount": "109695.00",
                "channel": "bankTransfer", "serial": "L000300000000", "invoice_number": "FP0000000000",
            ],
            "readings": [
                "source": "billing.readings", "key": "50005028", "meter": "RB04000419", "read_at": day,
                "start_value": "11271.000", "end_value": "13771.000", "consumption": "2500.000", "unit": "kWh",
            ],
            "temperatures": [
                "source": "dispatch.temperatures", "key": "WX020000301,1", "measured_at": day, "celsius": "19.2",
                "place": "客厅", "method": "visit",
            ],
            "suspensions": [
                "source": "billing.suspensions", "key": "70000001", "season": "2025-2026", "kind": "partial",
                "from": "2025-11-15", "to": "2026-03-15", "ratio": "0.5000", "state": "approved",
            ],
            "disconnections": [
                "source": "billing.disconnections", "key": "80000001", "on": "2025-11-15", "restorable": true,
                "state": "requested",
            ],
            "seasons": [
                "season": "2025-2026", "due": "109695.00", "received": "109695.00", "discount": "0.00",
                "reduction": "0.00",
                "penalty": "0.00", "arrears": "109695.00",
            ],
        ]
        let event = [
            "source": "dispatch.workOrderEvents", "key": "WX020000301,1", "state": "closed", "at": day, "actor": "周*",
            "note": "***",
        ]
        let order: [String: any Sendable] = [
            "source": "dispatch.workOrders", "key": "WX020000301", "number": "WX020000301", "kind": "noHeat",
            "state": "closed", "created_at": day, "crew": "抢修3班", "events": Array(repeating: event, count: 60),
        ]
        try await GatewaySite.with(doors: { parts in
            ConsoleBrowser.doors(
                parts,
                document: { kind, json in
                    guard var object = (try? JSONSerialization.jsonObject(with: Data(json))) as? [String: Any] else {
                        return json
                    }
                    switch kind {
                    case .account: for (list, row) in rows { object[list] = Array(repeating: row, count: 60) }
                    case .workOrders: object["work_orders"] = Array(repeating: order, count: 60)
                    case .history:
                        let versions = (1...300).map { ["run": $0, "at": day] as [String: Any] }
                        object["records"] = [["stream": "billing.charges", "key": "1", "versions": versions]]
                    default: return json
                    }
                    return (try? JSONSerialization.data(withJSONObject: object)).map { Array($0) } ?? json
                })
        }) { site in
            let browser = try await enter(site, try site.token(.assistant, .pii, .engineer, .auditor, .desk))
            let page = try await browser.get("/console/account?number=\(site.number)")
            page.expectPage("an account with very much")
            #expect(page.text.components(separatedBy: " of 60 are shown").count > 10, "\(page.body.count)")
        }
    }

    @Test func theWordsOfAConversationAreOneClickAway() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let id = try site.store.write { store in
                let made = try store.openConversation(
                    account: site.number, channel: "web", language: "zh", isElderly: false, caller: "t")
                for (speaker, words) in [(Turn.Speaker.customer, "热费<b>怎么</b>比别人高"), (.assistant, "因为面积大。\n还有")] {
                    _ = try store.addTurn(
                        Turn(number: 0, speaker: speaker, at: made.openedAt, words: words, caller: "t"), to: made.id)
                }
                return made.id.number
            }
            let auditor = try await enter(site, try site.token(.auditor))
            let path = "/console/conversation?id=\(id)"
            #expect(try await auditor.get("/console/account?number=\(site.number)").text.contains("href=\"\(path)\""))
            let page = try await auditor.get(path)
            page.expectPage("conversation")
            #expect(page.text.contains("热费&lt;b&gt;怎么&lt;/b&gt;比别人高") && page.text.contains("<p>还有</p>"))
            #expect(page.text.contains("<b>Customer</b>") && page.text.contains("number=\(site.number)"))
            let log = try await auditor.get("/console/access?account=\(site.number)")
            #expect(log.text.contains("console:conversations show"))
            for (wrong, status) in [("?id=99", 404), ("?id=x", 400), ("?id=\(id)&after=x", 400), ("", 400)] {
                let refused = try await auditor.get("/console/conversation" + wrong)
                refused.expectPage(wrong)
                #expect(refused.status == status, "\(wrong): \(refused.status)")
            }
            // Who may ask for it, and who not.
            for (scope, status) in [(Scope.assistant, 200), (.desk, 200), (.engineer, 403)] {
                let answer = try await enter(site, try site.token(scope)).get(path)
                answer.expectPage("\(scope)")
                #expect(answer.status == status, "\(scope): \(answer.status)")
                #expect(answer.text.contains("比别人高") == (status == 200), "\(scope)")
            }
        }
    }

    @Test func aRunIsShownWhileItIsAtWork() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = try await enter(site, try site.token(.engineer))
            let run = try site.beginRun()
            let path = "/console/runs/\(run)"
            func look(_ state: String, _ marks: String...) async throws {
                let page = try await browser.get(path)
                page.expectPage(state)
                // The part that the script looks at again holds all of it.
                let live = page.text.components(separatedBy: "<div id=\"live\">").last ?? ""
                for mark in [state] + marks { #expect(live.contains(mark), "\(mark)") }
            }
            try await look("class=\"busy\">running<")
            var counts = RunCounts()
            (counts.read, counts.new, counts.unchanged) = (4321, 321, 4000)
            var log = RunLog()
            log.add(RunLog.Line(after: 1500, .info, "pulls from the table"))
            try site.store.write { store in
                try store.noteCounts(run: RunID(run), counts, cursorAfter: nil)
                try store.noteLog(run: RunID(run), log)
            }
            try await look("class=\"busy\">running<", ">4321<", ">321<", ">4000<", "pulls from the table", "1.500")
            try site.store.write { store in
                try store.endRun(RunID(run), state: .success, at: .now, error: nil, totals: [])
            }
            try await look("class=\"well\">success<", ">4321<")
        }
    }

    @Test func whoAnEntryCouldBeOfIsToldMasked() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            try site.quarantine(1, candidates: [site.number, "09999999"])
            let entry = try #require(
                try site.store.read {
                    try $0.quarantine(stream: nil, state: .open, code: "match.ambiguousId", after: nil, limit: 500)
                }.first { $0.place.hasPrefix("a.csv") })
            let facts = try #require(try site.facts()[site.number])
            let (holder, community) = (
                try #require(facts["holder_name"] as? String), try #require(facts["community"] as? String)
            )
            let browser = try await enter(site, try site.token(.engineer))
            let page = try await browser.get("/console/quarantine/\(entry.id.number)")
            page.expectPage("entry")
            let choice = try #require(page.text.components(separatedBy: "value=\"\(site.number)\"").last?.prefix(500))
            #expect(
                choice.contains("holder name \(holder.prefix(1))*") && choice.contains("community \(community)"),
                "\(choice)")
            #expect(!page.text.contains(holder) && !page.text.contains(site.identity))
            // Of one that is no account any more the page says so.
            let gone = try #require(page.text.components(separatedBy: "value=\"09999999\"").last?.prefix(500))
            #expect(gone.contains("class=\"missing\""), "\(gone)")
            let auditor = try await enter(site, try site.token(.auditor))
            let log = try await auditor.get("/console/access?account=\(site.number)")
            #expect(log.text.contains("console:account"))
        }
    }

    @Test func anEntryLeadsToTheLineOfItsRule() async throws {
        let path = Mutex("")
        try await GatewaySite.with(doors: { parts in
            ConsoleBrowser.doors(parts, configuration: { path.withLock(\.self) })
        }) { site in
            path.withLock { $0 = site.configuration }
            let entry = try #require(
                try site.store.read {
                    try $0.quarantine(stream: nil, state: .open, code: "record.badDate", after: nil, limit: 500)
                }.first { $0.stream == "billing.charges" })
            let lines = try String(contentsOfFile: site.folder + "/Mappings/billing.charges.yaml", encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false)
            let index = try #require(lines.firstIndex { $0.contains("{column: \(entry.column ?? ""),") })
            let link = "/console/sources/mapping?stream=billing.charges&amp;line=\(index + 1)"
            let engineer = try await enter(site, try site.token(.engineer))
            let page = try await engineer.get("/console/quarantine/\(entry.id.number)")
            page.expectPage("entry")
            // In the row of the column, and beside what is to be done.
            #expect(page.text.components(separatedBy: "href=\"\(link)\">billing.charges.yaml:\(index + 1)").count == 3)
            let mapping = try await engineer.get(link.replacing("&amp;", with: "&"))
            mapping.expectPage("mapping")
            #expect(mapping.text.contains("data-line=\"\(index + 1)\"") && mapping.text.contains("Line \(index + 1):"))
            for line in ["0", "-1", "99999", "x"] {
                let other = try await engineer.get("/console/sources/mapping?stream=billing.charges&line=\(line)")
                #expect(other.status == 200 && !other.text.contains("data-line"), "\(line)")
            }
            // Who may not see the mapping is told its place.
            let auditor = try await enter(site, try site.token(.auditor))
            let read = try await auditor.get("/console/quarantine/\(entry.id.number)")
            #expect(read.text.contains("billing.charges.yaml:\(index + 1)") && !read.text.contains("sources/mapping"))
        }
    }
}
