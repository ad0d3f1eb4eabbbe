import CSVConnector
import Foundation
import HearthTesting
import HeatModel
import Records

/// A drop folder of a sender that does what senders do, from a seed: one file a day, some of them with something wrong.
///
/// It knows what is true of each day, and what a pull of the folder as it lies there may come to.
struct AdversaryFolder {
    /// What a day's file is to a pull.
    enum Fate: Equatable {
        /// It can be read, but for what its defects say.
        case good
        /// It is not ready yet.
        case waiting
        /// A pull of the folder must fail.
        case fails
    }

    struct Day {
        var rows: [(key: String, fields: [String])]
        var fate: Fate
        /// What was done to it, for the message of a failed test.
        var deeds: [String] = []
        /// Under which name it lies there, and what it said before it was written anew.
        var name: [UInt8] = []
        var earlier: [(key: String, fields: [String])] = []
        /// The sign that has not come yet, and what the file is once it has.
        var late: (name: [UInt8], sign: [UInt8], fate: Fate)?
    }

    enum Readiness: CaseIterable { case renamed, done, manifest, stable }
    enum Naming: CaseIterable { case numbers, dates, chinese }

    let box: DropBox
    let readsSnapshots: Bool
    let readiness: Readiness
    let naming: Naming
    let hasTrailer: Bool
    private(set) var days: [Day] = []
    private var generator: SeededGenerator
    /// The state after the last day of a snapshot; deltas only add to it.
    private var residents: [String: [String]] = [:]
    private var made = 0
    /// Keys of which a delta said something new: no order of reading gives them back what was there before.
    private var restated: Set<String> = []

    init(seed: UInt64, box: DropBox) {
        generator = SeededGenerator(seed: seed &* 0x2545_F491_4F6C_DD1D)
        self.box = box
        readsSnapshots = Int.random(in: 0..<3, using: &generator) > 0
        readiness = Readiness.allCases.randomElement(using: &generator)!
        naming = Naming.allCases.randomElement(using: &generator)!
        hasTrailer = Bool.random(using: &generator)
    }

    var stream: CSVStream {
        box.stream {
            $0.pattern = "yh*_*.csv*"
            $0.semantics = readsSnapshots ? .snapshot : .delta
            switch readiness {
            case .renamed: break
            case .done: $0.readiness = .doneMarker(suffix: ".done")
            case .manifest: $0.readiness = .manifest
            case .stable: $0.readiness = .stable(seconds: 0)
            }
            if hasTrailer { $0.trailer = .init(prefix: "合计", countField: 2, sumField: 4, sumColumn: "金额") }
        }
    }

    /// What the store is to hold when every day has come.
    var truth: [String: [String]] { Self.merged(days, readsSnapshots) }

    /// What a pull of the folder is to bring: of snapshots the last good day, of deltas all of them.
    var visible: [String: [String]] { Self.merged(days.filter { $0.fate == .good }, readsSnapshots) }

    private static func merged(_ days: [Day], _ readsSnapshots: Bool) -> [String: [String]] {
        var state: [String: [String]] = [:]
        for day in readsSnapshots ? days.suffix(1)[...] : days[...] {
            for row in day.rows { state[row.key] = row.fields }
        }
        return state
    }

    /// Every value that was ever true of a key.
    var versions: [String: Set<[String]>] {
        var versions: [String: Set<[String]>] = [:]
        for day in days { for row in day.rows + day.earlier { versions[row.key, default: []].insert(row.fields) } }
        return versions
    }

