import Foundation
import HeatModel

/// JPEG (ITU-T T.81), marker by marker. Of what applications add, the colour profile and what decoding needs stay; Exif, XMP, IPTC,
/// comments, thumbnails and further images go. How the camera was held is kept, in an Exif of its own that says nothing else.
struct JPEGFilter: MediaFilter {
    private enum State: Equatable {
        case start
        /// Before the FF of a marker.
        case marker
        /// Behind it.
        case code
        /// A marker's segment, with its length.
        case segment(UInt8)
        /// Image data, which end with a marker that is none of their own.
        case image
        /// Behind an FF in them.
        case imageCode
        case ended
    }

    private var state = State.start
    private var collected = Collected()

    mutating func take(_ bytes: ArraySlice<UInt8>, into kept: inout [UInt8]) throws(HearthError) {
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .start:
                guard collected.fill(to: 2, from: &rest) else { return }
                guard collected.bytes == [0xFF, 0xD8] else { throw Self.broken("it does not begin as a JPEG") }
                kept += collected.bytes
                state = .marker
            case .marker:
                guard rest.removeFirst() == 0xFF else { throw Self.broken("a marker is missing") }
                state = .code
            case .code:
                let code = rest.removeFirst()
                // Any number of them may stand before a marker.
                if code != 0xFF { try begin(code, &kept) }
            case .segment(let code):
                if collected.bytes.count < 2, !collected.fill(to: 2, from: &rest) { return }
                let length = Int(collected.bytes[0]) << 8 | Int(collected.bytes[1])
                guard length >= 2 else { throw Self.broken("a segment's length is wrong") }
                guard collected.fill(to: length, from: &rest) else { return }
                keep(code, collected.bytes, &kept)
                state = code == 0xDA ? .image : .marker
            case .image:
                let end = Self.firstMark(rest) ?? rest.endIndex
                kept += rest[..<end]
                if end == rest.endIndex { return }
                rest = rest[(end + 1)...]
                state = .imageCode
            case .imageCode:
                let code = rest.removeFirst()
                if code == 0 || (0xD0...0xD7).contains(code) {
                    kept += [0xFF, code]
                    state = .image
                } else if code != 0xFF {
                    try begin(code, &kept)
                }
            case .ended: return
            }
        }
    }

    func finish() throws(HearthError) {
        if state != .ended { throw Self.broken("it ends before its end") }
    }

    private mutating func begin(_ code: UInt8, _ kept: inout [UInt8]) throws(HearthError) {
        switch code {
        case 0xD9:
            kept += [0xFF, code]
            state = .ended
        case 0xC0...0xCF, 0xDA...0xDF, 0xE0...0xEF, 0xFE:
            collected.clear()
            state = .segment(code)
        default: throw Self.broken("it holds a marker that no JPEG has")
        }
    }

    /// - Parameter segment: with its length.
    private func keep(_ code: UInt8, _ segment: [UInt8], _ kept: inout [UInt8]) {
        func begins(_ name: StaticString) -> Bool {
            name.withUTF8Buffer { name in segment.dropFirst(2).starts(with: name) }
        }
        let stays =
            switch code {
            case 0xE0: begins("JFIF\0")
            case 0xE2: begins("ICC_PROFILE\0")
            case 0xEE: begins("Adobe")
            case 0xE0...0xEF, 0xFE: false
            default: true
            }
        if stays { kept += [0xFF, code] + segment }
        if code == 0xE1, begins("Exif\0\0"), let orientation = ExifOrientation.read(segment.dropFirst(8)) {
            kept += ExifOrientation.segment(orientation)
        }
    }

    private static func firstMark(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { raw in
            guard let start = raw.baseAddress, let found = memchr(start, 0xFF, raw.count) else { return nil }
            return bytes.startIndex + (UnsafeRawPointer(found) - start)
        }
    }
}

/// How a camera was held: the tag 0x0112 of Exif, 1 to 8.
enum ExifOrientation {
    /// - Parameter tiff: what stands behind `Exif\0\0`.
    /// - Returns: nil where it is not stated, or is 1, as without it.
    static func read(_ tiff: ArraySlice<UInt8>) -> UInt8? {
        let tiff = Array(tiff)
        let isLittle = tiff.starts(with: "II".utf8)
        guard isLittle || tiff.starts(with: "MM".utf8) else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset <= tiff.count - count else { return nil }
            let bytes = tiff[offset..<offset + count]
            return (isLittle ? Array(bytes.reversed()) : Array(bytes)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42, let directory = number(4, 4), let count = number(directory, 2) else { return nil }
        for index in 0..<count {
            let entry = directory + 2 + index * 12
            guard let tag = number(entry, 2) else { return nil }
            if tag == 0x0112, number(entry + 2, 2) == 3, let value = number(entry + 8, 2), (2...8).contains(value) {
                return UInt8(value)
            }
        }
        return nil
    }

    /// A segment that states it and nothing else, with its marker.
    static func segment(_ orientation: UInt8) -> [UInt8] {
        [0xFF, 0xE1, 0, 34] + Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0]
            + [orientation, 0, 0, 0, 0, 0, 0]
    }
}
