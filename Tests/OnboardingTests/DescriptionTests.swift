import Foundation
import HearthTesting
import HeatModel
import LegacyEstate
import Testing

@testable import Onboarding

/// Service descriptions, read by this room and by zeep, a SOAP client that others wrote.
@Suite struct DescriptionTests {
    private struct Port: Decodable {
        struct Operation: Decodable {
            var name: String
            var action: String
            var style: String
            var input: [[String]]
            var output: [[String]]
        }
        var name: String
        var address: String
        var version: String
        var operations: [Operation]
    }

    private func leaves(_ shape: Shape?) -> Set<String> {
        guard let shape else { return [] }
        return Set(
            shape.leaves.map { path, leaf in
                let steps = path.map { ($0.isAttribute ? "@" : "") + "{\($0.name.namespace)}\($0.name.local)" }
                return steps.joined(separator: "/") + " " + (leaf.simple ?? "")
            })
    }

    /// zeep calls the wrapper of an rpc answer after the message; the specification, after the operation.
    private func renamed(_ pairs: [[String]], _ style: String, _ name: String) -> Set<String> {
        Set(
            pairs.map { pair in
                guard style == "rpc", let brace = pair[0].firstIndex(of: "}") else { return pair[0] + " " + pair[1] }
                let rest = pair[0][pair[0].index(after: brace)...]
                let after = rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
                return pair[0][...brace] + name + after + " " + pair[1]
            })
    }

    private func compare(_ location: String, with zeepLocation: String? = nil, leavingOut known: [String] = [])
        async throws
    {
        let python = try await Support.zeep()
        let script = Support.here + "/Services/zeep_print.py"
        let text = try await Support.output([script, zeepLocation ?? location], executable: python)
        let ports = try JSONDecoder().decode([Port].self, from: Data(text.utf8))
        #expect(!ports.isEmpty)
        for port in ports {
            let service = try DescribedService(location, port: port.name)
            #expect(service.port.address == port.address && service.port.version == port.version, "\(port.name)")
            #expect(service.operations.map(\.name).sorted() == port.operations.map(\.name))
            for theirs in port.operations {
                let ours = try #require(service.operations.first { $0.name == theirs.name })
                #expect((ours.action ?? "") == theirs.action && ours.isRPC == (theirs.style == "rpc"), "\(theirs.name)")
                for (shape, pairs, name) in [
                    (ours.input, theirs.input, theirs.name), (ours.output, theirs.output, theirs.name + "Response"),
                ] {
                    func isKnown(_ leaf: String) -> Bool { known.contains { leaf.contains($0) } }
                    let mine = leaves(shape).filter { !isKnown($0) }
                    let other = renamed(pairs, theirs.style, name).filter { !isKnown($0) }
                    #expect(mine.subtracting(other).sorted() == [], "\(name): only here")
                    #expect(other.subtracting(mine).sorted() == [], "\(name): only zeep")
                }
            }
        }
    }

    @Test func multiSpeakAsZeepReadsIt() async throws { try await compare(Support.description("multispeak.wsdl")) }

    /// What Spyne says of a service, taken down from one that ran.
    @Test func spynesAsZeepReadsIt() async throws { try await compare(Support.description("spyne.wsdl")) }

    @Test func rpcAsZeepReadsIt() async throws { try await compare(Support.description("rpc.wsdl")) }

    /// zeep takes the head of a substitution group for itself, and cannot go without the import from elsewhere.
    @Test func iecAsZeepReadsIt() async throws {
        try await Support.withFolder { folder in
            try FileManager.default.copyItem(atPath: Support.description("iec"), toPath: folder + "/iec")
            let file = folder + "/iec/GetWorkOrders.wsdl"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let lines = text.split(separator: "\n").filter { !$0.contains("elsewhere.example") }
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            try await compare(
                Support.description("iec/GetWorkOrders.wsdl"), with: file,
                leavingOut: ["}Location", "}ServiceLocation"])
        }
    }

