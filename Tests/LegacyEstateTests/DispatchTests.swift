import HeatModel
import Testing

@testable import LegacyEstate

@Suite struct DispatchTests {
    private struct Pull: Decodable {
        var orders: [String]
        var events: Int
        var total: Int
        var pages: Int
        var temperatures: Int
        var outages: [String]
        var ongoing: Int
        var placeless: Int
        var recent: Int
        var badStatus: Int
        var badFault: String
        var wsdl: Int
        var addresses: Int
    }

    /// A client that is not ours: urllib and ElementTree, with its own password digest.
    private static let program = """
        import sys, json, os, base64, hashlib, urllib.request, urllib.error
        import xml.etree.ElementTree as ET
        url, kind, n = sys.argv[1], sys.argv[2], {'d': 'http://dispatch.nuancheng.example/ws/2026'}
        W = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-'
        def call(op, since, page, size, password='demo-dispatch-2026'):
            nonce, created = os.urandom(16), '2026-01-20T00:00:00Z'
            if kind == 'digest':
                value = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
                type_ = W + 'username-token-profile-1.0#PasswordDigest'
            else:
                value, type_ = password, W + 'username-token-profile-1.0#PasswordText'
            body = f'''<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>
            <w:Security xmlns:w="{W}wssecurity-secext-1.0.xsd"><w:UsernameToken><w:Username>hearth</w:Username>
            <w:Password Type="{type_}">{value}</w:Password><w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce>
            <u:Created xmlns:u="{W}wssecurity-utility-1.0.xsd">{created}</u:Created></w:UsernameToken></w:Security></s:Header>
            <s:Body><d:{op} xmlns:d="{n['d']}"><d:Since>{since}</d:Since><d:Page>{page}</d:Page>
            <d:PageSize>{size}</d:PageSize></d:{op}></s:Body></s:Envelope>'''
            request = urllib.request.Request(url, body.encode(), {'Content-Type': 'text/xml; charset=utf-8'})
            return ET.fromstring(urllib.request.urlopen(request).read())
        def everything(op, item, since='', size=100):
            found, page, total = [], 1, 0
            while True:
                answer = call(op, since, page, size)
                found += answer.findall('.//d:' + item, n)
                info = answer.find('.//d:Page', n)
                total = int(info.get('total'))
                if info.find('d:HasMore', n).text == 'false': break
                page += 1
            return found, total, page
        orders, total, pages = everything('QueryWorkOrders', 'WorkOrder')
        temperatures, _, _ = everything('QueryTemperatures', 'Temperature')
        outages, _, _ = everything('QueryOutages', 'Outage', '', 3)
        recent, _, _ = everything('QueryWorkOrders', 'WorkOrder', '2026-01-19T00:00:00+08:00')
        try:
            call('QueryWorkOrders', '', 1, 10, 'wrong'); status, fault = 200, ''
        except urllib.error.HTTPError as e:
            status, fault = e.code, ET.fromstring(e.read()).find('.//faultcode').text
        wsdl = ET.fromstring(urllib.request.urlopen(url + '?wsdl').read())
        print(json.dumps({'orders': [o.get('id') for o in orders], 'events': sum(len(o.findall('d:Events/d:Event', n)) for o in orders),
            'total': total, 'pages': pages, 'temperatures': len(temperatures), 'outages': [o.get('id') for o in outages],
            'ongoing': sum(o.find('d:State', n).text == '停供中' for o in outages),
            'placeless': sum(o.find('d:Station', n) is None and o.find('d:Community', n) is None for o in outages), 'recent': len(recent), 'badStatus': status,
            'badFault': fault, 'wsdl': len(list(wsdl.iter('{http://schemas.xmlsoap.org/wsdl/}operation'))),
            'addresses': sum(o.find('d:AccountNo', n) is None for o in orders)}))
        """

    @Test(arguments: ["text", "digest"]) func aForeignClientReadsItAll(_ kind: String) async throws {
        let estate = Estate(EstateOptions(accounts: 2000, seed: 14))
        let service = estate.dispatchService()
        let address = try await service.start()
        let pull = try await pythonJSON(apart: Pull.self, Self.program, [address, kind])
        await service.stop()
        #expect(pull.orders == (0..<estate.workOrderCount).map(Estate.workOrderNumber))
        #expect(pull.total == estate.workOrderCount && pull.pages == (estate.workOrderCount + 99) / 100)
        #expect(pull.events == (0..<estate.workOrderCount).reduce(0) { $0 + estate.workOrder($1).events.count })
        #expect(pull.temperatures == estate.temperatureCount)
        #expect(pull.outages == (0..<estate.outageCount).map(OutageFacts.id))
        #expect(pull.ongoing == 3 && pull.placeless == 0)
        let since = LocalTime(estate.options.today.adding(days: -1))
        #expect(pull.recent == (0..<estate.workOrderCount).count { estate.workOrder($0).updatedAt >= since })
        #expect(pull.recent > 0 && pull.addresses > 0)
        #expect(pull.badStatus == 500 && pull.badFault == "wsse:FailedAuthentication")
        #expect(pull.wsdl == 2 * (3 + DispatchEntry.Operation.allCases.count))
        #expect(service.address == nil)
    }

    @Test func aServiceMayShowAnotherDay() async throws {
        let estate = Estate(EstateOptions(accounts: 300, seed: 14))
        let service = estate.dispatchService()
        let first = try await service.start()
        #expect(try await service.start() == first)
        service.show(estate.advanced())
        await service.stop()
        await service.stop()
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a/><b/>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a>&b;</a>", "<a b='>",
        "</a>",
    ]) func malformedRequestsAreRefused(_ text: String) {
        #expect(SOAPRequest(Array(text.utf8)) == nil)
    }

    @Test func requestsAreReadByLocalName() throws {
        let text =
            "<?xml version='1.0'?><s:E xmlns:s='urn:s' xmlns:q='urn:q'><!-- x --><s:Body><q:Op a='>'><Page> 7 </Page><S><![CDATA[<]]>&amp;&#x4E00;</S></q:Op></s:Body></s:E>"
        let request = try #require(SOAPRequest(Array(text.utf8)))
        #expect(request.operation == "Op")
        #expect(request.text("Page") == "7")
        #expect(request.text("S") == "<&一")
    }
}
