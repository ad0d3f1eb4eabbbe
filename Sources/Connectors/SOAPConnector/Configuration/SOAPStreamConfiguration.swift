import ConfigurationFiles
import HeatModel
import Records
import Yams

// What a stream of the section says.

extension ConfigurationReader {
    mutating func soapStream(_ name: String, _ body: Section) -> SOAPStream? {
        expect(
            body,
            only: [
                "operation", "action", "body", "record", "fields", "key", "pages", "token", "window", "cursor", "total",
                "snapshot", "trim", "inner", "success", "fresh",
            ],
            in: "a SOAP stream")
        guard let template = required("body", in: body, of: "stream \(name)"),
            let record = required("record", in: body, of: "stream \(name)"),
            let fieldSection = section(of: "fields", in: body)
        else {
            if body["fields"] == nil { report(.configMissingKey, "stream \(name) needs \"fields\"", at: body.place) }
            return nil
        }
        var stream = SOAPStream(name: name, body: template, recordPath: record, fields: soapFields(fieldSection))
        if let operation = text(of: "operation", in: body) { stream.operation = operation }
        stream.action = text(of: "action", in: body)
        if let key = texts(of: "key", in: body) { stream.key = key }
        if let snapshot = flag(of: "snapshot", in: body) { stream.isSnapshot = snapshot }
        if let trim = flag(of: "trim", in: body) { stream.trimsWhitespace = trim }
        stream.innerPath = text(of: "inner", in: body)
        if let success = section(of: "success", in: body) { stream.success = soapSuccess(success) }
        let ways = ["pages", "token", "window"].filter { body[$0] != nil }
        if ways.count > 1 {
            report(
                .configBadValue,
                "stream \(name) has \(ways.joined(separator: " and ")): it can be read in one way only",
                at: body[ways[1]]!)
        }
        var statedTotal: String?
        if let pages = section(of: "pages", in: body) {
            expect(pages, only: ["size", "first", "hasMore", "count", "total"], in: "pages")
            if let node = pages["total"], body["total"] != nil {
                report(.configBadValue, "the stream's total stands twice: under pages and beside it", at: node)
            }
            statedTotal = text(of: "total", in: pages)
            stream.paging = .pages(
                .init(
                    pageSize: integer(of: "size", in: pages, atLeast: 1, atMost: 1_000_000_000) ?? 1000,
                    firstPage: integer(of: "first", in: pages, atMost: 1_000_000_000) ?? 1,
                    hasMorePath: text(of: "hasMore", in: pages), countPath: text(of: "count", in: pages)))
        } else if let token = section(of: "token", in: body) {
            expect(token, only: ["next", "size", "durable", "absent"], in: "token")
            let absent = text(of: "absent", in: token) ?? "error"
            if absent != "error" && absent != "end" {
                report(.configBadValue, "\"absent\" must be end or error", at: token["absent"]!)
            }
            if let next = required("next", in: token, of: "token") {
                stream.paging = .token(
                    .init(
                        nextTokenPath: next, pageSize: integer(of: "size", in: token, atLeast: 1) ?? 1000,
                        isDurable: flag(of: "durable", in: token) ?? false, absentIsEnd: absent == "end"))
            }
        } else if let window = section(of: "window", in: body) {
            if let paging = soapWindow(window) { stream.paging = .window(paging) }
        }
        if let fresh = section(of: "fresh", in: body) {
            expect(fresh, only: ["operation", "action", "body", "from"], in: "fresh")
            if let template = required("body", in: fresh, of: "fresh") {
                if !template.contains("{{account}}") {
                    report(
                        .configBadValue, "the body does not say whose records are wanted: {{account}} stands nowhere",
                        at: fresh["body"]!)
                }
                stream.fresh = .init(
                    operation: text(of: "operation", in: fresh), action: text(of: "action", in: fresh), body: template,
                    key: AccountKey(from: self.column(of: "from", in: fresh)))
            }
        }
        if let cursor = section(of: "cursor", in: body) { stream.cursor = soapCursor(cursor) }
        if let path = statedTotal { stream.total = SOAPTotal(path: path, scope: .pass) }
        if let total = section(of: "total", in: body) {
            expect(total, only: ["path", "scope"], in: "total")
            if let path = required("path", in: total, of: "total") {
                stream.total = SOAPTotal(
                    path: path, scope: choice(of: "scope", in: total, SOAPTotal.Scope.self) ?? .envelope)
            }
        }
        return stream
    }

