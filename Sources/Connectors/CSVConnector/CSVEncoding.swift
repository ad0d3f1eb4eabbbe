/// How a file's bytes spell its text.
package enum CSVEncoding: Hashable, Sendable {
    /// By byte-order mark, else UTF-8 if the whole file is, else GB18030 if the whole file is.
    case auto
    case utf8
    /// Also reads GBK and GB2312, both of which it contains.
    case gb18030
    case utf16LittleEndian
    case utf16BigEndian
    /// A name that iconv(3) knows.
    case named(String)

    /// Reads a name as written in a configuration: `gbk`, `UTF-16LE`, `big5`.
    package init(name: String) {
        switch name.lowercased().filter({ $0 != "-" && $0 != "_" }) {
        case "auto", "": self = .auto
        case "utf8": self = .utf8
        case "gb18030", "gbk", "gb2312", "euccn", "cp936", "ms936": self = .gb18030
        case "utf16le": self = .utf16LittleEndian
        case "utf16be": self = .utf16BigEndian
        default: self = .named(name)
        }
    }
}
