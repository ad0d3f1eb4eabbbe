// swift-tools-version:6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The rooms that every row goes through are optimised in debug builds too, with their assertions: the tests go through millions of rows.
/// Each costs three times as long to build, so that the others are not. `HEARTH_UNOPTIMIZED=1 swift build` leaves every variable to the
/// debugger.
let optimised: Set<String> =
    Context.environment["HEARTH_UNOPTIMIZED"] == nil
    ? [
        "AccountView", "Billing", "Events", "HeatModel", "JSONText", "LegacyEstate", "Mapping", "PostgresStore",
        "Records", "SQLiteStore", "Store", "StoreSQL", "Understanding",
    ]
    : []
let optimising: [SwiftSetting] = [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

/// A room of the house, with a README. Arrows point only to what `needs` names.
func room(
    _ name: String, path: String? = nil, excluding: [String] = ["README.md"], needs: [Target.Dependency] = []
) -> Target {
    .target(
        name: name, dependencies: needs, path: path ?? "Sources/\(name)", exclude: excluding,
        swiftSettings: optimised.contains(name) ? settings + optimising : settings)
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
        // Its settings from the environment and from files are not used: Hearth has its own.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: []),
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
        .systemLibrary(name: "CODBC", pkgConfig: "odbc", providers: [.apt(["unixodbc-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        // Of no library: what Swift's vectors cannot say.
        .systemLibrary(name: "CByteMask"),

        // What the data means, and how it travels.
        room("HeatModel"),
        room("Records", needs: ["HeatModel"]),
        // Whether the machine and its files are fit to carry a store.
        room("Doctor", needs: ["HeatModel", "Records"]),
        // JSON as it is stored and served: one cursor, one writer.
        room("JSONText", needs: ["HeatModel"]),
        // Which fields are personal, and the one mask.
        room("Disclosure", needs: ["HeatModel", "JSONText"]),
        // What reports are written with.
        .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
        room("Tables", needs: ["CXlsxWriter", "HeatModel"]),

        // The YAML files that people write, read with every problem at its place.
        room("ConfigurationFiles", needs: ["HeatModel", .product(name: "Yams", package: "Yams")]),

        // Connectors: read a legacy system, never write to it.
        room(
            "SQLConnector", path: "Sources/Connectors/SQLConnector",
            needs: [
                "CLibPQ", "CODBC", "ConfigurationFiles", "HeatModel", "Records",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        room(
            "SOAPConnector", path: "Sources/Connectors/SOAPConnector",
            needs: [
                "CByteMask", "CLibCurl", "CLibXML2", "ConfigurationFiles", "HeatModel", "Records",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Yams", package: "Yams"),
            ]),
        room(
            "CSVConnector", path: "Sources/Connectors/CSVConnector",
            needs: [
                "CByteMask", "CLibCurl", "CLibXML2", "CZlib", "ConfigurationFiles", "HeatModel", "Records",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Yams", package: "Yams"),
            ]),

        // What heat costs.
        room("Billing", needs: ["ConfigurationFiles", "HeatModel", .product(name: "Yams", package: "Yams")]),

        // From raw to canonical, and to one account.
        room(
            "Mapping",
            needs: [
                "ConfigurationFiles", "HeatModel", "JSONText", "Records",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Yams", package: "Yams"),
            ]),
        // Proof that nobody altered the record: hash chains and logs made of them.
        room("Audit", needs: ["HeatModel", .product(name: "Crypto", package: "swift-crypto")]),
        // What was pulled, byte for byte.
        room(
            "Archive",
            needs: ["Audit", "CZstd", "HeatModel", "Records", .product(name: "Crypto", package: "swift-crypto")]),
        room("Store", needs: ["HeatModel", "Records"]),
        // What is said to any SQL database that is a store, and how rows are packed.
        room("StoreSQL", needs: ["CZstd", "HeatModel", "JSONText", "Records", "Store"]),
        room(
            "SQLiteStore",
            needs: [
                "CSQLite", "HeatModel", "Store", "StoreSQL",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        room("PostgresStore", excluding: ["README.md", "Growing.md"], needs: ["CLibPQ", "HeatModel", "Store", "StoreSQL"]),
        // From one store to another.
        room(
            "StoreCopy",
            needs: [
                "HeatModel", "PostgresStore", "SQLiteStore", "Store", "StoreSQL",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        room("AccountView", needs: ["HeatModel", "JSONText", "Mapping", "Records", "Store"]),
        // What has become true of an account, told in the transaction that makes it so.
        room("Events", needs: ["AccountView", "Disclosure", "HeatModel", "JSONText", "Store"]),
        // The answers about money: why a bill is what it is.
        room(
            "Explanation",
            needs: [
                "AccountView", "Billing", "ConfigurationFiles", "HeatModel", "JSONText", "Store",
                .product(name: "Yams", package: "Yams"),
            ]),
        // Why a home is cold, and what to do next.
        room(
            "Triage",
            needs: [
                "AccountView", "ConfigurationFiles", "Explanation", "HeatModel", "JSONText", "Store",
                .product(name: "Yams", package: "Yams"),
            ]),
        // What proves the record: the chain over runs, journals, reports and logs.
        room(
            "Evidence",
            needs: [
                "Archive", "Audit", "HeatModel", "JSONText", "Records", "Store",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        room(
            "Sync", excluding: ["Matching/README.md", "README.md"],
            needs: [
                "AccountView", "Archive", "Audit", "Events", "Evidence", "HeatModel", "JSONText", "Mapping", "Records",
                "Store", .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // Events delivered to those who subscribed.
        room(
            "Webhooks",
            needs: [
                "Disclosure", "Events", "HeatModel", "JSONText", "SOAPConnector", "Store",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // What legacy systems are asked to do: the only way in which Hearth writes.
        room(
            "Actions",
            needs: [
                "ConfigurationFiles", "Disclosure", "Evidence", "HeatModel", "SOAPConnector", "SQLConnector", "Store",
                "Webhooks", .product(name: "Yams", package: "Yams"),
            ]),

        // Photos and videos that repair orders name.
        room("Attachments", needs: ["HeatModel", "Store", .product(name: "Crypto", package: "swift-crypto")]),

        // What customers say and are told, and who speaks with them.
        room(
            "Conversations",
            needs: [
                "AccountView", "Billing", "Disclosure", "Evidence", "Explanation", "HeatModel", "JSONText", "Store",
                "Triage",
            ]),

        // Who is told of runs, as OpenLineage has them.
        room("Lineage", needs: ["HeatModel", "Mapping", "Records", "SOAPConnector", "Store", "Sync"]),

        // The configuration of the whole, and the rooms put together by it.
        room(
            "Setup",
            needs: [
                "AccountView", "Actions", "Archive", "Attachments", "Audit", "CSVConnector", "ConfigurationFiles",
                "Conversations", "Disclosure", "Events", "HeatModel", "Lineage", "Mapping", "Records", "SOAPConnector",
                "SQLConnector", "Store", "Sync", "Webhooks",
                .product(name: "Yams", package: "Yams"),
            ]),

        // From an address or a folder to a configuration: descriptions imported, mappings suggested.
        .target(
            name: "Onboarding",
            dependencies: [
                "CLibXML2", "ConfigurationFiles", "HeatModel", "Mapping", "Records", "SOAPConnector", "Setup",
                .product(name: "Yams", package: "Yams"),
            ],
            path: "Sources/Onboarding", exclude: ["ONBOARDING.md", "README.md"],
            resources: [.embedInCode("Lexicon/lexicon.yaml"), .embedInCode("Lexicon/syllables.txt")],
            swiftSettings: settings),

        // What the systems disagree on, and what it is worth.
        room(
            "Reconciliation",
            needs: [
                "AccountView", "Billing", "ConfigurationFiles", "Disclosure", "Evidence", "HeatModel", "JSONText",
                "Mapping", "Records", "Store", "Tables", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ]),

        // What a month's conversations tell.
        room("Insights", needs: ["HeatModel", "JSONText", "Store", "Tables"]),

        // Questions and their answers, whatever the door.
        room(
            "Answers",
            needs: [
                "AccountView", "Audit", "Conversations", "Disclosure", "Events", "Explanation", "HeatModel", "Insights",
                "JSONText", "Mapping", "Records", "Store", "Triage",
            ]),

        // What customers are told, and what they answer.
        room(
            "Notices",
            needs: [
                "AccountView", "Actions", "Answers", "Billing", "ConfigurationFiles", "Conversations", "Evidence",
                "Explanation", "HeatModel", "JSONText", "Store", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ]),

        // What may be asked to be done, whatever the door.
        room(
            "Requests",
            needs: [
                "AccountView", "Actions", "Answers", "Attachments", "Billing", "Conversations", "Disclosure",
                "Evidence",
                "Explanation", "HeatModel", "JSONText", "Notices", "Store",
            ]),

        // A copy of all that is kept, and how it comes back.
        room(
            "Backup",
            needs: [
                "Archive", "Audit", "Evidence", "HeatModel", "SQLiteStore", "Store",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // What customers' words mean.
        room(
            "Understanding",
            needs: ["ConfigurationFiles", "HeatModel", "Mapping", .product(name: "Yams", package: "Yams")]),
        // What customers are answered, turn by turn, whatever the channel.
        room(
            "Assistant",
            needs: [
                "Answers", "ConfigurationFiles", "Conversations", "Events", "Explanation", "HeatModel", "Insights",
                "JSONText", "Notices", "Requests", "Store", "Understanding",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ]),

        // What doors for customers are made of, and the contract by which they stand on the gateway's server.
        room(
            "Pages", path: "Sources/Channels/Pages",
            needs: [
                "Answers", "Assistant", "HeatModel", "JSONText", "Store", "Tables",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // What is said to customers who are at no page.
        room(
            "Messages", path: "Sources/Channels/Messages",
            needs: ["Actions", "Assistant", "HeatModel", "Notices", "Store"]),
        // The doors, a room each.
        .target(
            name: "Chat", dependencies: ["Assistant", "Attachments", "HeatModel", "Pages", "Setup", "Store"],
            path: "Sources/Channels/Chat", exclude: ["README.md"],
            resources: [.embedInCode("chat.css"), .embedInCode("chat.js")], swiftSettings: settings),
        .target(
            name: "Kiosk",
            dependencies: [
                "Assistant", "HeatModel", "Pages", "Setup", .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Channels/Kiosk", exclude: ["README.md"],
            resources: [.embedInCode("kiosk.css"), .embedInCode("kiosk.js")], swiftSettings: settings),
        room(
            "Hotline", path: "Sources/Channels/Hotline",
            needs: ["Answers", "Assistant", "HeatModel", "JSONText", "Pages", "Setup"]),
        room(
            "WeChat", path: "Sources/Channels/WeChat",
            needs: [
                "Actions", "Assistant", "CLibXML2", "HeatModel", "Messages", "Pages", "SOAPConnector", "Setup",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),
        room(
            "SMS", path: "Sources/Channels/SMS",
            needs: [
                "Answers", "Assistant", "HeatModel", "JSONText", "Messages", "Notices", "Pages", "Setup", "Store",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "Desk", dependencies: ["Answers", "HeatModel", "Pages", "Requests", "Setup"],
            path: "Sources/Channels/Desk", exclude: ["README.md"],
            resources: [.embedInCode("desk.css"), .embedInCode("desk.js")], swiftSettings: settings),
        .target(
            name: "Console",
            dependencies: [
                "Actions", "Answers", "Archive", "Audit", "ConfigurationFiles", "Evidence", "HeatModel", "Mapping", "Pages",
                "Reconciliation", "Records", "Setup", "Store", "Sync",
            ],
            path: "Sources/Channels/Console", exclude: ["README.md"],
            resources: [.embedInCode("console.css"), .embedInCode("console.js")], swiftSettings: settings),
        // The documentation's pages, built into the program, and their door.
        .target(name: "CDocs", path: "Sources/CDocs", exclude: ["README.md"]),
        .target(
            name: "Docs", dependencies: ["CDocs", "Pages"], path: "Sources/Channels/Docs",
            exclude: ["README.md", "pages"], resources: [.embedInCode("docs.css")], swiftSettings: settings),

        // What the assistant calls, and its description, built into the program.
        .target(name: "COpenAPI", path: "Sources/COpenAPI", exclude: ["README.md"]),
        .target(
            name: "Gateway",
            dependencies: [
                "Actions", "Answers", "Attachments", "COpenAPI", "CZlib", "ConfigurationFiles", "Conversations",
                "Events",
                "Explanation", "HeatModel", "JSONText", "Notices", "Pages", "Records", "Requests", "Setup", "Store",
                "Sync", "Triage", "Webhooks", .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Gateway", exclude: ["README.md", "OpenAPI/openapi.yaml"], swiftSettings: settings),

        // A heating company to try it all on.
        room(
            "LegacyEstate",
            needs: [
                "CLibPQ", "CLibXML2", "HeatModel", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ]),

        // The files of Config and Mappings, built into the program.
        .target(name: "CShipped", path: "Sources/CShipped", exclude: ["README.md"]),

        .executableTarget(
            name: "hearth",
            dependencies: [
                "AccountView", "Actions", "Answers", "Archive", "Assistant", "Attachments", "Audit", "Backup",
                "Billing", "CShipped", "Chat", "ConfigurationFiles", "Console", "Conversations", "Desk", "Disclosure",
                "Docs", "Doctor", "Events",
                "Evidence", "Explanation", "Gateway", "HeatModel", "Hotline", "Insights", "JSONText", "Kiosk",
                "LegacyEstate", "Lineage", "Mapping", "Messages", "Notices", "Onboarding", "Pages", "PostgresStore",
                "Reconciliation",
                "Records", "Requests", "SMS", "SQLiteStore", "Setup", "Store", "StoreCopy", "StoreSQL", "Sync",
                "Tables", "Triage", "Understanding", "WeChat", "Webhooks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/hearth", exclude: ["README.md"], swiftSettings: settings),

        // Suites, faults and benchmarks.
        room("HearthTesting", needs: ["CLibPQ", "HeatModel", "Records", "Store"]),
        room("TestTraits", needs: ["HearthTesting"]),
        .executableTarget(
            name: "HearthBenchmarks",
            dependencies: [
                "AccountView", "Answers", "Assistant", "Attachments", "Audit", "Billing", "CSVConnector", "Explanation",
                "HearthTesting", "HeatModel", "LegacyEstate", "Mapping", "Reconciliation", "Records", "Requests",
                "SOAPConnector", "SQLConnector", "SQLiteStore", "Setup", "Store", "Sync", "Triage", "Understanding",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/HearthBenchmarks", exclude: ["README.md", "References", "Thresholds.json"],
            swiftSettings: settings),

        tests("AccountViewTests", of: ["AccountView", "HeatModel", "JSONText", "Store"]),
        tests(
            "ActionsTests",
            of: [
                "Actions", "ConfigurationFiles", "Evidence", "HeatModel", "LegacyEstate", "SQLiteStore", "Store",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests("AnswersTests", of: ["Answers", "HeatModel", "Mapping", "SQLiteStore", "Store"]),
        tests(
            "RequestsTests",
            of: [
                "Actions", "Answers", "Attachments", "ConfigurationFiles", "Evidence", "Explanation", "HearthTesting",
                "HeatModel", "Mapping", "Requests", "SQLiteStore", "Store",
            ]),
        tests(
            "ConversationsTests",
            of: [
                "Actions", "Answers", "Attachments", "Audit", "Conversations", "Evidence", "Explanation", "HeatModel",
                "Mapping",
                "Requests", "SQLiteStore", "Store", "Triage",
            ]),
        tests("AttachmentsTests", of: ["Attachments", "HearthTesting", "HeatModel", "SQLiteStore", "Store"]),
        tests(
            "AssistantTests",
            of: [
                "Actions", "Answers", "Assistant", "Attachments", "ConfigurationFiles", "Conversations", "Explanation",
                "HearthTesting", "HeatModel", "Insights", "LegacyEstate", "Mapping", "Requests", "SQLiteStore", "Setup",
                "Store", "Sync", "Triage", "Understanding",
            ]),
        tests("InsightsTests", of: ["HearthTesting", "HeatModel", "Insights", "SQLiteStore", "Store"]),
        tests(
            "NoticesTests",
            of: [
                "AccountView", "Actions", "ConfigurationFiles", "Conversations", "Evidence", "Explanation",
                "HearthTesting", "HeatModel", "Notices", "Records", "SQLiteStore", "Store",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        tests(
            "ChannelsTests",
            of: [
                "Actions", "Answers", "Assistant", "Attachments", "Chat", "ConfigurationFiles", "Desk", "Explanation",
                "HearthTesting", "HeatModel", "Hotline", "Kiosk", "Mapping", "Messages", "Notices", "Pages", "Requests",
                "SMS",
                "SQLiteStore", "Setup", "Store", "WeChat",
                .product(name: "Crypto", package: "swift-crypto"),
            ], excluding: ["Services"]),
        tests(
            "DocsTests",
            of: [
                "Billing", "Docs", "HearthTesting", "Mapping", "Pages", "Setup", "hearth",
            ]),
        tests(
            "UnderstandingTests", of: ["ConfigurationFiles", "Understanding"],
            excluding: ["heads.tsv", "seconds.tsv", "slots.tsv", "utterances.tsv"]),
        tests("HouseTests", of: []),
        tests(
            "EventsTests",
            of: ["Disclosure", "Events", "HearthTesting", "HeatModel", "JSONText", "SQLiteStore", "Store"]),
        tests(
            "OnboardingTests",
            of: [
                "HearthTesting", "HeatModel", "LegacyEstate", "Mapping", "Onboarding", "Records", "Setup", "hearth",
                .product(name: "Yams", package: "Yams"),
            ], excluding: ["Descriptions", "Services"]),
        tests("JSONTextTests", of: ["HearthTesting", "HeatModel", "JSONText"]),
        tests("TablesTests", of: ["Tables"]),
        tests("DisclosureTests", of: ["Disclosure", "HeatModel", "JSONText"]),
        tests(
            "SetupTests",
            of: [
                "CSVConnector", "ConfigurationFiles", "HeatModel", "Mapping", "Records", "SOAPConnector",
                "SQLConnector", "Setup", "Sync", "Webhooks",
            ]),
        tests("HeatModelTests", of: ["HearthTesting", "HeatModel"]),
        tests(
            "BackupTests",
            of: [
                "Audit", "Backup", "Evidence", "HearthTesting", "HeatModel", "PostgresStore", "SQLiteStore", "Store",
                .product(name: "Crypto", package: "swift-crypto"),
            ], excluding: ["Programs"]),
        tests("AuditTests", of: ["Audit", "HearthTesting", "HeatModel"], excluding: ["Scripts"]),
        tests("RecordsTests", of: ["HearthTesting", "HeatModel", "Records"]),
        tests("DoctorTests", of: ["Doctor", "HeatModel", "Records"]),
        tests(
            "CSVConnectorTests", of: ["CSVConnector", "HearthTesting", "HeatModel", "Records"], excluding: ["Services"]),
        tests(
            "SOAPConnectorTests",
            of: [
                "HearthTesting", "HeatModel", "Records", "SOAPConnector", "TestTraits",
            ], excluding: ["Services"]),
        tests(
            "SQLConnectorTests",
            of: [
                "HearthTesting", "HeatModel", "Records", "SQLConnector", "TestTraits",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests("MappingTests", of: ["ConfigurationFiles", "HearthTesting", "HeatModel", "Mapping", "Records"]),
        tests(
            "StoreTests",
            of: [
                "CZstd", "HearthTesting", "HeatModel", "Records", "SQLiteStore", "Store", "StoreSQL",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests(
            "StoreCopyTests",
            of: ["HearthTesting", "HeatModel", "PostgresStore", "SQLiteStore", "Store", "StoreCopy", "StoreSQL"]),
        tests("PostgresStoreTests", of: ["HearthTesting", "HeatModel", "PostgresStore", "Store", "TestTraits"]),
        tests(
            "SyncTests",
            of: [
                "AccountView", "Archive", "Audit", "CSVConnector", "ConfigurationFiles", "Evidence", "HearthTesting",
                "HeatModel", "Mapping", "PostgresStore", "Records", "SOAPConnector", "SQLiteStore", "Setup", "Store",
                "StoreCopy", "StoreSQL", "Sync",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests(
            "BillingTests",
            of: [
                "Billing", "ConfigurationFiles", "HearthTesting", "HeatModel", "LegacyEstate",
            ], excluding: ["Tariffs"]),
        tests(
            "ReconciliationTests",
            of: [
                "AccountView", "Billing", "ConfigurationFiles", "Explanation", "HearthTesting", "HeatModel",
                "Reconciliation", "Store",
                "Tables",
            ]),
        tests(
            "ExplanationTests",
            of: [
                "AccountView", "Billing", "ConfigurationFiles", "Explanation", "HearthTesting", "HeatModel",
                "LegacyEstate", "Mapping",
                "SQLiteStore", "Setup", "Store", "Sync",
            ]),
        tests(
            "TriageTests",
            of: [
                "AccountView", "Billing", "ConfigurationFiles", "Explanation", "HeatModel", "SQLiteStore", "Store",
                "Triage",
            ]),
        tests(
            "WebhooksTests",
            of: [
                "HearthTesting", "HeatModel", "SOAPConnector", "SQLiteStore", "Store", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        tests("LegacyEstateTests", of: ["HeatModel", "LegacyEstate"]),
        tests(
            "GatewayTests",
            of: [
                "Actions", "Answers", "Attachments", "Audit", "Console", "Disclosure", "Evidence", "Explanation", "Gateway",
                "HearthTesting", "HeatModel", "JSONText", "LegacyEstate", "Mapping", "Pages", "PostgresStore", "Reconciliation",
                "Records", "Requests",
                "SQLiteStore", "Setup", "Store", "StoreCopy", "Sync", "Triage", "hearth",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ], excluding: ["Programs"]),
        tests(
            "EndToEndTests",
            of: [
                "Actions", "Answers", "ConfigurationFiles", "Evidence", "Explanation", "HearthTesting", "HeatModel",
                "LegacyEstate", "Mapping", "PostgresStore", "SQLiteStore", "Store", "StoreCopy", "StoreSQL", "TestTraits",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], excluding: ["Programs"]),
        tests("FieldTests", of: ["HearthTesting", "HeatModel", "TestTraits"]),
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
