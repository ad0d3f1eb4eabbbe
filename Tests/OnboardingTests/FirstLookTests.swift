import Foundation
import HearthTesting
import HeatModel
import LegacyEstate
import Testing

@testable import Onboarding

/// `hearth init` where the data lie in workbooks and archives, and where a person is asked.
@Suite struct FirstLookTests {
    private static let residents = """
        import csv, sys, zipfile, xlsxwriter
        folder = sys.argv[1]
        header = ["户号", "姓名", "联系电话", "建筑面积", "用热地址"]
        rows = [[f"{10000000 + n}", f"用户{n}", f"1380000{n:04d}", 80 + n % 40 + 0.5, f"阳光花园{n % 9 + 1}号楼{n % 3 + 1}单元{n:03d}"] for n in range(60)]
        book = xlsxwriter.Workbook(folder + "/用户台账.xlsx")
        sheet = book.add_worksheet("用户")
        for at, row in enumerate([header] + rows):
            for column, value in enumerate(row):
                sheet.write(at, column, value)
        book.close()
        with zipfile.ZipFile(folder + "/jiaofei.zip", "w") as archive:
            lines = ["流水号,户号,金额,缴费时间"] + [f"{n},{10000000 + n},{1000 + n}.50,2025-10-{n % 28 + 1:02d} 10:00:00" for n in range(60)]
            archive.writestr("jiaofei.csv", "\\n".join(lines).encode("gb18030"))
        """

    private func writeFiles(into folder: String) async throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let python = try await Program.run(
            ["\(Support.here)/../tools/python-env.sh", "files"], executable: "/bin/sh",
            environment: ["HOME": NSHomeDirectory(), "PATH": path], directory: Support.here)
        try #require(python.status == 0, "\(python.errors)")
        _ = try await Support.output(
            ["-c", Self.residents, folder],
            executable: python.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test func workbooksAndArchivesAreLookedAt() async throws {
        try await Support.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/old", withIntermediateDirectories: true)
            try await writeFiles(into: folder + "/old")
            let made = try await Program.run(["init", "new", "--from", "old"], environment: [:], directory: folder)
            #expect(made.status < 2, "\(made.output)\(made.errors)")
            let config = try String(contentsOfFile: folder + "/new/Config/hearth.yaml", encoding: .utf8)
            #expect(config.contains("用户台账") && config.contains("jiaofei"), "\(config)")
            let sync = try await Program.run(["sync", "--json"], environment: [:], directory: folder + "/new")
            #expect(sync.status < 2, "\(sync.output)\(sync.errors)")
            let runs = (try sync.json() as? [String: Any])?["runs"] as? [[String: Any]] ?? []
            let news = runs.map { ($0["counts"] as? [String: Int])?["new"] ?? 0 }
            #expect(news == [60, 60], "\(sync.output)\n\(config)")
        }
    }

    /// What could not be read is told with its reason; nothing counts as not there.
    @Test func whatCannotBeReadIsTold() async throws {
        let error = #expect(throws: HearthError.self) { try FolderSurvey("/nowhere/drops") }
        #expect(error?.code.name == "source.nothingFound" && error?.place != nil)
        let estate = Estate(EstateOptions(accounts: 60, seed: 5))
        let service = estate.dispatchService()
        let address = try await service.start()
        try await Support.withFolder { folder in
            for part in ["Config", "Mappings"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
            }
            let config = folder + "/Config/hearth.yaml"
            try "store: {sqlite: ../hearth.db}\nmappings: ../Mappings\narchive: off\nsources: {}\n".write(
                toFile: config, atomically: true, encoding: .utf8)
            let environment = ["DISPATCH_USER": Estate.dispatchUser, "DISPATCH_PASSWORD": Estate.dispatchPassword]
            func hearth(_ arguments: String...) async throws -> Program.Ending {
                try await Program.run(arguments, environment: environment, directory: folder)
            }
            let added = try await hearth(
                "import", "wsdl", address + "?wsdl", "--name", "dispatch", "--security", "digest", "--add")
            // Its writing operations are not taken.
            #expect(added.status == 1, "\(added.errors)")
            let whole = try await hearth("suggest", "dispatch.workOrders")
            #expect(whole.status < 2 && !whole.errors.contains("types and comments"), "\(whole.errors)")
            // The description is gone, and a mapping beside is broken.
            let section = try String(contentsOfFile: config, encoding: .utf8)
            let lines = section.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.hasPrefix("      wsdl: ") ? "      wsdl: http://127.0.0.1:1/gone?wsdl" : String(line)
            }
            #expect(lines.contains("      wsdl: http://127.0.0.1:1/gone?wsdl"), "\(section)")
            try lines.joined(separator: "\n").write(toFile: config, atomically: true, encoding: .utf8)
            try "entity: premises\nfrom: [\n".write(
                toFile: folder + "/Mappings/customer.residents.yaml", atomically: true, encoding: .utf8)
            let part = try await hearth("suggest", "dispatch.workOrders")
            #expect(part.status == 2 && part.errors.contains("types and comments of its columns"), "\(part.errors)")
            #expect(part.errors.contains("customer.residents.yaml"), "\(part.errors)")
            #expect(part.output.contains("entity: workOrder"), "\(part.output)")
        }
        await service.stop()
    }

    /// At a terminal `init` asks where the data are, and an empty line ends the list.
    @Test func aPersonIsAsked() async throws {
        try await Support.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/old", withIntermediateDirectories: true)
            try Estate(EstateOptions(accounts: 40, seed: 3)).writeCustomer(dropFolder: folder + "/old")
            let asked = try await Program.run(
                ["-c", "(printf 'old\\n\\n'; sleep 1) | script -qec '\(Program.path) init new' /dev/null"],
                executable: "/bin/sh", environment: ["PATH": "/usr/bin:/bin", "TERM": "dumb"], directory: folder)
            #expect(asked.output.contains("Where are your data?"), "\(asked.output)\(asked.errors)")
            let config = try String(contentsOfFile: folder + "/new/Config/hearth.yaml", encoding: .utf8)
            #expect(config.contains("yhxx_"), "\(config)")
        }
    }
}
