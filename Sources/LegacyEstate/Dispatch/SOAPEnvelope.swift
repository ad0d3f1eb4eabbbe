/// The fixed parts of what the service says: namespaces, faults, its description.
enum SOAPEnvelope {
    static func namespace(_ is12: Bool) -> String {
        is12 ? "http://www.w3.org/2003/05/soap-envelope" : "http://schemas.xmlsoap.org/soap/envelope/"
    }

    static func contentType(_ is12: Bool) -> String {
        is12 ? "application/soap+xml; charset=utf-8" : "text/xml; charset=utf-8"
    }

    /// A fault; `code` is `Client` or `Server`, or a name of WS-Security.
    static func fault(_ code: String, _ text: String, is12: Bool) -> [UInt8] {
        var xml = XMLText()
        xml.markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"")
        xml.escaped(namespace(is12))
        xml.markup(
            "\" xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">")
        xml.markup("<soap:Body><soap:Fault>")
        if is12 {
            xml.markup("<soap:Code><soap:Value>soap:")
            xml.escaped(code == "Server" ? "Receiver" : "Sender")
            xml.markup("</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang=\"zh\">")
            xml.escaped(text)
            xml.markup("</soap:Text></soap:Reason>")
        } else {
            xml.markup("<faultcode>")
            xml.escaped(code == "Client" || code == "Server" ? "soap:" + code : "wsse:" + code)
            xml.markup("</faultcode><faultstring>")
            xml.escaped(text)
            xml.markup("</faultstring>")
        }
        xml.markup("</soap:Fault></soap:Body></soap:Envelope>\n")
        return xml.bytes
    }

