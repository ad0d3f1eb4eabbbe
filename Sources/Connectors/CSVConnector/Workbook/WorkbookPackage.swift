import HeatModel

/// A workbook's parts: which sheets it has, and where they, their texts and their styles stand.
struct WorkbookPackage {
    struct Sheet {
        var name: String
        var isHidden: Bool
        var entry: ZipArchive.Entry
    }

    let sheets: [Sheet]
    /// Days count from 1904-01-01 instead of 1899-12-31.
    let startsIn1904: Bool
    /// Its maker left it to Excel to compute the formulas when it opens: what stands as their value was never computed.
    let isUncomputed: Bool
    let sharedStrings: ZipArchive.Entry?
    let styles: ZipArchive.Entry?

    init(_ archive: ZipArchive, _ file: FileReader) throws {
        func relations(of part: String) throws -> [Relation] {
            let slash = part.lastIndex(of: "/")
            let folder = slash.map { String(part[...$0]) } ?? ""
            let name = "\(folder)_rels/\(part.dropFirst(folder.count)).rels"
            guard let entry = Self.entry(name, archive) else { return [] }
            let reader = RelationsPart(name: name, path: file.path)
            try reader.read(ZipEntryReader(file, entry))
            return reader.relations.map { relation in
                var relation = relation
                relation.target = Self.resolved(relation.target, from: folder)
                return relation
            }
        }
        func broken(_ what: String) -> HearthError {
            CSVError.make(
                .sourceCorrupt, "the workbook cannot be read: \(what)", file.path,
                advice: "Have the workbook opened, saved again and sent.")
        }
        guard let main = try relations(of: "").first(where: { $0.isKind("officeDocument") })?.target,
            let entry = Self.entry(main, archive)
        else { throw broken("nothing says where its main part is") }
        let book = WorkbookPart(name: main, path: file.path)
        try book.read(ZipEntryReader(file, entry))
        let related = try relations(of: main)
        var sheets: [Sheet] = []
        for sheet in book.sheets {
            guard let relation = related.first(where: { $0.id == sheet.id }) else {
                throw broken("nothing says where its sheet \(sheet.name) is")
            }
            // Sheets that are a chart, a macro or a dialog have no rows.
            guard relation.isKind("worksheet") else { continue }
            guard let entry = Self.entry(relation.target, archive) else {
                throw broken("its sheet \(sheet.name) is not there")
            }
            sheets.append(Sheet(name: sheet.name, isHidden: sheet.isHidden, entry: entry))
        }
        func part(_ kind: String) throws -> ZipArchive.Entry? {
            guard let relation = related.first(where: { $0.isKind(kind) }) else { return nil }
            guard let entry = Self.entry(relation.target, archive) else { throw broken("its \(kind) are not there") }
            return entry
        }
        self.sheets = sheets
        startsIn1904 = book.startsIn1904
        isUncomputed = book.isUncomputed
        sharedStrings = try part("sharedStrings")
        styles = try part("styles")
    }

    /// Names of parts do not differ by the case of their letters.
    private static func entry(_ name: String, _ archive: ZipArchive) -> ZipArchive.Entry? {
        archive[name] ?? archive.entries.first { $0.name.text.lowercased() == name.lowercased() }
    }

    /// A target as the name of an entry: `worksheets/sheet1.xml`, `/xl/worksheets/sheet1.xml`, `../xl/sheet1.xml`.
    private static func resolved(_ target: String, from folder: String) -> String {
        var parts: [Substring] = target.hasPrefix("/") ? [] : folder.split(separator: "/")
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    fileprivate struct Relation {
        var id: String
        var kind: String
        var target: String

        func isKind(_ name: String) -> Bool { kind.hasSuffix("/\(name)") }
    }
}

/// `_rels/….rels`: what a part refers to.
private final class RelationsPart: XMLPart {
    var relations: [WorkbookPackage.Relation] = []

    override func start(_ name: Name, _ attributes: Attributes) throws {
        guard Self.isName(name, "Relationship"), let id = attributes.text("Id"), let kind = attributes.text("Type"),
            let target = attributes.text("Target"), attributes.text("TargetMode") != "External"
        else { return }
        relations.append(.init(id: id, kind: kind, target: target))
    }
}

/// `xl/workbook.xml`.
private final class WorkbookPart: XMLPart {
    var sheets: [(name: String, id: String, isHidden: Bool)] = []
    var startsIn1904 = false
    var isUncomputed = false

    override func start(_ name: Name, _ attributes: Attributes) throws {
        if Self.isName(name, "sheet") {
            guard let sheet = attributes.text("name"), let id = attributes.text("id") else {
                throw broken("a sheet has no name")
            }
            let state = attributes.text("state") ?? "visible"
            sheets.append((XMLEntities.undone(sheet), id, state != "visible"))
        } else if Self.isName(name, "workbookPr") {
            startsIn1904 = attributes.isTrue("date1904")
        } else if Self.isName(name, "calcPr") {
            isUncomputed = attributes.isTrue("fullCalcOnLoad")
        }
    }
}

/// The entities of an attribute's value: libxml2 hands `&` over as `&#38;`.
enum XMLEntities {
    static func undone(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var made = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&"), let end = rest[start...].firstIndex(of: ";") {
            made += rest[..<start]
            let name = rest[rest.index(after: start)..<end]
            let known: [Substring: String] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
            if let text = known[name] {
                made += text
            } else if name.hasPrefix("#") {
                let digits = name.dropFirst()
                let value = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
                if let scalar = value.flatMap(Unicode.Scalar.init) { made.unicodeScalars.append(scalar) }
            }
            rest = rest[rest.index(after: end)...]
        }
        return made + rest
    }
}
