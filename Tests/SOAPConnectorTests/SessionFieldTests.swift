import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Synchronization
import TestTraits
import Testing

/// Sessions, cookies, and services that fail now and then.
@Suite(.waitsForServers) struct SessionFieldTests {
    static let fault = envelope(
        "<s:Fault><faultcode>s:CODE</faultcode><faultstring>会话已过期</faultstring></s:Fault>")

    static func login(_ path: String = "LoginResponse/Token") -> SOAPLogin {
        SOAPLogin(
            body: "<Login><u>{{user}}</u><w>{{password}}</w></Login>", path: path,
            credentials: .init(user: "hearth", password: "p<&\"'ä"))
    }

    // MARK: Cookies

    @Test(arguments: ["Path=/", "Path=/; HttpOnly", "Max-Age=600"]) func aCookieLivesForThePull(_ attributes: String)
        throws
    {
        let sessions = Counter()
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 3)))) { request in
            let page = Field.page(request, of: 9)
            let isFirst = sent("p", in: request.body) == "1"
            let cookie = "JSESSIONID=s\(sessions.count)"
            if isFirst {
                let headers = ["Set-Cookie: JSESSIONID=s\(sessions.next()); \(attributes)", "Set-Cookie: lb=a"]
                #expect(request.headers["cookie"] == nil)
                return .init(headers: headers, envelope("<R>\(Field.orders(page))</R>"))
            }
            let knows = request.headers["cookie"]?.contains(cookie) == true
            return .init(envelope("<R>\(knows ? Field.orders(page) : "")</R>"))
        }
        for _ in 0..<2 { #expect(try Field.pull(connector).rows.count == 9) }
        #expect(sessions.count == 2)
    }

    // MARK: Login

    /// How a service takes the session: in the body, in a header, as the cookie of the login.
    @Test(arguments: ["body", "header", "cookie", "attribute"]) func aLoginComesFirst(_ way: String) throws {
        var stream = Field.stream(.pages(.init(pageSize: 2)))
        if way == "body" || way == "attribute" {
            stream.body = "<Get><k>{{session}}</k><p>{{page}}</p><s>{{pageSize}}</s></Get>"
        }
        let connector = try Field.connector(
            stream, login: Self.login(way == "attribute" ? "LoginResponse/@token" : "LoginResponse/Token"),
            headers: way == "header" ? ["X-Token: {{session}}"] : []
        ) { request in
            if request.body.contains("<Login>") {
                guard sent("u", in: request.body) == "hearth", sent("w", in: request.body) == "p&lt;&amp;&quot;&apos;ä"
                else {
                    return .init(envelope("<LoginResponse/>"))
                }
                return .init(
                    headers: ["Set-Cookie: ASP=1; path=/"],
                    envelope(
                        way == "attribute"
                            ? "<LoginResponse token=\"T&amp;1\"/>"
                            : "<LoginResponse><Token> T&amp;1 </Token></LoginResponse>"))
            }
            let isKnown =
                switch way {
                case "header": request.headers["x-token"] == "T&1"
                case "cookie": request.headers["cookie"] == "ASP=1"
                default: sent("k", in: request.body) == "T&amp;1"
                }
            return isKnown
                ? .init(envelope("<R>\(Field.orders(Field.page(request, of: 5)))</R>"))
                : .init(status: 401, type: "text/html", "no")
        }
        #expect(try Field.pull(connector).rows.count == 5)
        #expect(connector.check().first?.verdict == .ok)
    }

    /// Every way to say that a session is over; after three requests it is.
    @Test(arguments: ["401", "client", "server", "code"]) func anExpiredSessionIsRenewed(_ way: String) throws {
        let uses = Mutex(0)
        let logins = Counter()
        var stream = Field.stream(
            .pages(.init(pageSize: 1)), success: way == "code" ? .init(path: "R/Code", values: ["0"]) : nil)
        stream.body = "<Get><k>{{session}}</k><p>{{page}}</p><s>{{pageSize}}</s></Get>"
        let connector = try Field.connector(stream, login: Self.login()) { request in
            if request.body.contains("<Login>") {
                uses.withLock { $0 = 0 }
                return .init(envelope("<LoginResponse><Token>T\(logins.next())</Token></LoginResponse>"))
            }
            let isOver = uses.withLock { uses in
                uses += 1
                return uses > 3 || sent("k", in: request.body) != "T\(logins.count)"
            }
            if isOver {
                switch way {
                case "401": return .init(status: 401, type: "text/html", "no")
                case "client": return .init(status: 500, Self.fault.replacing("CODE", with: "Client"))
                case "server": return .init(Self.fault.replacing("CODE", with: "Server"))
                default: return .init(envelope("<R><Code>-1</Code><Message>会话已过期</Message></R>"))
                }
            }
            return .init(envelope("<R><Code>0</Code>\(Field.orders(Field.page(request, of: 8)))</R>"))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.map { $0[0] } == (1...8).map { "A\($0)" } && logins.count == 3)
    }

    @Test func aLoginThatIsRefusedIsTold() throws {
        let answers: [(String, String)] = [
            (envelope("<LoginResponse/>"), "source.badAnswer"),
            (envelope("<LoginResponse><Token/></LoginResponse>"), "source.badAnswer"),
            (Self.fault.replacing("CODE", with: "Client"), "source.soapFault"),
            (envelope("<LoginResponse><Code>-5</Code><Message>密码错误</Message></LoginResponse>"), "source.badAnswer"),
        ]
        for (answer, code) in answers {
            let connector = try Field.connector(Field.stream(), login: Self.login()) { _ in .init(answer) }
            let error = thrown { _ = try Field.pull(connector) }
            #expect(error.code.name == code && !error.description.contains("p<&"))
            #expect(connector.check().first?.verdict == .failed)
        }
        var stream = Field.stream()
        stream.body = "<Get>{{session}}</Get>"
        expectCode("config.badRequest") { _ = try Field.connector(stream) { _ in .init("") } }
    }

    // MARK: Faults now and then

    /// One every few requests: no pass would end without further tries, and none begins again at the first page.
    @Test(arguments: [2, 3, 7], ["500", "200", "12"]) func faultsOfTheServerAreTriedAgain(_ every: Int, _ way: String)
        throws
    {
        let asked = Counter()
        let pages = Mutex<[String]>([])
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 1)))) { request in
            if asked.next() % every == 0 {
                if way == "12" {
                    return .init(
                        status: 500,
                        "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text>busy</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>"
                    )
                }
                return .init(status: way == "500" ? 500 : 200, Self.fault.replacing("CODE", with: "Server.Busy"))
            }
            pages.withLock { $0.append(sent("p", in: request.body)) }
            return .init(envelope("<R>\(Field.orders(Field.page(request, of: 20)))</R>"))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.map { $0[0] } == (1...20).map { "A\($0)" })
        #expect(pages.withLock { $0 } == (1...21).map(String.init))
    }

    @Test(arguments: [
        ("Client", ["Server"], 1), ("Server", ["Client"], 1), ("Client.Busy", ["Client.Busy"], 3),
        ("Client", ["Client"], 3), ("ServerX", ["Server"], 1),
    ])
    func whichFaultsAreTriedAgain(_ code: String, _ faults: [String], _ tries: Int) throws {
        let asked = Counter()
        let connector = try Field.connector(Field.stream(), faults: faults) { _ in
            _ = asked.next()
            return .init(status: 500, Self.fault.replacing("CODE", with: code))
        }
        expectCode("source.soapFault") { _ = try Field.pull(connector) }
        #expect(asked.count == tries)
        let refused = Counter()
        let other = try Field.connector(Field.stream(), faults: ["FailedAuthentication", "Server"]) { _ in
            _ = refused.next()
            return .init(status: 500, Self.fault.replacing("CODE", with: "FailedAuthentication"))
        }
        expectCode("source.unauthorized") { _ = try Field.pull(other) }
        #expect(refused.count == 1)
    }
}
