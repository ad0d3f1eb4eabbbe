import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// The workbook is one that a spreadsheet program opens, with the cells that were meant.
@Suite(.waitsForServers) struct WorkbookTests {
    private static let office = "/usr/bin/soffice"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: office), "LibreOffice is not installed"))
    func libreOfficeOpensIt() async throws {
        let options = EstateOptions(accounts: 300, seed: 4, city: .jinan, plantDiscrepancies: true)
        try await Site.with(options) { site in
            try await site.hearth("sync")
            try await site.hearth("reconcile", "--out", "out")
            let findings = try FindingsFile(site.folder + "/out").rows
            // Every sheet as CSV, cells as they are shown.
            let convert = try await Program.run(
                [
                    "--headless", "-env:UserInstallation=file://\(site.folder)/office", "--convert-to",
                    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", "--outdir",
                    "sheets",
                    "out/findings.xlsx",
                ], executable: Self.office, environment: ["HOME": site.folder, "LANG": "C.UTF-8"],
                directory: site.folder)
            #expect(convert.status == 0, "\(convert.errors)")
            let script = """
                import csv, json, glob, re, zipfile
                def sheet(name): return list(csv.reader(open(glob.glob(f'sheets/*{name}*.csv')[0], encoding='utf-8')))
                book = zipfile.ZipFile('out/findings.xlsx')
                xml = [book.read(f'xl/worksheets/sheet{n}.xml').decode() for n in (1, 2, 3)]
                rows, totals = sheet('Findings'), sheet('Totals')
                print(json.dumps({'rows': rows[1:], 'totals': len(totals) - 1, 'sums': len(sheet('Summary')),
                    'frozen': ['<pane ' in x for x in xml], 'filters': ['<autoFilter ' in x for x in xml],
                    'numbers': len(re.findall(r'<c r="F\\d+" s="\\d+"><v>', xml[1])),
                    'booleans': len(re.findall(r'<c r="D\\d+" t="b">', xml[1])),
                    'formulas': sum('<f>' in x for x in xml), 'created': book.read('docProps/core.xml').decode().count('2000-01-01T00:00:00Z')}))
                """
            let check = try await Program.run(
                ["-c", script], executable: "/usr/bin/python3", environment: [:], directory: site.folder)
            let seen = try #require(try check.json() as? [String: Any], "\(check.errors)")
            let rows = try #require(seen["rows"] as? [[String]])
            #expect(rows.count == findings.count && rows.count > 20)
            for (row, finding) in zip(rows, findings) {
                #expect(
                    row[0] == finding["account_number"] && row[1] == finding["rule"] && row[14] == finding["finding_id"]
                )
                let fen = Int64((Double(row[5].replacing(",", with: "")) ?? -1) * 100)
                #expect(abs(fen - (Int64(finding["money_fen"]!) ?? 0)) <= 1)
            }
            #expect(seen["numbers"] as? Int == rows.count && seen["booleans"] as? Int == rows.count)
            #expect(seen["formulas"] as? Int == 0 && seen["created"] as? Int == 2)
            #expect(
                seen["frozen"] as? [Bool] == [false, true, true] && seen["filters"] as? [Bool] == [false, true, true])
            #expect((seen["totals"] as? Int ?? 0) > 100 && (seen["sums"] as? Int ?? 0) > 40)
        }
    }
}
