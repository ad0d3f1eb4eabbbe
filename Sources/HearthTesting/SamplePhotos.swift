import Foundation

/// Photos and videos as phones make them, in a few hundred bytes.
package enum SamplePhotos {
    private static func segment(_ code: UInt8, _ body: [UInt8]) -> [UInt8] {
        [0xFF, code, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
    }

    private static func short(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
    private static func long(_ value: Int) -> [UInt8] { short(value >> 16) + short(value & 65535) }

    /// What no file that is kept may hold.
    package static let secrets = ["39.0851N", "Zhang San's phone", "SECRET-XMP", "SECRET-TRAIL", "SECRET-THUMB"]

    static func exif(orientation: Int, isLittle: Bool = false) -> [UInt8] {
        func s(_ value: Int) -> [UInt8] { isLittle ? short(value).reversed() : short(value) }
        func l(_ value: Int) -> [UInt8] { isLittle ? long(value).reversed() : long(value) }
        let place = Array("39.0851N".utf8)
        var tiff = Array((isLittle ? "II" : "MM").utf8) + s(42) + l(8) + s(2)
        tiff += s(0x010F) + s(2) + l(place.count) + l(38)
        tiff += s(0x0112) + s(3) + l(1) + s(orientation) + s(0) + l(0)
        return Array("Exif\0\0".utf8) + tiff + place + Array("SECRET-THUMB".utf8)
    }

    /// - Parameter image: entropy-coded bytes; `salt` makes it another photo.
    package static func jpeg(orientation: Int = 6, isLittle: Bool = false, salt: UInt8 = 1, padding: Int = 0) -> [UInt8]
    {
        var file: [UInt8] = [0xFF, 0xD8]
        file += segment(0xE0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0])
        file += segment(0xE1, exif(orientation: orientation, isLittle: isLittle))
        file += segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0SECRET-XMP".utf8))
        file += segment(0xE2, Array("ICC_PROFILE\0".utf8) + [1, 1, 9, 9])
        file += segment(0xE2, Array("MPF\0SECRET-TRAIL".utf8))
        file += segment(0xED, Array("Photoshop 3.0\0Zhang San's phone".utf8))
        file += segment(0xFE, Array("Zhang San's phone".utf8))
        file += segment(0xDB, [0] + [UInt8](repeating: 16, count: 64))
        file += segment(0xC0, [8, 0, 1, 0, 1, 1, 1, 0x11, 0])
        file += segment(0xC4, [0] + [UInt8](repeating: 0, count: 16))
        file += segment(0xDA, [1, 1, 0, 0, 63, 0])
        file += [salt, 0xFF, 0x00, 0x12, 0xFF, 0xD0, 0x34] + [UInt8](repeating: 0x55, count: padding)
        // A second scan, as in a progressive one.
        file += segment(0xDA, [1, 1, 0, 0, 63, 0]) + [0x77, 0xFF, 0xFF, 0xD9]
        return file + Array("SECRET-TRAIL".utf8)
    }

    private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
        // Whether a check is right is for whoever decodes it.
        long(body.count) + Array(name.utf8) + body + [1, 2, 3, 4]
    }

    package static func png(salt: UInt8 = 1) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", long(1) + long(1) + [8, 0, 0, 0, 0])
            + chunk("tEXt", Array("Author\0Zhang San's phone".utf8))
            + chunk("eXIf", exif(orientation: 1)) + chunk("iTXt", Array("XML:com.adobe.xmp\0SECRET-XMP".utf8))
            + chunk("prVt", Array("SECRET-TRAIL".utf8)) + chunk("IDAT", [salt, 2, 3]) + chunk("IEND", [])
            + Array("SECRET-TRAIL".utf8)
    }

    package static func box(_ name: String, _ body: [UInt8]) -> [UInt8] {
        long(body.count + 8) + Array(name.utf8) + body
    }

    package static func mp4(salt: UInt8 = 1) -> [UInt8] {
        let place = box("udta", box("©xyz".replacingOccurrences(of: "©", with: "c"), Array("39.0851N".utf8)))
        let track = box(
            "trak", box("tkhd", [1, 2]) + box("mdia", box("mdhd", [3]) + box("udta", Array("SECRET-XMP".utf8))) + place)
        let film = box("moov", box("mvhd", [4, 5]) + track + box("meta", Array("Zhang San's phone".utf8)))
        return box("ftyp", Array("isom".utf8) + long(512) + Array("isommp42".utf8))
            + box("free", Array("SECRET-TRAIL".utf8))
            + film + box("uuid", Array("0123456789abcdefSECRET-XMP".utf8))
            + long(1) + Array("mdat".utf8) + long(0) + long(19) + [salt, 8, 9]
    }

    package static func holdsNone(_ bytes: [UInt8]) -> Bool {
        let data = Data(bytes)
        return secrets.allSatisfy { data.range(of: Data($0.utf8)) == nil }
    }
}
