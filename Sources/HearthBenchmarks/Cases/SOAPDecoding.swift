import Glibc
import HeatModel
import Records
import SOAPConnector

/// One large SOAP envelope to fields.
enum SOAPDecoding {
    static func measured(file path: String) throws -> Measurement {
        let stream = SOAPStream(
            name: "workOrders", operation: "QueryWorkOrders", body: "",
            recordPath: "d:QueryWorkOrdersResponse/d:Result/d:WorkOrders/d:WorkOrder",
            fields: [
                SOAPField("id", "@id"), SOAPField("accountNo", "d:AccountNo"), SOAPField("type", "d:Type"),
                SOAPField("state", "d:State"),
                SOAPField("createdAt", "d:CreatedAt"), SOAPField("engineerNo", "d:Engineer/@no"),
                SOAPField("engineer", "d:Engineer"),
                SOAPField("address", "d:Address"), SOAPField("currency", "d:Fee/@currency"), SOAPField("fee", "d:Fee"),
                SOAPField("description", "d:Description"),
            ])
        guard let file = fopen(path, "r") else { throw HearthError(.benchmarkFailed, "cannot read \(path)") }
        defer { fclose(file) }
        var reading = SOAPReading()
        reading.limits.envelopeBytes = 1 << 40
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        var rows = 0
        let started = ContinuousClock.now
        let reader = try SOAPEnvelopeReader(
            stream: stream, namespaces: ["d": WorkOrderEnvelope.namespace], reading: reading)
        while true {
            let count = fread(buffer.baseAddress, 1, buffer.count, file)
            if count == 0 { break }
            try reader.read(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { rows += $0.rowCount }
        }
        let end = try reader.finish { rows += $0.rowCount }
        rows += end.lastBatch.rowCount
        let elapsed = ContinuousClock.now - started
        if rows == 0 || end.defects > 0 {
            throw HearthError(.benchmarkFailed, "read \(rows) records, \(end.defects) defects")
        }
        return Measurement(rows: Int64(rows), bytes: end.bytes, seconds: elapsed.seconds)
    }
}
