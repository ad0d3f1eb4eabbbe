import Foundation
import HearthTesting
import HeatModel
import Testing

@testable import Attachments

/// What of a file is kept, and what is refused.
@Suite struct FormatTests {
    private static let kinds: [(AttachmentKind, [UInt8])] = [
        (.jpeg, SamplePhotos.jpeg()), (.png, SamplePhotos.png()), (.mp4, SamplePhotos.mp4()),
    ]

    /// - Parameter sizes: of the pieces, again and again.
    private static func filtered(_ kind: AttachmentKind, _ bytes: [UInt8], sizes: [Int] = [4096]) throws -> [UInt8] {
        var (filter, kept, offset, turn) = (kind.makeFilter(), [UInt8](), 0, 0)
        while offset < bytes.count {
            let end = min(bytes.count, offset + sizes[turn % sizes.count])
            try filter.take(bytes[offset..<end], into: &kept)
            (offset, turn) = (end, turn + 1)
        }
        try filter.finish()
        return kept
    }

    @Test(arguments: kinds.indices) func whereAndWithWhatIsNotKept(_ index: Int) throws {
        let (kind, bytes) = Self.kinds[index]
        #expect(!SamplePhotos.holdsNone(bytes))
        let kept = try Self.filtered(kind, bytes)
        #expect(SamplePhotos.holdsNone(kept))
        #expect(AttachmentKind(mark: Array(kept.prefix(12))) == kind)
        // What is clean stays as it is.
        #expect(try Self.filtered(kind, kept) == kept)
    }

    /// However it is cut into pieces, the same is kept.
    @Test(arguments: kinds.indices) func piecesMakeNoDifference(_ index: Int) throws {
        let (kind, bytes) = Self.kinds[index]
        let whole = try Self.filtered(kind, bytes)
        var random = SeededRandom(7)
        for _ in 0..<200 {
            let sizes = (0..<5).map { _ in Int.random(in: 1...40, using: &random) }
            #expect(try Self.filtered(kind, bytes, sizes: sizes) == whole, "\(sizes)")
        }
        #expect(try Self.filtered(kind, bytes, sizes: [1]) == whole)
    }

    /// A file that is cut anywhere before its end is refused, and so is one of another kind.
    @Test(arguments: kinds.indices) func cutOnesAreRefused(_ index: Int) throws {
        let (kind, bytes) = Self.kinds[index]
        let end = bytes.count - (kind == .mp4 ? 0 : "SECRET-TRAIL".utf8.count)
        for length in 0..<end {
            #expect(throws: HearthError.self, "\(length)") { try Self.filtered(kind, Array(bytes[..<length])) }
        }
        for (other, wrong) in Self.kinds where other != kind {
            #expect(throws: HearthError.self) { try Self.filtered(kind, wrong) }
        }
    }

    /// Damaged anywhere, it is refused or kept as something that is no larger; nothing traps.
    @Test(arguments: kinds.indices) func damageIsRefusedOrHarmless(_ index: Int) throws {
        let (kind, bytes) = Self.kinds[index]
        var random = SeededRandom(11)
        var refused = 0
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let kept = try Self.filtered(kind, damaged)
                #expect(kept.count <= damaged.count)
            } catch let error as HearthError {
                #expect(error.code == .attachmentBroken)
                refused += 1
            }
        }
        #expect(refused > 300)
    }

    @Test(arguments: [1, 2, 3, 6, 8], [false, true]) func howItWasHeldStays(_ orientation: Int, _ isLittle: Bool) throws
    {
        let kept = try Self.filtered(.jpeg, SamplePhotos.jpeg(orientation: orientation, isLittle: isLittle))
        let exif = Data(kept).range(of: Data("Exif\0\0".utf8))
        if orientation == 1 {
            #expect(exif == nil)
        } else {
            let tiff = try #require(exif).upperBound
            #expect(ExifOrientation.read(kept[tiff...]) == UInt8(orientation))
        }
        #expect(Data(kept).range(of: Data("ICC_PROFILE".utf8)) != nil)
    }

    /// What points into a film still does.
    @Test func filmsKeepTheirOffsets() throws {
        let bytes = SamplePhotos.mp4()
        let kept = try Self.filtered(.mp4, bytes)
        #expect(kept.count == bytes.count && kept.suffix(3) == bytes.suffix(3))
        #expect(Data(kept).range(of: Data("udta".utf8)) == nil && Data(kept).range(of: Data("meta".utf8)) == nil)
        // A box without a size goes to the end.
        let open = Array(bytes.dropLast(19)) + [0, 0, 0, 0] + Array("mdat".utf8) + [1, 2, 3]
        #expect(try Self.filtered(.mp4, open) == Array(kept.dropLast(19)) + open.suffix(11))
    }

    /// One file that is two: an archive or a page behind a photo, or a photo that begins as a page.
    @Test func polyglots() throws {
        let page = Array("<html><script>alert(1)</script>".utf8)
        for (kind, bytes) in Self.kinds where kind != .mp4 {
            let kept = try Self.filtered(kind, bytes + page + Array("PK\u{3}\u{4}".utf8))
            #expect(kept == (try Self.filtered(kind, bytes)))
        }
        #expect(throws: HearthError.self) { try Self.filtered(.mp4, SamplePhotos.mp4() + page) }
        #expect(AttachmentKind(mark: page) == nil)
        for brand in ["heic", "mif1", "qt  ", "avif"] {
            #expect(AttachmentKind(mark: [0, 0, 0, 24] + Array(("ftyp" + brand).utf8)) == nil)
        }
        #expect(AttachmentKind(mark: Array("GIF89a000000".utf8)) == nil)
    }

    /// Lengths at the edges of what a header can say.
    @Test func sizesThatLie() throws {
        let start = SamplePhotos.box("ftyp", Array("isom".utf8) + [0, 0, 0, 1])
        let lies: [[UInt8]] = [
            [0, 0, 0, 7], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 2],
            [0, 0, 0, 1] + Array("mdat".utf8) + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0, 0, 0, 1] + Array("mdat".utf8) + [0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0, 0, 0, 1] + Array("mdat".utf8) + [0, 0, 0, 0, 0, 0, 0, 3], [0, 0, 0, 0] + Array("moov".utf8),
        ]
        for lie in lies {
            let box = lie.count == 4 ? lie + Array("moov".utf8) : lie
            #expect(throws: HearthError.self) { try Self.filtered(.mp4, start + box + [1, 2, 3, 4, 5, 6, 7, 8]) }
        }
        let png = Array(SamplePhotos.png().prefix(8))
        #expect(throws: HearthError.self) {
            try Self.filtered(.png, png + [0xFF, 0xFF, 0xFF, 0xFF] + Array("IHDR".utf8))
        }
        #expect(throws: HearthError.self) { try Self.filtered(.jpeg, [0xFF, 0xD8, 0xFF, 0xE1, 0, 1, 0, 0]) }
    }
}

/// SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