    // MARK: a day

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
    private mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &generator)! }

    /// The name of a day's file, without its ending.
    func stem(_ day: Int) -> String {
        switch naming {
        case .numbers: "yh_\(8 + day)"
        case .dates: "yh_2025-\(day < 2 ? 9 : 10)-\(day < 2 ? 29 + day : day - 1)"
        case .chinese: "yh用户_2025年12月\(7 + day)日"
        }
    }

    private static let header = "户号,姓名,地址,金额"

    private mutating func fields(_ key: String) -> [String] {
        let names = ["张伟", "王芳", "李娜", "O'Neil", "欧阳建国", "𠮷野"]
        let addresses = ["1号楼", "2 Road, Town", "光明路\n3单元, 101", "say \"hi\"", "", "a\"b", "5\" 管"]
        return [
            key, pick(names), pick(addresses),
            "\(Int.random(in: 0...999, using: &generator)).\(Int.random(in: 10...99, using: &generator))",
        ]
    }

    private mutating func change() -> [(key: String, fields: [String])] {
        if readsSnapshots {
            for key in residents.keys.sorted() {
                if chance(10) { residents[key] = nil } else if chance(30) { residents[key] = fields(key) }
            }
        } else {
            residents = [:]
            if signsNeverComeLate {
                for key in days.filter({ $0.fate == .good }).flatMap({ $0.rows.map(\.key) }).sorted()
                where chance(15) && restated.insert(key).inserted { residents[key] = fields(key) }
            }
        }
        for _ in 0..<Int.random(in: 2...5, using: &generator) {
            made += 1
            let key = "0000" + String(1_000 + made)
            residents[key] = fields(key)
        }
        return residents.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private var signsNeverComeLate: Bool { readiness == .renamed || readiness == .stable }

    /// Puts the next day's file there, and mends or worsens what lies there already.
    mutating func nextDay() throws {
        if signsNeverComeLate {
            // What is taken away was read, or stood beside a file that fails: it was there when the last pull came.
            if chance(12) { takeAway() }
            if chance(12) { rewriteLast() }
        }
        for index in days.indices where days[index].fate == .waiting && chance(40) { giveSign(index) }
        var day = Day(rows: change(), fate: .good)
        let number = days.count
        if signsNeverComeLate, number > 0, chance(5) {
            // A delta of nothing is no news; a snapshot of nothing is not believed, where something is held.
            day.rows = []
            day.deeds.append("header only")
            if readsSnapshots {
                guard days.contains(where: { $0.fate == .good }) else { return }
                day.fate = .fails
            } else {
                for key in residents.keys { restated.remove(key) }
            }
        }
        var name = stem(number) + ".csv"
        var lines = [Self.header] + day.rows.map { Self.line($0.fields) }
        if !day.rows.isEmpty, chance(8) { spoilLine(&lines, &day) }
        if hasTrailer { lines.append(trailer(day.rows, &day)) }
        let isSpoilt = day.deeds.contains { $0.hasPrefix("spoilt") }
        let tail = !isSpoilt && chance(15) ? ",," : ""
        if !tail.isEmpty { day.deeds.append("empty columns") }
        let mixesEnds = chance(20)
        if mixesEnds { day.deeds.append("mixed line ends") }
        var text = ""
        for line in lines { text += line + tail + (mixesEnds && chance(50) ? "\r\n" : "\n") }
        var bytes = encoded(text, &day)
        if chance(15) {
            bytes = FileBytes.gzip(bytes)
            name += ".gz"
            day.deeds.append("gzip")
            if chance(25) {
                bytes = Array(bytes.dropLast(Int.random(in: 1..<bytes.count / 2, using: &generator)))
                day.fate = .fails
                day.deeds.append("cut")
            }
        } else if chance(5) {
            bytes = [0x50, 0x4B, 3, 4] + Array("....[Content_Types].xml".utf8)
            day.fate = .fails
            day.deeds.append("xlsx")
        } else if chance(4) {
            bytes = []
            day.fate = .fails
            day.deeds.append("empty file")
        } else if hasTrailer, !isSpoilt, !day.rows.isEmpty, chance(8) {
            // Still growing: the trailer has not come yet.
            let whole = text.utf8.count
            bytes = Array(text.utf8.prefix(whole - Int.random(in: 12...(whole / 2), using: &generator)))
            while String(validating: bytes, as: UTF8.self) == nil { bytes.removeLast() }
            day.fate = .fails
            day.deeds.append("growing")
        }
        var nameBytes = naming == .chinese && chance(50) ? FileBytes.encoded(name, "GB18030") : Array(name.utf8)
        if chance(5) {
            nameBytes = Array((naming == .chinese ? "YH_X.CSV" : name.uppercased()).utf8)
            day.fate = .fails
            day.deeds.append("capitals")
        } else if readsSnapshots, days.contains(where: { $0.fate == .good }), chance(5) {
            nameBytes = Array(pick(["yh_neu.csv", "yh_\(8 + number) (copy).csv", "yh_30-09-2025.csv"]).utf8)
            day.fate = .fails
            day.deeds.append("odd name")
        }
        box.put(nameBytes, bytes)
        if chance(10) {
            box.setModified(nameBytes, 4_000_000_000)
            day.deeds.append("from the future")
        }
        try sign(nameBytes, bytes, &day)
        day.name = nameBytes
        days.append(day)
        if chance(10) { dropAgain(number, nameBytes, bytes) }
    }

    /// The sign of a file, which may be late or wrong.
    private mutating func sign(_ name: [UInt8], _ bytes: [UInt8], _ day: inout Day) throws {
        guard readiness == .done || readiness == .manifest else { return }
        if chance(12) {
            // A file that nobody may read yet is no fault, whatever is in it.
            let sign = readiness == .done ? [] : Array("rows=\(day.rows.count)\n".utf8)
            let ending = readiness == .done ? ".done" : ".manifest"
            day.deeds.append("no sign")
            if day.deeds.contains("capitals") { return }
            day.late = (name + Array(ending.utf8), sign, day.fate)
            day.fate = .waiting
            return
        }
        if readiness == .done { return box.put(name + Array(".done".utf8), []) }
        var rows = day.rows.count
        if chance(6), day.fate == .good {
            rows += 1
            day.fate = .fails
            day.deeds.append("wrong manifest")
        }
        box.put(name + Array(".manifest".utf8), Array("rows=\(rows)\n".utf8))
    }

    private mutating func giveSign(_ index: Int) {
        guard let late = days[index].late else { return }
        box.put(late.name, late.sign)
        days[index].fate = late.fate
        days[index].deeds.append("sign late")
    }

    /// The last day's file is written once more, with other values under its name.
    private mutating func rewriteLast() {
        guard let day = days.last, day.fate == .good, !day.rows.isEmpty, day.earlier.isEmpty else { return }
        if day.deeds.contains(where: { $0 == "dropped again" || $0.hasPrefix("spoilt") }) { return }
        if !readsSnapshots, day.rows.contains(where: { restated.contains($0.key) }) { return }
        let rows = day.rows.map { (key: $0.key, fields: fields($0.key)) }
        for row in rows {
            if readsSnapshots { residents[row.key] = row.fields } else { restated.insert(row.key) }
        }
        days[days.count - 1].earlier = day.rows
        days[days.count - 1].rows = rows
        days[days.count - 1].deeds.append("rewritten")
        box.put(day.name, Array(text(rows).utf8))
    }

    /// What was read is taken out of the folder.
    private mutating func takeAway() {
        guard let index = days.indices.filter({ days[$0].fate == .good }).randomElement(using: &generator) else {
            return
        }
        days[index].deeds.append("taken away")
        try? box.remove(String(decoding: days[index].name, as: UTF8.self))
    }

    /// A day's file as it was agreed.
    private func text(_ rows: [(key: String, fields: [String])]) -> String {
        let text = ([Self.header] + rows.map { Self.line($0.fields) }).joined(separator: "\n") + "\n"
        let units = rows.reduce(0) { $0 + Int($1.fields[3].replacing(".", with: ""))! }
        guard hasTrailer else { return text }
        return text + "合计,\(rows.count),,\(units / 100).\(units % 100 < 10 ? "0" : "")\(units % 100)\n"
    }

    /// The same content under another name; a snapshot of long ago under the name that it had.
    private mutating func dropAgain(_ number: Int, _ name: [UInt8], _ bytes: [UInt8]) {
        guard days[number].fate == .good, signsNeverComeLate, !days[number].rows.isEmpty else { return }
        // Under a name that sorts before: read in that place, it would take back what was said between.
        if !readsSnapshots, days[number].rows.contains(where: { restated.contains($0.key) }) { return }
        days[number].deeds.append("dropped again")
        if !readsSnapshots { return box.put(Array("yh_again\(number)_1.csv".utf8), bytes) }
        // Older than all that lies there, and never read: it changes nothing.
        guard naming == .numbers else { return }
        let old = Self.header + "\n00009999,旧,旧,1.00\n" + (hasTrailer ? "合计,1,,1.00\n" : "")
        box.put(Array("yh_7.csv".utf8), Array(old.utf8))
    }

    // MARK: text

    private static func line(_ fields: [String]) -> String {
        fields.map { field in
            let must = field.contains(",") || field.contains("\n") || field.hasPrefix("\"") || field.contains("say")
            return must ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
        }.joined(separator: ",")
    }

    private mutating func trailer(_ rows: [(key: String, fields: [String])], _ day: inout Day) -> String {
        let units = rows.reduce(0) { $0 + Int($1.fields[3].replacing(".", with: ""))! }
        var sum = "\(units / 100).\(units % 100 < 10 ? "0" : "")\(units % 100)"
        // A line that is no record any more is not in the sum.
        if day.deeds.contains(where: { $0.hasPrefix("spoilt") }) { day.fate = .fails }
        if chance(20) { sum = pick([sum + "元", "¥" + sum, sum + "\u{A0}", "+" + sum]) }
        if chance(5) {
            day.fate = .fails
            day.deeds.append("wrong sum")
            return "合计,\(rows.count),,\(sum)1"
        }
        return "合计,\(rows.count),,\(sum)"
    }

    /// One record that cannot come whole: it must be told.
    private mutating func spoilLine(_ lines: inout [String], _ day: inout Day) {
        let at = Int.random(in: 1..<lines.count, using: &generator)
        let fields = day.rows[at - 1].fields
        switch Int.random(in: 0..<5, using: &generator) {
        case 4:
            // A bell stands for a byte that no encoding has: see `encoded`.
            lines[at] = fields[0] + ",\u{7},x,1.00"
            day.deeds.append("spoilt: bad byte")
        case 0:
            lines[at] = fields[0] + ",\"" + fields[1] + ",x,1.00"
            day.deeds.append("spoilt: opening quote")
        case 1:
            lines[at] =
                fields[0] + "," + fields[1]
                + pick(["\"2 Road, Town\",1.00", "\"2 Road, Town, C\"1.00", "\"2 Road, 3 Town, C 5\"x"])
            day.deeds.append("spoilt: lost delimiter")
        case 2:
            lines[at] = fields[0] + "," + fields[1]
            day.deeds.append("spoilt: ragged")
        default:
            lines.insert(Self.header, at: at)
            day.deeds.append("spoilt: header")
        }
        // A manifest counts what the sender meant to write.
        if readiness == .manifest, lines.count != day.rows.count + 1 { day.fate = .fails }
    }

    private mutating func encoded(_ text: String, _ day: inout Day) -> [UInt8] {
        let hasBadByte = day.deeds.contains("spoilt: bad byte")
        let encoding = pick(hasBadByte ? ["UTF-8", "GB18030", "BOM"] : ["UTF-8", "UTF-8", "GB18030", "UTF-16", "BOM"])
        day.deeds.append(encoding)
        let bytes = encoding == "BOM" ? [0xEF, 0xBB, 0xBF] + Array(text.utf8) : FileBytes.encoded(text, encoding)
        return hasBadByte ? bytes.map { $0 == 7 ? 0xFF : $0 } : bytes
    }

    // MARK: healing

    /// Everything again, as it should have been, and one more day.
    mutating func heal() throws {
        box.clear()
        days = days.map { Day(rows: $0.rows, fate: .good, deeds: []) }
        days.append(Day(rows: change(), fate: .good))
        for (number, day) in days.enumerated() where !day.rows.isEmpty {
            let name = Array((stem(number) + ".csv").utf8)
            // Of deltas all are sent as new ones, so that they are read again in their order.
            box.put(name, Array((text(day.rows) + (readsSnapshots ? "" : "\n\n")).utf8))
            if readiness == .done { box.put(name + Array(".done".utf8), []) }
            if readiness == .manifest { box.put(name + Array(".manifest".utf8), Array("rows=\(day.rows.count)".utf8)) }
        }
    }

    var story: String {
        "\(readsSnapshots ? "snapshots" : "deltas"), \(readiness), \(naming)\(hasTrailer ? ", trailer" : ""): "
            + days.enumerated().map { "day \($0) \($1.fate) [\($1.deeds.joined(separator: ", "))]" }.joined(
                separator: "; ")
    }
}
