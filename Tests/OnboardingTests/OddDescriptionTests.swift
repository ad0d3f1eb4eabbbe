import Foundation
import HearthTesting
import HeatModel
import Testing

@testable import Onboarding

/// Descriptions that are broken, without an end, or lead elsewhere: each ends with a word, and none with a crash.
@Suite struct OddDescriptionTests {
    private func code(_ bytes: [UInt8]) async throws -> String? {
        try await Support.withFolder { folder in
            let file = folder + "/x.wsdl"
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            return code(ofFile: file)
        }
    }

    private func code(ofFile file: String) -> String? {
        do {
            _ = try ImportedSource(file, name: "x")
            return nil
        } catch {
            guard let error = error as? HearthError else { return "\(error)" }
            #expect(!error.message.isEmpty)
            return error.code.name
        }
    }

    /// Ten entities, each ten times the one before.
    private static let bomb =
        "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY a0 \"ha\">"
        + (1...9).map { "<!ENTITY a\($0) \"" + String(repeating: "&a\($0 - 1);", count: 10) + "\">" }.joined()
        + "]><definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\" name=\"&a9;\">&a9;</definitions>"

    @Test func whatIsBrokenIsNamed() async throws {
        let whole = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: Support.description("multispeak.wsdl"))))
        for part in [1, whole.count / 3, whole.count / 2, whole.count - 3] {
            #expect(try await code(Array(whole.prefix(part))) == "source.descriptionMalformed", "\(part)")
        }
        #expect(try await code([]) == "source.descriptionMalformed")
        #expect(try await code([0, 1, 2, 3, 255]) == "source.descriptionMalformed")
        #expect(try await code(Array(Self.bomb.utf8)) == "source.descriptionDTD")
        let wide = try #require(Self.bomb.data(using: .utf16))
        #expect(
            ["source.descriptionDTD", "source.descriptionMalformed"].contains(try await code([UInt8](wide)) ?? "none"))
        let outside =
            "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\"/>"
        #expect(try await code(Array(outside.utf8)) == "source.descriptionDTD")
        let deep = String(repeating: "<a>", count: 5_000) + String(repeating: "</a>", count: 5_000)
        #expect(try await code(Array(deep.utf8)) == "source.descriptionMalformed")
        let many = "<a>" + String(repeating: "<b/>", count: 200_001) + "</a>"
        #expect(try await code(Array(many.utf8)) == "source.descriptionBounds")
    }

    @Test func whatIsNoFileIsNotRead() async throws {
        try await Support.withFolder { folder in
            #expect(code(ofFile: folder) == "source.descriptionMissing")
            #expect(mkfifo(folder + "/pipe.wsdl", 0o600) == 0)
            #expect(code(ofFile: folder + "/pipe.wsdl") == "source.descriptionMissing")
            // A hole of a gigabyte takes no room, and no time either.
            #expect(FileManager.default.createFile(atPath: folder + "/huge.wsdl", contents: nil))
            #expect(truncate(folder + "/huge.wsdl", 1 << 30) == 0)
            #expect(code(ofFile: folder + "/huge.wsdl") == "source.descriptionBounds")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/linked.wsdl", withDestinationPath: Support.description("rpc.wsdl"))
            #expect(code(ofFile: folder + "/linked.wsdl") == nil)
        }
    }

    private func service(_ schema: String, imports: String = "") -> String {
        """
        <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" targetNamespace="urn:t">
        \(imports)<types><s:schema xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
        \(schema)</s:schema></types>
        <message name="I"><part name="p" element="t:In"/></message><message name="O"><part name="p" element="t:Out"/></message>
        <portType name="P"><operation name="getAll"><input message="t:I"/><output message="t:O"/></operation></portType>
        <binding name="B" type="t:P"><soap:binding style="document"/><operation name="getAll"><soap:operation soapAction=""/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
        <service name="S"><port name="P" binding="t:B"><soap:address location="http://127.0.0.1:1/"/></port></service></definitions>
        """
    }

    private static let empty = "<s:element name=\"In\"><s:complexType/></s:element>"

    private func imported(_ text: String) async throws -> ImportedSource {
        try await Support.withFolder { folder in
            try text.write(toFile: folder + "/x.wsdl", atomically: true, encoding: .utf8)
            return try ImportedSource(folder + "/x.wsdl", name: "x")
        }
    }

    /// An element within itself whose type has no name, a type that is its own base, elements that stand for each other.
    @Test func whatHoldsItselfIsCut() async throws {
        let source = try await imported(
            service(
                Self.empty + """
                    <s:element name="Out"><s:complexType><s:sequence><s:element ref="t:Row" maxOccurs="unbounded"/></s:sequence></s:complexType></s:element>
                    <s:element name="Row"><s:complexType><s:sequence><s:element name="id" type="s:string"/><s:element name="own" type="t:Own"/>
                      <s:element ref="t:A"/><s:element ref="t:Row" minOccurs="0"/></s:sequence></s:complexType></s:element>
                    <s:complexType name="Own"><s:complexContent><s:extension base="t:Own"><s:sequence><s:element name="k" type="s:string"/></s:sequence></s:extension></s:complexContent></s:complexType>
                    <s:element name="A" substitutionGroup="t:B" type="s:string"/><s:element name="B" substitutionGroup="t:A" type="s:string"/>
                    """))
        let stream = try #require(source.streams.first)
        #expect(stream.record.hasSuffix("Row") && stream.columns.contains("id"), "\(stream)")
    }

    /// Groups, attribute groups and unions that hold ten of the next, twenty deep: 10²⁰ parts, and no element of them.
    @Test func whatMultipliesIsBounded() async throws {
        func chain(_ make: (Int, String) -> String, _ reference: (Int) -> String) -> String {
            (0..<20).map { level in
                make(level, String(repeating: level == 19 ? "" : reference(level + 1), count: 10))
            }.joined()
        }
        let groups = chain({ "<s:group name=\"g\($0)\"><s:sequence>\($1)</s:sequence></s:group>" }) {
            "<s:group ref=\"t:g\($0)\"/>"
        }
        let attributes = chain({ "<s:attributeGroup name=\"a\($0)\">\($1)</s:attributeGroup>" }) {
            "<s:attributeGroup ref=\"t:a\($0)\"/>"
        }
        let unions = chain({
            "<s:simpleType name=\"u\($0)\"><s:union memberTypes=\"\($1)s:string\"/></s:simpleType>"
        }) { "t:u\($0) " }
        for (bomb, use) in [
            (groups, "<s:sequence><s:element name=\"id\" type=\"s:string\"/><s:group ref=\"t:g0\"/></s:sequence>"),
            (
                attributes,
                "<s:sequence><s:element name=\"id\" type=\"s:string\"/></s:sequence><s:attributeGroup ref=\"t:a0\"/>"
            ),
            (
                unions,
                "<s:sequence><s:element name=\"id\" type=\"s:string\"/><s:element name=\"u\" type=\"t:u0\"/></s:sequence>"
            ),
        ] {
            let source = try await imported(
                service(
                    Self.empty
                        + "<s:element name=\"Out\"><s:complexType><s:sequence><s:element name=\"row\" type=\"t:Row\" maxOccurs=\"unbounded\"/></s:sequence></s:complexType></s:element><s:complexType name=\"Row\">\(use)</s:complexType>"
                        + bomb))
            #expect(source.notUnderstood.contains { $0.contains("more than 100000 parts") }, "\(source.notUnderstood)")
            #expect(source.streams.first?.columns.contains("id") == true)
        }
    }

    /// Files that import each other in a circle, one that is not there, one that is no schema, and others that lie elsewhere.
    @Test func importsEndAndStayLocal() async throws {
        try await Support.withFolder { folder in
            let imports = ["a.xsd", "gone.xsd", "page.xsd", "http://127.0.0.1:1/far.xsd", "ftp://far.example/x.xsd"]
                .map { "<s:import namespace=\"urn:\($0)\" schemaLocation=\"\($0)\"/>" }.joined()
            let schema = """
                \(imports)\(Self.empty)<s:element name="Out"><s:complexType><s:sequence><s:element name="row" type="a:Row" maxOccurs="unbounded" xmlns:a="urn:a"/></s:sequence></s:complexType></s:element>
                """
            try service(schema).write(toFile: folder + "/x.wsdl", atomically: true, encoding: .utf8)
            func xsd(_ name: String, _ other: String, _ body: String) throws {
                try """
                <s:schema xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:b="urn:b" targetNamespace="urn:\(name)"><s:import namespace="urn:\(other)" schemaLocation="./\(other).xsd"/>\(body)</s:schema>
                """.write(toFile: "\(folder)/\(name).xsd", atomically: true, encoding: .utf8)
            }
            try xsd(
                "a", "b",
                "<s:complexType name=\"Row\"><s:sequence><s:element name=\"id\" type=\"b:ID\"/></s:sequence></s:complexType>"
            )
            try xsd("b", "a", "<s:simpleType name=\"ID\"><s:restriction base=\"s:string\"/></s:simpleType>")
            try "<html>".write(toFile: folder + "/page.xsd", atomically: true, encoding: .utf8)
            let source = try ImportedSource(folder + "/x.wsdl", name: "x")
            #expect(source.streams.first?.columns == ["id"], "\(source.streams)")
            for part in [
                "/gone.xsd is imported and cannot be read", "/page.xsd: the description is not XML",
                "http://127.0.0.1:1/far.xsd is imported from the network and was not fetched",
                "ftp://far.example/x.xsd is imported from the network and was not fetched",
            ] { #expect(source.notUnderstood.contains { $0.contains(part) }, "\(part): \(source.notUnderstood)") }
        }
    }
}
