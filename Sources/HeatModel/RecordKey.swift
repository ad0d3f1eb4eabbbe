/// A record's key in its stream as people see it: the parts of a key of several columns, which U+001F joins, with commas between them.
public enum RecordKey {
    public static func text(_ key: some Sequence<UInt8>) -> String {
        String(decoding: key.map { $0 == 0x1F ? 0x2C : $0 }, as: UTF8.self)
    }

    public static func text(_ key: String) -> String { text(key.utf8) }
}
