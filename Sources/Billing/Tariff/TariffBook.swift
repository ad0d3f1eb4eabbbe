import ConfigurationFiles
import Foundation
public import HeatModel

/// All tariffs of a folder, and which of them holds for a case.
public struct TariffBook: Sendable {
    /// By the city's names; in each, versions of the highest rank first, then in the files' order.
    private var cities: [String: Int]
    private var versions: [[Tariff]]
    /// The same for each area that may be charged, in the order of ``AreaBasis``: a version is one for all its bills.
    private var byBasis: [[[Tariff]]]
    /// The cities by their first names, in the order of the files.
    public let cityNames: [String]

    /// Reads every `*.yaml` of a folder and checks them together.
    ///
    /// - Throws: `ConfigurationErrors` with every problem of every file.
    public static func load(directory: String) throws -> TariffBook {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ConfigurationErrors([
                HearthError(
                    .configUnreadable, "the folder of tariffs cannot be read",
                    at: .file(directory, line: 0, column: 0))
            ])
        }
        let files = names.filter { $0.hasSuffix(".yaml") }.sorted()
        return try load(files: files.map { URL(fileURLWithPath: directory).appendingPathComponent($0).relativePath })
    }

    /// The same for files by their paths.
    public static func load(files: [String]) throws -> TariffBook {
        var problems: [HearthError] = []
        var read: [TariffFile] = []
        for path in files {
            var reader = TariffFileReader(path: path)
            if let file = reader.read() { read.append(file) }
            problems += reader.problems
        }
        if problems.isEmpty { problems = TariffFileChecks.problems(of: read) }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
        return TariffBook(read)
    }

    init(_ files: [TariffFile]) {
        var cities: [String: Int] = [:]
        var versions: [[Tariff]] = []
        var names: [String] = []
        for file in files {
            let index = cities[file.city] ?? versions.count
            if index == versions.count {
                versions.append([])
                names.append(file.city)
            }
            for name in [file.city] + file.aliases { cities[name] = index }
            versions[index] += file.versions
        }
        for index in versions.indices {
            let ranked = versions[index].enumerated().sorted {
                ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset)
            }
            versions[index] = ranked.map(\.element)
        }
        self.cities = cities
        self.versions = versions
        byBasis = versions.map { $0.map { version in AreaBasis.allCases.map { version.charging($0) } } }
        cityNames = names
    }

    /// Every version of a city, in the order in which they are tried; none where the city is not known.
    public func tariffs(of city: String) -> [Tariff] { cities[city].map { versions[$0] } ?? [] }

    /// The city that billing's code of a tariff begins with, by its first name: `TJ-JM-3` is 天津市's where TJ is one of its names; nil
    /// where no city has such a name.
    public func city(ofCode code: String) -> String? {
        let name = String(code.prefix { $0 != "-" && $0 != "_" && $0 != "." })
        return cities[name].map { cityNames[$0] }
    }

    /// The city whose tariffs hold for an account: as a fact states it, else as billing's code of its tariff begins, else the
    /// company's own.
    public func city(stated: String?, code: String?, home: String?) -> String? {
        stated ?? code.flatMap { city(ofCode: $0) } ?? home
    }

    /// The tariff that holds for a case: the most specific version of its city, company, season and class.
    ///
    /// - Throws: `billing.missingInput` where the case does not say its city, season or class; `billing.notCovered` where no
    ///   version holds.
    public func tariff(for subject: BillingCase) throws(HearthError) -> Tariff {
        guard let city = subject.city else { throw BillingProblem.missing("city") }
        guard let index = cities[city] else {
            throw HearthError(
                .billingNotCovered, "there are no tariffs of this city",
                advice: NearestName.advice(city, among: cityNames))
        }
        let season = try subject.heatingSeason()
        if let place = versions[index].indices.first(where: { versions[index][$0].covers(subject, season) }) {
            if subject.class == nil,
                versions[index].contains(where: { $0.accountClass != nil && $0.seasons.contains(season) })
            {
                throw BillingProblem.missing("class")
            }
            let version = versions[index][place]
            let basis = version.basis(for: subject)
            if basis == version.area { return version }
            return byBasis[index][place][AreaBasis.allCases.firstIndex(of: basis) ?? 0]
        }
        if subject.class == nil { throw BillingProblem.missing("class") }
        let ofClass = versions[index].filter { $0.accountClass == nil || $0.accountClass == subject.class }
        if ofClass.isEmpty {
            throw BillingProblem.notCovered(
                "the tariffs of \(cityNames[index]) do not cover the class \(subject.class?.rawValue ?? "")")
        }
        if ofClass.contains(where: { $0.seasons.contains(season) }) {
            throw BillingProblem.notCovered(
                "the tariffs of \(cityNames[index]) do not cover this company or heat source")
        }
        throw BillingProblem.notCovered(
            "the tariffs of \(cityNames[index]) do not cover season \(season)",
            advice: "add a version for the season to the city's tariff file")
    }

    /// The bill that the rules give for a case.
    ///
    /// - Throws: as ``tariff(for:)`` and ``Tariff/evaluate(_:)``.
    public func evaluate(_ subject: BillingCase) throws(HearthError) -> Evaluation {
        try tariff(for: subject).evaluate(subject)
    }
}
