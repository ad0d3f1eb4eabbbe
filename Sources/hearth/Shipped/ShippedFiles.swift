import CKnowledge
import Foundation
import HeatModel

/// Files of `Config/` and `Mappings/` that are built into the program: the links beside this file lead to them.
enum ShippedFiles {
    typealias File = (name: String, bytes: [UInt8])

    /// What every company begins with.
    static let all: [File] =
        [
            ("Config/reconciliation.yaml", PackageResources.reconciliation_yaml),
            ("Config/triage.yaml", PackageResources.triage_yaml),
            ("Config/suspension.yaml", PackageResources.suspension_yaml),
            ("Config/webhooks.yaml", PackageResources.webhooks_yaml),
            ("Config/notices.yaml", PackageResources.notices_yaml),
            ("Config/notices.zh.yaml", PackageResources.notices_zh_yaml),
            ("Config/pictures/air-vent.svg", PackageResources.air_vent_svg),
            ("Config/pictures/filter.svg", PackageResources.filter_svg),
            ("Config/pictures/valve.svg", PackageResources.valve_svg),
            ("Config/tariffs/README.md", PackageResources.README_md),
            ("Config/tariffs/beijing.yaml", PackageResources.beijing_yaml),
            ("Config/tariffs/harbin.yaml", PackageResources.harbin_yaml),
            ("Config/tariffs/jinan.yaml", PackageResources.jinan_yaml),
            ("Config/tariffs/shenyang.yaml", PackageResources.shenyang_yaml),
            ("Config/tariffs/tianjin.yaml", PackageResources.tianjin_yaml),
            ("Config/answers/en.yaml", PackageResources.en_yaml),
            ("Config/answers/zh.yaml", PackageResources.zh_yaml),
            ("Config/answers/zh-plain.yaml", PackageResources.zh_plain_yaml),
        ] + knowledge

    /// How customers speak: half a megabyte, which as a Swift literal would take a minute to compile.
    private static let knowledge: [File] = (0..<Int(hearth_knowledge_count())).map { index in
        let file = hearth_knowledge_file(UInt(index))
        return (
            "Config/knowledge/" + String(cString: file.name),
            Array(UnsafeBufferPointer(start: file.bytes, count: Int(file.count)))
        )
    }

    /// Where the demonstration company's offices are: a company of one's own begins with none, and tells no customer of places that are not.
    private static let offices = """
        offices:
          - {name: 阳光供热营业厅, address: 阳光路 1 号, hours: 工作日 8:30–17:00}
          - {name: 河东供热营业厅, address: 河东路 9 号, hours: 每天 8:30–17:00}

        """

    /// The demonstration company's doors, all of them open.
    private static let doors = """

        channels: {company: 暖城供热客服, chat: {}, kiosk: {}, desk: {}, console: {}}

        """

    /// What describes the demonstration company, beside ``all``, and before it: what is written stays.
    static let demo: [File] = [
        ("Config/knowledge/offices.yaml", Array(offices.utf8)),
        ("Config/hearth.yaml", PackageResources.hearth_yaml + Array(doors.utf8)),
        ("Mappings/billing.accounts.yaml", PackageResources.billing_accounts_yaml),
        ("Mappings/billing.charges.yaml", PackageResources.billing_charges_yaml),
        ("Mappings/billing.disconnections.yaml", PackageResources.billing_disconnections_yaml),
        ("Mappings/billing.payments.yaml", PackageResources.billing_payments_yaml),
        ("Mappings/billing.readings.yaml", PackageResources.billing_readings_yaml),
        ("Mappings/billing.seasons.yaml", PackageResources.billing_seasons_yaml),
        ("Mappings/billing.suspensions.yaml", PackageResources.billing_suspensions_yaml),
        ("Mappings/customer.residents.yaml", PackageResources.customer_residents_yaml),
        ("Mappings/dispatch.outages.yaml", PackageResources.dispatch_outages_yaml),
        ("Mappings/dispatch.temperatures.yaml", PackageResources.dispatch_temperatures_yaml),
        ("Mappings/dispatch.workOrderEvents.yaml", PackageResources.dispatch_workOrderEvents_yaml),
        ("Mappings/dispatch.workOrders.yaml", PackageResources.dispatch_workOrders_yaml),
        ("Mappings/unified.yaml", PackageResources.unified_yaml),
    ]

    /// Writes files into a folder. One that exists stays as it is.
    ///
    /// - Parameter report: is given the path of each file, and whether it was written.
    /// - Throws: `usage.notWritable`.
    static func write(
        _ files: [File], into folder: URL, report: (_ path: String, _ isWritten: Bool) -> Void = { _, _ in }
    ) throws {
        for (name, bytes) in files {
            let file = folder.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: file.path) {
                report(file.path, false)
                continue
            }
            do {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file, options: .withoutOverwriting)
            } catch {
                throw notWritable("the file cannot be written", file, error)
            }
            report(file.path, true)
        }
    }

    /// Makes a folder; one that exists stays as it is.
    ///
    /// - Throws: `usage.notWritable`.
    static func makeFolder(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw notWritable("the folder cannot be made", folder, error)
        }
    }

    private static func notWritable(_ message: String, _ place: URL, _ cause: any Error) -> HearthError {
        HearthError(
            .usageNotWritable, message, at: .file(place.path, line: 0, column: 0),
            advice: "name a folder that you may write to", cause: cause)
    }
}
