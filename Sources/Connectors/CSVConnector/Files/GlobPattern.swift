import Glibc

/// `residents_*.csv`: `*`, `?` and `[a-z]`, as in a shell, for names in one folder.
struct GlobPattern {
    let text: String

    func matches(_ name: String) -> Bool { fnmatch(text, name, FNM_PERIOD) == 0 }
}
