import HeatModel

/// What a cell's number format makes of its number.
enum NumberForm: Equatable {
    case plain
    /// A day, a time of day, or both.
    case date(hasDay: Bool, hasTime: Bool)
    /// Hours beyond a day: `[h]:mm`.
    case duration
    /// So many digits, with zeros before them: `00000000`.
    case padded(Int)

    /// Reads the code of a number format, such as `yyyy"年"m"月"d"日"`.
    init(code: String) {
        var letters: [Character] = []
        var rest = code[...]
        if rest.lowercased().hasPrefix("general") {
            self = .plain
            return
        }
        loop: while let next = rest.popFirst() {
            switch next {
            // Other sections are for negative numbers, zero and text.
            case ";": break loop
            case "\"": rest = rest.drop { $0 != "\"" }.dropFirst()
            case "\\", "_", "*": rest = rest.dropFirst()
            case "[":
                let inner = rest.prefix { $0 != "]" }
                rest = rest.dropFirst(inner.count + 1)
                let unit = Set(inner.lowercased())
                if unit.count == 1, let letter = unit.first, "hms".contains(letter) {
                    self = .duration
                    return
                }
            case "E", "e":
                // `0.00E+00` is no era.
                if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() } else { letters.append("e") }
            default: letters.append(contentsOf: next.lowercased())
            }
        }
        if letters.count > 1, letters.allSatisfy({ $0 == "0" }) {
            self = .padded(letters.count)
            return
        }
        let hasDay = letters.contains { "yde".contains($0) }
        let hasTime = letters.contains { "hs".contains($0) }
        if hasDay || hasTime || letters.contains("m") {
            self = .date(hasDay: hasDay || !hasTime, hasTime: hasTime)
        } else {
            self = .plain
        }
    }

    /// The formats that have no code in the file; those from 27 on are what Chinese editions make of them.
    init(builtIn id: Int) {
        switch id {
        case 14...17, 27...31, 36, 50...54, 57, 58: self = .date(hasDay: true, hasTime: false)
        case 18...21, 32...35, 45, 47, 55, 56: self = .date(hasDay: false, hasTime: true)
        case 22: self = .date(hasDay: true, hasTime: true)
        case 46: self = .duration
        default: self = .plain
        }
    }
}

/// `xl/styles.xml`: the number format of each style that cells refer to.
final class CellStyles: XMLPart {
    private(set) var forms: [NumberForm] = []
    private var codes: [Int: NumberForm] = [:]
    private var isCellFormats = false

    /// Those of a workbook; without a part of styles every number is plain.
    static func forms(of package: WorkbookPackage, _ file: FileReader) throws -> [NumberForm] {
        guard let entry = package.styles else { return [] }
        let part = CellStyles(name: entry.name.text, path: file.path)
        try part.read(ZipEntryReader(file, entry))
        return part.forms
    }

    override func start(_ name: Name, _ attributes: Attributes) throws {
        if Self.isName(name, "numFmt") {
            if let id = attributes.number("numFmtId"), let code = attributes.text("formatCode") {
                codes[id] = NumberForm(code: XMLEntities.undone(code))
            }
        } else if Self.isName(name, "cellXfs") {
            isCellFormats = true
        } else if isCellFormats, Self.isName(name, "xf") {
            let id = attributes.number("numFmtId") ?? 0
            forms.append(codes[id] ?? NumberForm(builtIn: id))
        }
    }

    override func end(_ name: Name) throws {
        if Self.isName(name, "cellXfs") { isCellFormats = false }
    }
}