    private mutating func soapFields(_ section: Section) -> [SOAPField] {
        var fields: [SOAPField] = []
        for entry in section.entries {
            if case Node.scalar = entry.value {
                if let path = name(entry.value, "a path") { fields.append(SOAPField(entry.name, path)) }
                continue
            }
            guard let body = self.section(entry.value, "field \(entry.name)") else { continue }
            expect(body, only: ["path", "repeated", "join", "optional"], in: "a field")
            guard let path = required("path", in: body, of: "field \(entry.name)") else { continue }
            var repeated = SOAPField.Repeated.reject
            if let node = body["join"], body["repeated"] != nil {
                report(
                    .configBadValue, "\(entry.name) has \"repeated\" and \"join\": one of them says enough", at: node)
            }
            if let join = text(of: "join", in: body) {
                repeated = .join(join)
            } else if let text = text(of: "repeated", in: body) {
                switch text {
                case "reject": repeated = .reject
                case "first": repeated = .first
                case "last": repeated = .last
                default: report(.configBadValue, "\"repeated\" must be reject, first or last", at: body["repeated"]!)
                }
            }
            fields.append(
                SOAPField(entry.name, path, repeated: repeated, isOptional: flag(of: "optional", in: body) ?? false))
        }
        return fields
    }

    private mutating func soapWindow(_ section: Section) -> SOAPPaging.Window? {
        expect(section, only: ["startsAt", "step", "settle", "lookback", "format"], in: "window")
        guard let text = required("startsAt", in: section, of: "window") else { return nil }
        guard let start = Instant(text) else {
            report(
                .configBadValue, "\"startsAt\" must be an instant such as 2024-10-01T00:00:00+08:00",
                at: section["startsAt"]!)
            return nil
        }
        var window = SOAPPaging.Window(startsAt: start)
        if let seconds = seconds(of: "step", in: section, atLeast: 1) { window.step = Int64(seconds) }
        if let seconds = seconds(of: "settle", in: section) { window.settle = Int64(seconds) }
        if let seconds = seconds(of: "lookback", in: section) { window.lookback = Int64(seconds) }
        if let format = choice(of: "format", in: section, SOAPPaging.InstantFormat.self) { window.format = format }
        return window
    }

    private mutating func soapCursor(_ section: Section) -> SOAPCursorField? {
        expect(section, only: ["column", "order", "lookback", "startsAt"], in: "cursor")
        guard let column = required("column", in: section, of: "cursor") else { return nil }
        var cursor = SOAPCursorField(column: column)
        if let text = text(of: "order", in: section) {
            if let order = SOAPCursorField.Order(rawValue: text) {
                cursor.order = order
            } else if let spelling = CursorOrder(declared: text) {
                cursor.spelling = spelling
            } else {
                report(
                    .configBadValue,
                    "\"order\" must be instant, \(CursorOrder.words.dropFirst().joined(separator: ", ")) or a spelling such as yyyy/M/d H:mm:ss",
                    at: section["order"]!)
            }
        }
        let isTime = cursor.spelling?.isTime ?? (cursor.order == .instant)
        let lookback =
            isTime
            ? seconds(of: "lookback", in: section) : integer(of: "lookback", in: section)
        if let lookback { cursor.lookback = Int64(lookback) }
        if let start = text(of: "startsAt", in: section) { cursor.startsAt = start }
        return cursor
    }
}
