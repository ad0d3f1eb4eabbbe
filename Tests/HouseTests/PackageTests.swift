import Foundation
import Testing

/// Package.swift declares for each target what its files import: no more, no less, and nothing from a floor above.
@Suite struct PackageTests {
    private static let manifest = Result { try Manifest.load() }
    /// What comes with the toolchain.
    private static let toolchain: Set<String> = [
        "Dispatch", "Foundation", "FoundationNetworking", "FoundationXML", "Glibc", "PackageDescription",
        "RegexBuilder",
        "Synchronization", "Testing",
    ]
    private static let doors: Set<String> = ["Gateway", "hearth"]

    private func imports(_ target: Manifest.Target) throws -> Set<String> {
        let folder = target.path ?? (target.type == "test" ? "Tests/" : "Sources/") + target.name
        var found: Set<String> = []
        let line =
            /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|typealias|var)\s+)?([A-Za-z_]\w*)/
        for file in try House.sources(folder) {
            var isText = false
            for text in file.lines {
                // A program of another language in a literal has imports, too.
                if !isText, let name = text.firstMatch(of: line)?.1 { found.insert(String(name)) }
                if text.split(separator: "\"\"\"", omittingEmptySubsequences: false).count % 2 == 0 { isText.toggle() }
            }
        }
        return found.subtracting(Self.toolchain).subtracting([target.name])
    }

    @Test func whatIsImportedIsDeclared() throws {
        let manifest = try Self.manifest.get()
        let programs = Set(manifest.targets.filter { $0.type == "executable" }.map(\.name))
        for target in manifest.targets where target.type != "system" {
            let imported = try imports(target)
            // A test may run a program that it does not import.
            let declared = Set(target.declared).subtracting(target.type == "test" ? programs.subtracting(imported) : [])
            #expect(declared.subtracting(imported).sorted() == [], "\(target.name) declares what it does not import")
            #expect(imported.subtracting(declared).sorted() == [], "\(target.name) imports what it does not declare")
        }
        #expect(manifest.targets.count > 30)
    }

    @Test func arrowsPointDown() throws {
        let targets = try Self.manifest.get().targets
        var below: Set<String> = []
        let own = Set(targets.map(\.name))
        for target in targets where target.type != "test" {
            let above = target.declared.filter { own.contains($0) && !below.contains($0) }
            #expect(above == [], "\(target.name) stands below these in Package.swift")
            below.insert(target.name)
        }
    }

    @Test func noRoomImportsADoor() throws {
        for target in try Self.manifest.get().targets where target.isRoom && target.name != "hearth" {
            #expect(Self.doors.isDisjoint(with: target.declared), "\(target.name)")
        }
    }

    @Test func dependenciesAreInOrder() throws {
        let targets = try Self.manifest.get().targets
        let own = Set(targets.map(\.name))
        for target in targets {
            let declared = target.declared
            #expect(
                declared == declared.filter { own.contains($0) }.sorted()
                    + declared.filter { !own.contains($0) }.sorted(),
                "\(target.name)")
        }
    }
}
