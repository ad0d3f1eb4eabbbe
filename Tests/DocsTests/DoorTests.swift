import Foundation
import Pages
import Testing

@testable import Docs

/// What `/docs` answers.
@Suite struct DoorTests {
    private let mounts = DocsDoor().mounts

    private func get(_ path: String, _ query: [String: String] = [:], accept: String? = nil) throws -> WebAnswer {
        func values(_ mount: WebMount) -> [String]? {
            let (parts, segments) = (mount.path.split(separator: "/"), path.split(separator: "/"))
            guard parts.count == segments.count, mount.path.hasSuffix("/") == path.hasSuffix("/") else { return nil }
            var values: [String] = []
            for (part, segment) in zip(parts, segments) {
                if part.hasPrefix("{") { values.append(String(segment)) } else if part != segment { return nil }
            }
            return values
        }
        let found = try #require(
            mounts.first { $0.path == path } ?? mounts.first { values($0) != nil }, "nothing at \(path)")
        return try found.answer(
            WebRequest(
                .get, path, values: values(found) ?? [], query: query,
                fields: accept.map { ["accept-language": $0] } ?? [:]))
    }

    private func text(_ answer: WebAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test func theLanguageIsTheBrowsersOrTheAddresss() throws {
        func led(_ answer: WebAnswer) -> String? { answer.status == 303 ? answer.headers.first?.value : nil }
        #expect(led(try get("/docs")) == "/docs/zh")
        #expect(led(try get("/docs", accept: "en-GB,en;q=0.9,zh;q=0.1")) == "/docs/en")
        #expect(led(try get("/docs", ["lang": "zh"], accept: "en")) == "/docs/zh")
        #expect(led(try get("/docs/", accept: "en")) == "/docs")
        #expect(led(try get("/docs/mapping", accept: "en")) == "/docs/en/mapping")
        #expect(led(try get("/docs/mapping", ["lang": "fr"], accept: "de")) == "/docs/zh/mapping")
    }

    @Test func everyPageIsServed() throws {
        for language in Tongue.allCases {
            let list = text(try get("/docs/\(language.rawValue)"))
            for name in Manual.names + Manual.references.keys.sorted() {
                let answer = try get("/docs/\(language.rawValue)/\(name)")
                let page = text(answer)
                #expect(answer.status == 200 && answer.isKept && answer.type == "text/html; charset=utf-8")
                #expect(answer.headers.contains { $0.name == "Content-Security-Policy" && $0.value == Page.policy })
                #expect(page.contains("<html lang=\"\(language.tag)\">"))
                let other = language == .chinese ? "en" : "zh"
                #expect(page.contains("href=\"/docs/\(other)/\(name)\""))
                if Manual.names.contains(name) {
                    #expect(list.contains("href=\"/docs/\(language.rawValue)/\(name)\""))
                    #expect(page.contains("href=\"/docs/\(language.rawValue)/\(name)\" aria-current=\"page\""))
                }
                // Nothing of another host, no script, no style of its own.
                for match in page.matches(of: /(?:href|src|action)="([^"]*)"/) {
                    #expect(match.1.hasPrefix("/") && !match.1.hasPrefix("//") || match.1.hasPrefix("#"), "\(match.1)")
                }
                #expect(!page.contains("<script") && !page.contains("style=\"") && !page.contains("onclick"))
            }
        }
    }

    @Test func whatIsNotThereIsAPage() throws {
        for path in ["/docs/nothing", "/docs/en/nothing", "/docs/fr/start", "/docs/en/..%2f", "/docs/en/reference"] {
            let answer = try get(path, accept: "en")
            #expect(answer.status == 404 && !answer.isKept && text(answer).contains("There is no such page"), "\(path)")
        }
        #expect(text(try get("/docs/zh/x")).contains("没有这一页"))
    }

    @Test func filesAreTakenAway() throws {
        let rules = try get("/docs/files/alerts.yaml")
        #expect(rules.status == 200 && text(rules).contains("HearthDown"))
        let dashboard = try get("/docs/files/dashboard.json")
        #expect(try JSONSerialization.jsonObject(with: Data(dashboard.body)) is [String: Any])
        #expect(try get("/docs/docs.css").type == "text/css; charset=utf-8")
    }
}
