import Foundation
import Reconciliation

/// Two outputs of a reconciliation, a finding for each fifth bill.
enum FindingsFiles {
    static func made(in folder: BenchmarkFolder) throws -> (before: String, after: String) {
        let count = folder.rows / 5
        let files = ["before", "after"].map { "\(folder.path)/findings_\(count)_\($0).csv" }
        for (index, file) in files.enumerated() where !FileManager.default.fileExists(atPath: file) {
            try write(count, isLater: index == 1, to: file)
        }
        return (files[0], files[1])
    }

    private static func write(_ count: Int, isLater: Bool, to path: String) throws {
        _ = FileManager.default.createFile(atPath: path + ".part", contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path + ".part"))
        var text =
            "finding_id,account_number,rule,season,subject,severity,blocks,money_fen,community,found,expected,detail,text_zh,text_en,evidence\r\n"
        for index in 0..<count {
            let account = String(10_000_000 + index)
            let isOdd = index % 3000 == 7
            // Of three that differ one is gone, one is new and one is worth something else.
            if isOdd && !isLater { continue }
            if index % 3000 == 1007, isLater { continue }
            let money = 1000 + index * 7919 % 900_000 + (index % 3000 == 2007 && isLater ? 1 : 0)
            let id = String(UInt64(index) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
            text +=
                "\(id),\(account),tariff.area,2025-2026,,high,true,\(money),阳光花园小区\(index % 321),\"2,846.40\",\"2,808.80\",area 118.600; 天津市/resident.price,\"2025-2026 计费面积与登记不符：area 118.600; 天津市/resident.price，差 \(money) 元\",\"2025-2026: billed on another area than the registered one: area 118.600; 天津市/resident.price, \(money) yuan\",\"billing.charges#\(index * 32) (run 4, sf_fy \(index)); billing.accounts#\(200_000 + index) (run 1, sf_yh \(index))\"\r\n"
            if text.utf8.count > 1 << 20 {
                try handle.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        try FileManager.default.moveItem(atPath: path + ".part", toPath: path)
    }
}