    /// The answer to a writing operation: 0 and the order's number, or a code and the system's words.
    static func written(
        _ operation: DispatchEntry.Operation, _ outcome: Result<String, DispatchBook.Refusal>, is12: Bool
    ) -> [UInt8] {
        var xml = XMLText()
        xml.markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"")
        xml.escaped(namespace(is12))
        xml.markup("\" xmlns:d=\"")
        xml.escaped(DispatchAnswer.namespace)
        xml.markup("\"><soap:Body><d:")
        xml.escaped(operation.rawValue)
        xml.markup("Response>")
        switch outcome {
        case .success(let number):
            xml.element("Result", "0")
            xml.element("Message", "成功")
            xml.element("WorkOrderNo", number)
        case .failure(let refusal):
            xml.element("Result", String(refusal.code))
            xml.element("Message", refusal.words)
        }
        xml.markup("</d:")
        xml.escaped(operation.rawValue)
        xml.markup("Response></soap:Body></soap:Envelope>\n")
        return xml.bytes
    }

    /// The description that the service gives at `?wsdl`.
    static func wsdl(address: String) -> [UInt8] {
        var xml = XMLText()
        xml.markup(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" \
            xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:d="http://dispatch.nuancheng.example/ws/2026" \
            name="DispatchService" targetNamespace="http://dispatch.nuancheng.example/ws/2026">
            <wsdl:types><xs:schema targetNamespace="http://dispatch.nuancheng.example/ws/2026" elementFormDefault="qualified">
            <xs:complexType name="Query"><xs:sequence>
            <xs:element name="Since" type="xs:string" minOccurs="0"/>
            <xs:element name="Page" type="xs:int"/>
            <xs:element name="PageSize" type="xs:int"/>
            </xs:sequence></xs:complexType>
            <xs:complexType name="OrderQuery"><xs:sequence>
            <xs:element name="Since" type="xs:string" minOccurs="0"/>
            <xs:element name="Page" type="xs:int"/>
            <xs:element name="PageSize" type="xs:int"/>
            <xs:element name="AccountNo" type="xs:string" minOccurs="0"/>
            <xs:element name="ExternalRef" type="xs:string" minOccurs="0"/>
            <xs:element name="CreatedFrom" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="CreatedTo" type="xs:dateTime" minOccurs="0"/>
            </xs:sequence></xs:complexType>
            <xs:complexType name="Written"><xs:sequence>
            <xs:element name="Result" type="xs:int"/><xs:element name="Message" type="xs:string"/>
            <xs:element name="WorkOrderNo" type="xs:string" minOccurs="0"/>
            </xs:sequence></xs:complexType>
            <xs:element name="CreateWorkOrder"><xs:complexType><xs:sequence>
            <xs:element name="AccountNo" type="xs:string"/><xs:element name="Type" type="xs:string"/>
            <xs:element name="Emerge" type="xs:int" minOccurs="0"/>
            <xs:element name="Phone" type="xs:string" minOccurs="0"/>
            <xs:element name="AppointTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="Description" type="xs:string" minOccurs="0"/>
            <xs:element name="Remark" type="xs:string" minOccurs="0"/>
            <xs:element name="ExternalRef" type="xs:string" minOccurs="0"/>
            </xs:sequence></xs:complexType></xs:element>
            <xs:element name="AmendWorkOrder"><xs:complexType><xs:sequence>
            <xs:element name="WorkOrderNo" type="xs:string"/>
            <xs:element name="Phone" type="xs:string" minOccurs="0"/>
            <xs:element name="AppointTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="Description" type="xs:string" minOccurs="0"/>
            <xs:element name="Remark" type="xs:string" minOccurs="0"/>
            <xs:element name="ExternalRef" type="xs:string" minOccurs="0"/>
            </xs:sequence></xs:complexType></xs:element>
            <xs:complexType name="OrderAndReason"><xs:sequence>
            <xs:element name="WorkOrderNo" type="xs:string"/><xs:element name="Remark" type="xs:string" minOccurs="0"/>
            <xs:element name="ExternalRef" type="xs:string" minOccurs="0"/>
            </xs:sequence></xs:complexType>
            <xs:element name="CancelWorkOrder" type="d:OrderAndReason"/>
            <xs:element name="ReopenWorkOrder" type="d:OrderAndReason"/>
            <xs:element name="RecordVisit"><xs:complexType><xs:sequence>
            <xs:element name="WorkOrderNo" type="xs:string"/><xs:element name="Satisfy" type="xs:string"/>
            <xs:element name="Remark" type="xs:string" minOccurs="0"/>
            <xs:element name="ExternalRef" type="xs:string" minOccurs="0"/>
            </xs:sequence></xs:complexType></xs:element>
            <xs:element name="CreateWorkOrderResponse" type="d:Written"/>
            <xs:element name="AmendWorkOrderResponse" type="d:Written"/>
            <xs:element name="CancelWorkOrderResponse" type="d:Written"/>
            <xs:element name="ReopenWorkOrderResponse" type="d:Written"/>
            <xs:element name="RecordVisitResponse" type="d:Written"/>
            <xs:complexType name="PageInfo"><xs:sequence><xs:element name="HasMore" type="xs:boolean"/></xs:sequence>
            <xs:attribute name="number" type="xs:int"/><xs:attribute name="size" type="xs:int"/>
            <xs:attribute name="total" type="xs:int"/><xs:attribute name="asOf" type="xs:dateTime"/></xs:complexType>
            <xs:complexType name="Engineer"><xs:simpleContent><xs:extension base="xs:string">
            <xs:attribute name="no" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType>
            <xs:complexType name="Position"><xs:attribute name="distance" type="xs:int"/>
            <xs:attribute name="at" type="xs:dateTime"/></xs:complexType>
            <xs:complexType name="Event"><xs:sequence>
            <xs:element name="State" type="xs:string"/><xs:element name="At" type="xs:dateTime"/>
            <xs:element name="Actor" type="xs:string"/><xs:element name="Note" type="xs:string" minOccurs="0"/>
            <xs:element name="Ref" type="xs:string" minOccurs="0"/>
            </xs:sequence><xs:attribute name="no" type="xs:int"/></xs:complexType>
            <xs:complexType name="WorkOrder"><xs:sequence>
            <xs:element name="AccountNo" type="xs:string" minOccurs="0"/>
            <xs:element name="BillingId" type="xs:string" minOccurs="0"/>
            <xs:element name="Community" type="xs:string" minOccurs="0"/>
            <xs:element name="Address" type="xs:string" minOccurs="0"/>
            <xs:element name="Phone" type="xs:string" minOccurs="0"/>
            <xs:element name="Type" type="xs:string"/><xs:element name="Emerge" type="xs:int"/>
            <xs:element name="State" type="xs:string"/><xs:element name="CreatedAt" type="xs:dateTime"/>
            <xs:element name="AppointTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="DispatchTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="ExecuteTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="EndTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="Crew" type="xs:string" minOccurs="0"/>
            <xs:element name="Engineer" type="d:Engineer" minOccurs="0"/>
            <xs:element name="Position" type="d:Position" minOccurs="0"/>
            <xs:element name="Outcome" type="xs:string" minOccurs="0"/>
            <xs:element name="VisitTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="Satisfy" type="xs:string" minOccurs="0"/>
            <xs:element name="Fee" type="xs:decimal"/><xs:element name="Description" type="xs:string"/>
            <xs:element name="UpdatedAt" type="xs:dateTime"/>
            <xs:element name="ExternalRef" type="xs:string" minOccurs="0"/>
            <xs:element name="Remark" type="xs:string" minOccurs="0"/>
            <xs:element name="Events"><xs:complexType><xs:sequence>
            <xs:element name="Event" type="d:Event" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence></xs:complexType></xs:element>
            </xs:sequence><xs:attribute name="id" type="xs:string"/></xs:complexType>
            <xs:complexType name="Temperature"><xs:sequence>
            <xs:element name="AccountNo" type="xs:string"/><xs:element name="Celsius" type="xs:string"/>
            <xs:element name="MeasuredAt" type="xs:dateTime"/><xs:element name="Method" type="xs:string"/>
            <xs:element name="Place" type="xs:string"/><xs:element name="WorkOrderNo" type="xs:string" minOccurs="0"/>
            </xs:sequence><xs:attribute name="id" type="xs:string"/></xs:complexType>
            <xs:complexType name="Outage"><xs:sequence>
            <xs:element name="Kind" type="xs:string"/><xs:element name="State" type="xs:string"/>
            <xs:element name="Station" type="xs:string" minOccurs="0"/>
            <xs:element name="Community" type="xs:string" minOccurs="0"/>
            <xs:element name="Building" type="xs:string" minOccurs="0"/>
            <xs:element name="Cause" type="xs:string" minOccurs="0"/>
            <xs:element name="BeginTime" type="xs:dateTime"/>
            <xs:element name="ExpectedEndTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="EndTime" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="UpdatedAt" type="xs:dateTime"/>
            </xs:sequence><xs:attribute name="id" type="xs:string"/></xs:complexType>
            <xs:element name="QueryWorkOrders" type="d:OrderQuery"/>
            <xs:element name="QueryTemperatures" type="d:Query"/>
            <xs:element name="QueryOutages" type="d:Query"/>
            <xs:element name="QueryWorkOrdersResponse"><xs:complexType><xs:sequence>
            <xs:element name="Page" type="d:PageInfo"/>
            <xs:element name="WorkOrders"><xs:complexType><xs:sequence>
            <xs:element name="WorkOrder" type="d:WorkOrder" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
            <xs:element name="QueryTemperaturesResponse"><xs:complexType><xs:sequence>
            <xs:element name="Page" type="d:PageInfo"/>
            <xs:element name="Temperatures"><xs:complexType><xs:sequence>
            <xs:element name="Temperature" type="d:Temperature" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
            <xs:element name="QueryOutagesResponse"><xs:complexType><xs:sequence>
            <xs:element name="Page" type="d:PageInfo"/>
            <xs:element name="Outages"><xs:complexType><xs:sequence>
            <xs:element name="Outage" type="d:Outage" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
            </xs:schema></wsdl:types>
            <wsdl:message name="QueryWorkOrdersIn"><wsdl:part name="body" element="d:QueryWorkOrders"/></wsdl:message>
            <wsdl:message name="QueryWorkOrdersOut"><wsdl:part name="body" element="d:QueryWorkOrdersResponse"/></wsdl:message>
            <wsdl:message name="QueryTemperaturesIn"><wsdl:part name="body" element="d:QueryTemperatures"/></wsdl:message>
            <wsdl:message name="QueryTemperaturesOut"><wsdl:part name="body" element="d:QueryTemperaturesResponse"/></wsdl:message>
            <wsdl:message name="QueryOutagesIn"><wsdl:part name="body" element="d:QueryOutages"/></wsdl:message>
            <wsdl:message name="QueryOutagesOut"><wsdl:part name="body" element="d:QueryOutagesResponse"/></wsdl:message>
            """)
        for operation in DispatchEntry.Operation.allCases {
            xml.markup(
                "\n<wsdl:message name=\"", "In\"><wsdl:part name=\"body\" element=\"d:",
                "\"/></wsdl:message>\n<wsdl:message name=\"", "Out\"><wsdl:part name=\"body\" element=\"d:",
                "Response\"/></wsdl:message>", around: operation.rawValue)
        }
        xml.markup(
            """

            <wsdl:portType name="DispatchPort">
            <wsdl:operation name="QueryWorkOrders"><wsdl:input message="d:QueryWorkOrdersIn"/>\
            <wsdl:output message="d:QueryWorkOrdersOut"/></wsdl:operation>
            <wsdl:operation name="QueryTemperatures"><wsdl:input message="d:QueryTemperaturesIn"/>\
            <wsdl:output message="d:QueryTemperaturesOut"/></wsdl:operation>
            <wsdl:operation name="QueryOutages"><wsdl:input message="d:QueryOutagesIn"/>\
            <wsdl:output message="d:QueryOutagesOut"/></wsdl:operation>
            """)
        for operation in DispatchEntry.Operation.allCases {
            xml.markup(
                "\n<wsdl:operation name=\"", "\"><wsdl:input message=\"d:", "In\"/><wsdl:output message=\"d:",
                "Out\"/></wsdl:operation>", around: operation.rawValue)
        }
        xml.markup(
            """

            </wsdl:portType>
            <wsdl:binding name="DispatchBinding" type="d:DispatchPort">
            <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
            <wsdl:operation name="QueryWorkOrders">\
            <soap:operation soapAction="http://dispatch.nuancheng.example/ws/2026/QueryWorkOrders"/>\
            <wsdl:input><soap:body use="literal"/></wsdl:input>\
            <wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>
            <wsdl:operation name="QueryTemperatures">\
            <soap:operation soapAction="http://dispatch.nuancheng.example/ws/2026/QueryTemperatures"/>\
            <wsdl:input><soap:body use="literal"/></wsdl:input>\
            <wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>
            <wsdl:operation name="QueryOutages">\
            <soap:operation soapAction="http://dispatch.nuancheng.example/ws/2026/QueryOutages"/>\
            <wsdl:input><soap:body use="literal"/></wsdl:input>\
            <wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>
            """)
        for operation in DispatchEntry.Operation.allCases {
            xml.markup("\n<wsdl:operation name=\"")
            xml.escaped(operation.rawValue)
            xml.markup("\"><soap:operation soapAction=\"")
            xml.escaped(DispatchAnswer.namespace + "/" + operation.rawValue)
            xml.markup(
                "\"/><wsdl:input><soap:body use=\"literal\"/></wsdl:input><wsdl:output><soap:body use=\"literal\"/></wsdl:output></wsdl:operation>"
            )
        }
        xml.markup(
            """

            </wsdl:binding>
            <wsdl:service name="DispatchService"><wsdl:port name="DispatchPort" binding="d:DispatchBinding"><soap:address location="
            """)
        xml.escaped(address)
        xml.markup("\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n")
        return xml.bytes
    }
}
