import HeatModel

/// How a drop of the customer system is written.
package struct CustomerDropOptions: Sendable {
    package enum Encoding: String, Sendable, CaseIterable { case gb18030, utf8 }

    package var encoding: Encoding
    /// A title line above the header.
    package var preamble: Bool
    /// A last record `合计,<rows>`.
    package var trailer: Bool

    package init(encoding: Encoding = .gb18030, preamble: Bool = true, trailer: Bool = true) {
        self.encoding = encoding
        self.preamble = preamble
        self.trailer = trailer
    }
}

extension Estate {
    /// Writes the day's drop of the customer system: a snapshot of all residents, then its `.done` marker. The file gets its
    /// name only when it is complete.
    ///
    /// Shape: an optional title line, the header, one record an account with CRLF, an optional record `合计,<rows>`.
    /// - Parameter folder: must exist.
    /// - Returns: the names of the files, the marker last.
    /// - Throws: ``HearthError`` `source.unreachable` where the folder cannot be written.
    @discardableResult
    package func writeCustomer(dropFolder folder: String, _ drop: CustomerDropOptions = .init()) throws -> [String] {
        var name: [UInt8] = []
        name.append("yhxx_")
        name.append(today, separator: nil)
        name.append(".csv")
        let fileName = String(decoding: name, as: UTF8.self)
        let path = folder + "/" + fileName
        let file = try OutputFile(path + ".part")
        var writer = CustomerWriter(file: file, encoder: drop.encoding == .gb18030 ? try GB18030Encoder() : nil)
        if drop.preamble {
            writer.text.append("\(tariff.name)\(Self.companyName) 用户信息导出 \(today)\r\n")
        }
        writer.endRow(CustomerRow.header)
        try forEachAccount { try write($0, to: &writer) }
        for (kind, index) in changesPlan.order where kind == .customerAdded {
            try writer.row(CustomerRow(account(index), estate: self))
        }
        if drop.trailer { writer.text.append("合计,\(writer.rows)\r\n") }
        try writer.flush()
        try file.rename(to: path)
        try OutputFile(path + ".done.part").rename(to: path + ".done")
        return [fileName, fileName + ".done"]
    }

    static let companyName = "暖城热力有限公司"

    private func write(_ account: AccountFacts, to writer: inout CustomerWriter) throws {
        let fault = faults.byAccount[account.index]
        let change = changesPlan.byAccount[account.index]
        if fault == .billingOnlyAccount || change == .customerRemoved { return }
        var row = CustomerRow(stated(account), estate: self)
        switch fault {
        case .classDisagreement: row.fields[14] = account.isUnit ? "居民" : "单位"
        case .supplyDisagreement, .stoppedUnasked: row.fields[17] = "报停"
        case .heightUnderstated:
            row.fields[13] = account.ceilingHeight.rounded(places: 2, .halfUp)?.description ?? ""
        case .areaDisagreement: row[.buildingArea] = account.buildingArea.description
        case .mojibakeName: row[.name] = try Mojibake.latin1(row[.name])
        case .badIdentityNumber: row[.idNumber] = PlantedText.badIdentityNumber(row[.idNumber])
        default: break
        }
        if change == .customerChanged {
            row[.phones] = PlantedText.newPhone(account.index)
            row[.updatedAt] = changeTime.text
        }
        // Rows that cannot be read are sent again before the good one.
        switch fault {
        case .raggedRow: try writer.row(row, fieldCount: CustomerRow.header.count - 1)
        case .undecodableRow: try writer.row(row, badBytes: true)
        case .badArea:
            var bad = row
            bad[.buildingArea] = "一百二"
            try writer.row(bad)
        case .duplicateRow: try writer.row(row)
        default: break
        }
        try writer.row(row)
        if fault == .conflictingRow {
            row[.phones] = PlantedText.newPhone(account.index)
            row[.updatedAt] = LocalTime(options.today, second: 30_000).text
            try writer.row(row)
        }
    }
}

/// Collects rows as UTF-8 and writes them encoded, some at a time.
private struct CustomerWriter: ~Copyable {
    let file: OutputFile
    let encoder: GB18030Encoder?
    var text: [UInt8] = []
    var rows = 0
    private var encoded: [UInt8] = []

    init(file: OutputFile, encoder: consuming GB18030Encoder?) {
        self.file = file
        self.encoder = encoder
    }

    mutating func endRow(_ fields: [String]) {
        text.append(fields.joined(separator: ","))
        text.append("\r\n")
    }

    /// - Parameter badBytes: ends the row with a byte that begins no character of GB18030 nor of UTF-8.
    mutating func row(_ row: CustomerRow, fieldCount: Int? = nil, badBytes: Bool = false) throws {
        var row = row
        if badBytes { row[.remark] = "乱码" }
        row.append(to: &text, fieldCount: fieldCount)
        rows += 1
        if badBytes {
            try flush()
            try file.write([0xFF])
        }
        text.append("\r\n")
        if text.count > 1 << 20 { try flush() }
    }

    mutating func flush() throws {
        if text.isEmpty { return }
        if encoder != nil {
            encoded.removeAll(keepingCapacity: true)
            try encoder?.append(text, to: &encoded)
            try file.write(encoded)
        } else {
            try file.write(text)
        }
        text.removeAll(keepingCapacity: true)
    }
}

/// Text as faults spoil it.
enum PlantedText {
    static let formerHolder = "原户主"
    static let wrongBalance = Fen(4_321)
    /// A telephone that nobody of the company has.
    static func strangerPhone(_ ordinal: Int) -> String { "101" + Digits.padded(ordinal % 100_000_000, 8) }

    static func newPhone(_ index: Int) -> String { "100" + Digits.padded(99_000_000 + index % 1_000_000, 8) }

    /// The same number with a check digit that cannot be right.
    static func badIdentityNumber(_ number: String) -> String {
        let right = number.last == "x" ? "X" : number.last.map(String.init) ?? ""
        return number.dropLast() + (right == "1" ? "2" : "1")
    }
}

enum Mojibake {
    /// GBK bytes read as Latin-1: 系统 becomes `ÏµÍ³`.
    static func latin1(_ text: String) throws -> String {
        var bytes: [UInt8] = []
        let encoder = try GB18030Encoder()
        try encoder.append(Array(text.utf8), to: &bytes)
        var result = String.UnicodeScalarView()
        for byte in bytes { result.append(Unicode.Scalar(byte)) }
        return String(result)
    }
}
