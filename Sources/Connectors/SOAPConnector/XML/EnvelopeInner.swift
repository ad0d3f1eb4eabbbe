import HeatModel

// An answer whose records stand in a document that an element holds as text, escaped or as CDATA, as .asmx services like it. The
// text goes piece by piece to a second reader, so that neither document is ever held whole.

extension SOAPEnvelopeReader {
    private static let pieceBytes = 32_768

    func innerBegins(isNil: Bool) {
        if signs.sawInner {
            return end(
                .init(
                    .sourceBadAnswer, "the element at inner stands more than once", at: here(),
                    advice: "Write inner with the elements above it, so that it names one."))
        }
        signs.sawInner = true
        if isNil { return }
        core.pointee.innerDepth = core.pointee.depth
    }

    func innerText(_ text: UnsafePointer<UInt8>, _ length: Int) {
        innerBytes.append(contentsOf: UnsafeBufferPointer(start: text, count: length))
        if innerBytes.count >= Self.pieceBytes { passOn() }
    }

    func innerEnds() {
        passOn()
        guard failure == nil, !isStopped, let inner else { return }
        do {
            innerEnd = try inner.finish { hold($0) }
        } catch {
            fail(error)
        }
    }

    /// It is no text at all: the records stand in the answer itself.
    func innerHoldsElements() {
        end(
            .init(
                .sourceBadAnswer, "the element at inner holds elements, not a document as text", at: here(),
                advice: "Leave inner out, and let record name the elements as they stand."))
    }

    /// What stands there instead of a document, for the error.
    func noDocument(_ bytes: UnsafeRawBufferPointer) -> HearthError {
        HearthError(
            .sourceBadAnswer,
            "the text at inner is no XML document: \(SeenText(String(decoding: bytes.prefix(200), as: UTF8.self)))",
            at: here(),
            advice: "If it is the service's own message, the request or the session is wrong; else check inner.")
    }

    private func passOn() {
        guard failure == nil, !isStopped, !innerBytes.isEmpty else { return }
        let bytes = innerBytes
        innerBytes.removeAll(keepingCapacity: true)
        do {
            let inner = try self.inner ?? makeInner()
            // White space alone is no document.
            if self.inner == nil, bytes.allSatisfy({ $0 <= 0x20 }) { return }
            self.inner = inner
            try inner.read(bytes) { hold($0) }
            if inner.isStopped {
                innerEnd = try inner.finish { hold($0) }
                stopAtLimit()
            }
        } catch {
            fail(error)
        }
    }

    private func makeInner() throws -> SOAPEnvelopeReader {
        var reading = reading
        // The text is in the outer document's encoding, whatever its own declaration says.
        reading.charset = "UTF-8"
        reading.httpCharset = nil
        reading.computesDigest = false
        return try SOAPEnvelopeReader(stream: stream, paths: compiled.paths, reading: reading, isInner: true)
    }

    private func fail(_ error: any Error) {
        end(
            (error as? HearthError)
                ?? HearthError(.sourceBadAnswer, "the document at inner cannot be read", cause: error))
    }
}
