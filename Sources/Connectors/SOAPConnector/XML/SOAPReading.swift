package import HeatModel
package import Records

/// How one envelope is read.
package struct SOAPReading: Sendable {
    /// Name of the origin: operation and page or window.
    package var originName: String
    /// The envelope's number in the pull, from 1.
    package var number: Int
    package var isSnapshot: Bool
    package var batchRows: Int
    package var batchBytes: Int
    /// Stop after so many records.
    package var limit: Int?
    package var limits: SOAPLimits
    /// Whether the last batch's origin says the SHA-256 of the bytes fed.
    package var computesDigest: Bool
    /// `charset` of the HTTP header, where there was one.
    package var httpCharset: String?
    /// What is believed about the encoding, in this order: this, a byte-order mark, `httpCharset`, the XML declaration, UTF-8.
    /// gb2312, GBK and cp936 are read as GB18030.
    package var charset: String?
    /// Instants later than this do not move the cursor; carries the offset of local times. Nil follows no cursor.
    package var now: Instant?
    /// The values of the cursor's column so far, where there were answers before.
    var cursor: CursorColumn?
    /// Whether the end says what the records were, so that a page can be distinguished from those before it.
    var digestsRecords = false
    /// Whether plain records are read without the parser. It changes nothing but the time that takes.
    package var takesPlainRecords = true

    package init(
        originName: String = "envelope", number: Int = 1, isSnapshot: Bool = false, batchRows: Int = 16_384,
        batchBytes: Int = 4 << 20, limit: Int? = nil, limits: SOAPLimits = .init(), computesDigest: Bool = false,
        httpCharset: String? = nil, charset: String? = nil, now: Instant? = nil
    ) {
        self.originName = originName
        self.number = number
        self.isSnapshot = isSnapshot
        self.batchRows = max(1, batchRows)
        self.batchBytes = max(1, min(batchBytes, 1 << 30))
        self.limit = limit
        self.limits = limits
        self.computesDigest = computesDigest
        self.httpCharset = httpCharset
        self.charset = charset
        self.now = now
    }
}

/// What an envelope said, at its end.
package struct SOAPEnvelopeEnd: Sendable {
    /// The rows and defects that are still to be handed over; empty if there are none.
    package var lastBatch: RawBatch
    /// Record elements seen, defects included.
    package var records: Int64
    package var defects: Int
    /// Bytes fed, decompressed, before any change of encoding.
    package var bytes: Int64
    /// Texts at the stream's `total`, `nextTokenPath`, `hasMorePath` and `countPath`; nil where nothing stands there.
    package var statedTotal: String?
    package var nextToken: String?
    package var hasMore: String?
    package var pageCount: String?
    /// Greatest value of the cursor column that may move the cursor.
    package var greatestCursor: String?
    /// False where `limit` ended the reading.
    package var isWhole: Bool
    var sawBodyElement: Bool
    /// Texts at the stream's `success` and its message.
    var success: String?
    var message: String?
    var signs: AnswerSigns
    /// In how many records each field's path was found.
    var hits: [Int64]
    var digest: PageDigest?
    var cursor: CursorColumn?
}
