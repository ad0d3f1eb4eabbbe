import Foundation
import HeatModel

/// What rows are packed by: shapes and dictionaries, rows of the table `packing`. None is ever changed or removed.
extension Packing {
    private enum Kind: Int64 {
        /// Of stores from before; its frames have zstd's checksum.
        case dictionary = 0
        case shape = 1
        /// A dictionary whose frames stand behind a check of their own.
        case checkedDictionary = 2
    }

    /// Bytes of rows after which it is asked whether their dictionary still suits them, and rows after which their shape is.
    private static let (trialBytes, trialRows) = (256 << 10, 4096)

    // MARK: Reading

    func dictionary(_ number: Int64) throws -> PackingDictionary? {
        if let dictionary = dictionaries[number] { return dictionary }
        guard let row = try table.row(number), let kind = Kind(rawValue: row.kind), kind != .shape else { return nil }
        let dictionary = row.content.withUnsafeBytes {
            PackingDictionary(
                number, share: Int(row.share), $0, check: kind == .dictionary ? .ofText : .ofFrame, level: Self.level)
        }
        dictionaries[number] = dictionary
        return dictionary
    }

    /// A shape stands behind a number that checks its JSON.
    func shape(_ number: Int64) throws -> ShapeCodec? {
        if let shape = shapes[number] { return shape }
        guard let row = try table.row(number), row.kind == Kind.shape.rawValue, row.content.count > 4 else {
            return nil
        }
        let check = row.content.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        let json = Array(row.content[4...])
        guard check.littleEndian == json.withUnsafeBytes({ ShapeCodec.check($0, 0) }),
            let shape = try? JSONDecoder().decode(RowShape.self, from: Data(json)), shape.isSound
        else { return nil }
        let codec = ShapeCodec(number, shape)
        shapes[number] = codec
        return codec
    }

    package func subject(_ number: Int64) throws -> Subject {
        if let lastSubject, lastSubject.number == number { return lastSubject }
        let subject = subjects[number] ?? Subject(number)
        if subject.dictionary == nil || subject.shape == nil {
            for (isShape, last, count) in try table.newest(number) {
                if isShape {
                    (subject.shape, subject.shapes) = (try shape(last), count)
                } else {
                    (subject.dictionary, subject.dictionaries) = (try dictionary(last), count)
                }
            }
        }
        subjects[number] = subject
        lastSubject = subject
        return subject
    }

    // MARK: Learning

    /// Whether ``prepare(_:_:)`` would look at rows that are about to be packed.
    package func wantsSamples(_ subject: Subject) -> Bool { wantsShape(subject) || wantsDictionary(subject) }

    private func wantsShape(_ subject: Subject) -> Bool {
        if subject.number == Subject.views || subject.isShapeless { return false }
        return subject.shape == nil || subject.rows >= Self.trialRows
    }

    /// A subject whose rows have a shape needs one only once enough of them do not.
    private func wantsDictionary(_ subject: Subject) -> Bool {
        if subject.isHopeless { return false }
        return subject.dictionary == nil && subject.shape == nil || subject.plainBytes >= Self.trialBytes
    }

    /// Learns of rows that are about to be packed where the subject has no shape or dictionary yet, or where those that it has suit its rows no
    /// longer.
    package func prepare(_ subject: Subject, _ rows: some Collection<PackedTexts>) throws {
        guard rows.count >= PackingDictionary.fewest else { return }
        if wantsShape(subject) { try prepareShape(subject, rows.prefix(ShapeLearner.mostRows)) }
        if wantsDictionary(subject) { try prepareDictionary(subject, rows.prefix(PackingDictionary.mostSamples)) }
    }

    private func prepareShape(_ subject: Subject, _ samples: some Collection<PackedTexts>) throws {
        if subject.shape != nil {
            let isUnlike = subject.misfits * 3 > subject.rows
            (subject.rows, subject.misfits) = (0, 0)
            if !isUnlike { return }
        }
        // Of a stream whose rows have none, none is looked for again while the store is open.
        subject.isShapeless = true
        guard subject.shapes < PackingDictionary.most, let shape = ShapeLearner.shape(of: samples), shape.isSound else {
            return
        }
        let trial = ShapeCodec(0, shape)
        let hits = samples.count { row in row.beside.map { trial.pack(row.body, $0) != nil } ?? false }
        if hits * 2 < samples.count { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = Array(try encoder.encode(shape))
        let check = withUnsafeBytes(of: json.withUnsafeBytes { ShapeCodec.check($0, 0) }.littleEndian) { Array($0) }
        let number = try insert(subject, .shape, share: hits * 1000 / samples.count, check + json)
        subject.shape = try self.shape(number)
        subject.shapes += 1
        subject.isShapeless = false
    }

    private func prepareDictionary(_ subject: Subject, _ samples: some Collection<PackedTexts>) throws {
        if let dictionary = subject.dictionary {
            let isUnlike = subject.packedBytes * 1000 > subject.plainBytes * (dictionary.share * 3 / 2 + 20)
            (subject.plainBytes, subject.packedBytes) = (0, 0)
            if !isUnlike || subject.dictionaries >= PackingDictionary.most { return }
        }
        guard let bytes = PackingDictionary.made(of: samples, level: Self.level) else {
            subject.isHopeless = true
            return
        }
        let trial = bytes.withUnsafeBytes { PackingDictionary(0, share: 0, $0, check: .ofFrame, level: Self.level) }
        var (before, after) = (1, 0)
        for (body, beside) in samples {
            before += body.count + (beside?.count ?? 0)
            after += try pack(body, beside, with: trial).count
        }
        if after >= before {
            subject.isHopeless = true
            return
        }
        subject.dictionary = try dictionary(
            insert(subject, .checkedDictionary, share: after * 1000 / before, bytes))
        subject.dictionaries += 1
    }

    private func insert(_ subject: Subject, _ kind: Kind, share: Int, _ content: [UInt8]) throws -> Int64 {
        try table.insert(subject.number, kind.rawValue, Int64(share), content)
    }
}
