// swift-tools-version:6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A room of the house. Arrows point only to what `needs` names.
func room(
    _ name: String, path: String? = nil, readmes: [String] = ["README.md"], needs: [Target.Dependency] = []
) -> Target {
    .target(
        name: name, dependencies: needs, path: path ?? "Sources/\(name)", exclude: path == nil ? [] : readmes,
        swiftSettings: settings)
}

func tests(_ name: String, of needs: [Target.Dependency], excluding: [String] = []) -> Target {
    .testTarget(name: name, dependencies: needs, path: "Tests/\(name)", exclude: excluding, swiftSettings: settings)
}

let package = Package(
    name: "hearth",
    products: [
        .executable(name: "hearth", targets: ["hearth"]),
        .executable(name: "HearthBenchmarks", targets: ["HearthBenchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        // The system libraries, each behind a shim of its own.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // What the data means, and how it travels.
        room("HeatModel"),
        room("Records", needs: ["HeatModel"]),

        // Connectors: read a legacy system, never write to it.
        room(
            "SQLConnector", path: "Sources/Connectors/SQLConnector",
            needs: ["Records", "HeatModel", "CLibPQ", .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        room(
            "SOAPConnector", path: "Sources/Connectors/SOAPConnector",
            needs: ["Records", "HeatModel", "CLibXML2", "CLibCurl", .product(name: "Crypto", package: "swift-crypto")]),
        room(
            "CSVConnector", path: "Sources/Connectors/CSVConnector",
            needs: ["Records", "HeatModel", "CZlib", .product(name: "Crypto", package: "swift-crypto")]),

        // The YAML files that people write, read with every problem at its place.
        room("ConfigurationFiles", needs: ["HeatModel", .product(name: "Yams", package: "Yams")]),

        // What heat costs.
        room(
            "Billing", path: "Sources/Billing",
            needs: ["HeatModel", "ConfigurationFiles", .product(name: "Yams", package: "Yams")]),

        // From raw to canonical, and to one account.
        room(
            "Mapping",
            needs: [
                "HeatModel", "Records", "ConfigurationFiles", .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // Proof that nobody altered the record: hash chains and logs made of them.
        room("Audit", path: "Sources/Audit", needs: ["HeatModel", .product(name: "Crypto", package: "swift-crypto")]),
        // What was pulled, byte for byte.
        room(
            "Archive",
            needs: ["Audit", "Records", "HeatModel", "CZstd", .product(name: "Crypto", package: "swift-crypto")]),
        room("Store", needs: ["Records", "HeatModel"]),
        room(
            "SQLiteStore",
            needs: [
                "Store", "Records", "HeatModel", "CSQLite", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        room("AccountView", needs: ["HeatModel", "Records", "Mapping", "Store"]),
        // The answers about money: why a bill is what it is.
        room(
            "Explanation", path: "Sources/Explanation",
            needs: [
                "Billing", "AccountView", "Store", "HeatModel", "ConfigurationFiles",
                .product(name: "Yams", package: "Yams"),
            ]),
        room(
            "Sync", path: "Sources/Sync", readmes: ["README.md", "Matching/README.md"],
            needs: [
                "AccountView", "Archive", "Audit", "HeatModel", "Records", "ConfigurationFiles", "Mapping", "Store",
                "SQLConnector",
                "SOAPConnector",
                "CSVConnector", .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // What the systems disagree on, and what it is worth.
        .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
        room(
            "Reconciliation", path: "Sources/Reconciliation",
            needs: [
                "Store", "Billing", "AccountView", "Mapping", "Records", "HeatModel", "ConfigurationFiles",
                "CXlsxWriter",
                .product(name: "Yams", package: "Yams"), .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // What the assistant calls.
        .target(
            name: "Gateway",
            dependencies: [
                "Explanation", "Billing", "Audit", "AccountView", "Sync", "Store", "Mapping", "Records", "HeatModel",
                "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Gateway", resources: [.embedInCode("OpenAPI/openapi.yaml")], swiftSettings: settings),

        // A heating company to try it all on.
        room(
            "LegacyEstate",
            needs: [
                "HeatModel", "CLibPQ", "CLibXML2", .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),

        .executableTarget(
            name: "hearth",
            dependencies: [
                "AccountView", "Archive", "Audit", "Gateway", "Sync", "SQLiteStore", "LegacyEstate", "Store", "Mapping",
                "ConfigurationFiles", "Records", "HeatModel", "Reconciliation", "Explanation", "Billing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/hearth",
            resources: [
                "README.md", "beijing.yaml", "harbin.yaml", "jinan.yaml", "shenyang.yaml", "tianjin.yaml", "en.yaml",
                "zh.yaml", "zh-plain.yaml", "reconciliation.yaml",
            ].map { .embedInCode("Shipped/\($0)") }, swiftSettings: settings),

        // Suites, faults and benchmarks.
        room("HearthTesting", needs: ["Records", "HeatModel", "Store", "CLibPQ"]),
        .executableTarget(
            name: "HearthBenchmarks",
            dependencies: [
                "AccountView", "Audit", "Sync", "SQLiteStore", "Store", "Mapping", "Records", "HeatModel",
                "SQLConnector",
                "SOAPConnector", "CSVConnector", "Reconciliation", "Explanation", "LegacyEstate", "Billing",
                "HearthTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/HearthBenchmarks", exclude: ["References"], swiftSettings: settings),

        tests("AccountViewTests", of: ["AccountView", "HeatModel"]),
        tests("HeatModelTests", of: ["HeatModel"]),
        tests("AuditTests", of: ["Audit", "HearthTesting", "HeatModel"], excluding: ["Scripts"]),
        tests("RecordsTests", of: ["Records", "HearthTesting", "HeatModel"]),
        tests("CSVConnectorTests", of: ["CSVConnector", "HearthTesting", "Records", "HeatModel"]),
        tests(
            "SOAPConnectorTests", of: ["SOAPConnector", "HearthTesting", "Records", "HeatModel"],
            excluding: ["Services"]),
        tests(
            "SQLConnectorTests",
            of: [
                "SQLConnector", "HearthTesting", "Records", "HeatModel",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests("MappingTests", of: ["Mapping", "ConfigurationFiles", "Records", "HeatModel"]),
        tests(
            "StoreTests",
            of: [
                "SQLiteStore", "Store", "HearthTesting", "Records", "HeatModel",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests(
            "SyncTests",
            of: [
                "AccountView", "Archive", "Audit", "Sync", "SQLiteStore", "Store", "Mapping", "ConfigurationFiles",
                "CSVConnector", "SOAPConnector", "Records", "HearthTesting",
                "HeatModel",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests(
            "BillingTests", of: ["Billing", "ConfigurationFiles", "LegacyEstate", "HeatModel"], excluding: ["Tariffs"]),
        tests(
            "ReconciliationTests",
            of: [
                "Reconciliation", "Explanation", "AccountView", "hearth", "Sync", "SQLiteStore", "Store", "Billing",
                "Mapping", "ConfigurationFiles", "LegacyEstate", "HeatModel",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests(
            "ExplanationTests",
            of: [
                "Explanation", "Billing", "AccountView", "Sync", "Mapping", "SQLiteStore", "Store", "LegacyEstate",
                "HeatModel",
                "Records", "ConfigurationFiles",
            ]),
        tests("LegacyEstateTests", of: ["LegacyEstate", "HeatModel"]),
        tests(
            "GatewayTests",
            of: [
                "Gateway", "hearth", "Audit", "AccountView", "Sync", "SQLiteStore", "Store", "Mapping", "LegacyEstate",
                "HearthTesting", "HeatModel", .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ], excluding: ["Programs"]),
        tests(
            "EndToEndTests",
            of: [
                "hearth", "Sync", "SQLiteStore", "Store", "LegacyEstate", "HearthTesting", "HeatModel", "Records",
                "Mapping",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests("FieldTests", of: ["hearth", "HearthTesting"]),
    ],
    swiftLanguageModes: [.v6]
)

// `HEARTH_TESTS="CSVConnectorTests" swift test` builds those tests and what they stand on, and nothing else.
if let chosen = Context.environment["HEARTH_TESTS"] {
    var needed: Set<String> = []
    var open = chosen.split(separator: " ").map(String.init)
    while let name = open.popLast() {
        guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for dependency in target.dependencies {
            if case .byNameItem(let name, _) = dependency { open.append(name) }
        }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products.removeAll { !needed.contains($0.name) }
}