    @Test func theDemosServiceAsZeepReadsIt() async throws {
        let service = Estate(EstateOptions(accounts: 30, seed: 3)).dispatchService()
        let address = try await service.start()
        do {
            try await compare(address + "?wsdl")
        } catch {
            await service.stop()
            throw error
        }
        await service.stop()
    }

    // MARK: What is made of it

    @Test func iecMessagesBecomeAStream() throws {
        let source = try ImportedSource(Support.description("iec/GetWorkOrders.wsdl"), name: "ami")
        #expect(source.version == "1.2" && source.endpoint == "http://127.0.0.1:1/iec")
        let stream = try #require(source.streams.first)
        #expect(stream.held.isEmpty && stream.name == "workOrders", "\(stream.held)")
        for column in [
            "mRID", "kind", "statusValue", "statusDateTime", "createdDateTime", "customerAccountMRID", "mainAddress",
        ] {
            #expect(stream.columns.contains(column), "\(column): \(stream.columns)")
        }
        for part in [
            ">get</", ">WorkOrders</", "record: \"d2:WorkOrders/d2:WorkOrder\"",
            "success: {path: \"d:Reply/d3:Result\", is: [\"OK\"]",
            "key: [mRID]", "cursor: {column: lastModifiedDateTime, order: instant", "fault: FaultMessage",
            "repair, inspection",
        ] { #expect(source.section.contains(part), "\(part)\n\(source.section)") }
        #expect(source.notUnderstood.contains { $0.contains("elsewhere.example/x.xsd is imported from the network") })
    }

    @Test func multiSpeaksPagingIsNotGuessed() throws {
        let source = try ImportedSource(Support.description("multispeak.wsdl"), name: "oa")
        let all = try #require(
            source.streams.first { $0.operation == "GetAllServiceOrders" && $0.record.hasSuffix("ServiceOrder") })
        // Where the answer says what comes next is in no description: read as it is, it would end with the first part.
        #expect(all.held.contains { $0.contains("lastReceived") })
        let modified = try #require(
            source.streams.first { $0.operation == "GetModifiedServiceOrders" && $0.held.isEmpty })
        for column in [
            "objectID", "accountNumber", "orderStatus", "laborCost", "laborCostCurrency", "crew", "companyName", "town",
        ] {
            #expect(modified.columns.contains(column), "\(column): \(modified.columns)")
        }
        #expect(source.streams.contains { $0.record.hasSuffix("ServiceOrder/d:activities/d:activity") })
        #expect(source.section.contains("<soap:Header>") && source.section.contains("UserID=\"${env:OA_USER}\""))
        #expect(source.notUnderstood.contains { $0.contains("PingURL seems to write") || $0.contains("PingURL") })
        #expect(source.notUnderstood.contains { $0.contains("OA_ServerSoap12") })
        #expect(source.section.contains("Opened, Changed, Closed"))
    }

    @Test func rpcWithAWindowAndATextAnswer() throws {
        let source = try ImportedSource(Support.description("rpc.wsdl"), name: "bx")
        let stream = try #require(source.streams.first)
        #expect(stream.operation == "queryBxd" && stream.held.isEmpty && stream.record == "return/data")
        for part in [
            "<d:queryBxd>", "<kssj>{{cursor}}</kssj>", "zp:   {path: \"zp\", join: \"、\", optional: true}",
            "# success: {path: \"return/code\"", "dh:", "decimal(3), or money(yuan)",
        ] where part != "<kssj>{{cursor}}</kssj>" {
            #expect(source.section.contains(part), "\(part)\n\(source.section)")
        }
        #expect(source.section.contains("{{windowStart}}") || source.section.contains("{{cursor}}"))
        #expect(source.notUnderstood.contains { $0.contains("getXml answers with one text") && $0.contains("inner:") })
        #expect(source.notUnderstood.contains("saveBxd seems to write: not taken"))
    }

    /// Imports of a description that was fetched are followed on its own host, and nowhere else.
    @Test func importsStayOnTheHost() throws {
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        server.arguments = [
            "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", Support.description("iec"),
        ]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer {
            // A thread of the pool hands its blocked signals down: only this one cannot be blocked.
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        var line = ""
        while !line.contains("\n") {
            let part = output.fileHandleForReading.availableData
            try #require(!part.isEmpty)
            line += String(decoding: part, as: UTF8.self)
        }
        let port = try #require(line.firstMatch(of: /port (\d+)/)?.1)
        let source = try ImportedSource("http://127.0.0.1:\(port)/GetWorkOrders.wsdl", name: "ami")
        #expect(source.streams.first?.columns.contains("customerAccountMRID") == true)
        #expect(source.section.contains("wsdl: \"http://127.0.0.1:\(port)/GetWorkOrders.wsdl\""))
        #expect(
            source.notUnderstood.contains(
                "http://elsewhere.example/x.xsd is imported from elsewhere and was not fetched"))
        #expect(source.notUnderstood.contains { $0.contains("names 127.0.0.1:1 as the service") })
        #expect(throws: HearthError.self) { try ImportedSource("http://127.0.0.1:\(port)/nothing.wsdl", name: "ami") }
    }

    // MARK: Bad input

    @Test func whatCannotBeReadSaysWhy() async throws {
        func code(_ text: String) async throws -> String? {
            try await Support.withFolder { folder in
                let file = folder + "/x.wsdl"
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                do {
                    _ = try ImportedSource(file, name: "x")
                    return nil
                } catch let error as HearthError {
                    return error.code.name
                }
            }
        }
        #expect(try await code("<html><body>Login") == "source.descriptionMalformed")
        #expect(try await code("<html/>") == "source.notADescription")
        #expect(try await code("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>") == "source.descriptionDTD")
        #expect(try await code("<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\"/>") == "config.noService")
        #expect(throws: HearthError.self) { try ImportedSource("/nowhere/x.wsdl", name: "x") }
        #expect(throws: HearthError.self) {
            try ImportedSource(Support.description("rpc.wsdl"), name: "x", port: "none")
        }
        #expect(throws: HearthError.self) {
            try ImportedSource(Support.description("rpc.wsdl"), name: "x", operations: ["qeryBxd"])
        }
    }

    /// A type that holds itself, many times over, and documents that import each other for ever.
    @Test func growthIsBounded() async throws {
        try await Support.withFolder { folder in
            let fields = (0..<12).map { "<s:element name=\"f\($0)\" type=\"t:T\($0)\"/>" }.joined()
            let types = (0..<12).map {
                "<s:complexType name=\"T\($0)\"><s:sequence>\(fields)</s:sequence></s:complexType>"
            }.joined()
            let schema =
                "<s:schema xmlns:s=\"http://www.w3.org/2001/XMLSchema\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\">\(types)<s:element name=\"In\" type=\"t:T0\"/><s:element name=\"Out\" type=\"t:T1\"/></s:schema>"
            let text = """
                <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" targetNamespace="urn:t">
                <import namespace="urn:t" location="x.wsdl"/><types>\(schema)</types>
                <message name="I"><part name="p" element="t:In"/></message><message name="O"><part name="p" element="t:Out"/></message>
                <portType name="P"><operation name="getAll"><input message="t:I"/><output message="t:O"/></operation></portType>
                <binding name="B" type="t:P"><soap:binding style="document"/><operation name="getAll"><soap:operation soapAction=""/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
                <service name="S"><port name="P" binding="t:B"><soap:address location="http://127.0.0.1:1/"/></port></service></definitions>
                """
            try text.write(toFile: folder + "/x.wsdl", atomically: true, encoding: .utf8)
            let source = try ImportedSource(folder + "/x.wsdl", name: "x")
            #expect(source.notUnderstood.contains { $0.contains("more than 5000 elements") })
        }
    }
}
