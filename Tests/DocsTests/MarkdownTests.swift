import Pages
import Testing

@testable import Docs

/// What a page may hold, what is refused, and that its text is never markup.
@Suite struct MarkdownTests {
    @Test func eachPartBecomesMarkup() {
        let page = Markdown(
            """
            # A *title* & more

            One line
            and **bold** `x**` with [a `link`](mapping.md#units).

            - first
              goes on
            - second

            1. one

            | a | b |
            | --- | --- |
            | `x\\|y` | <5 |

            ```sh
            echo "<b>" && ls
            ```
            """)
        #expect(page.problems.map(\.description) == [])
        let html = page.html { Manual.address($0, in: .english) }
        #expect(
            html == """
                <h1 id="a-title--more">A <i>title</i> &amp; more</h1>
                <p>One line and <b>bold</b> <code>x**</code> with <a href="/docs/en/mapping#units">a <code>link</code></a>.</p>
                <ul><li>first goes on</li><li>second</li></ul>
                <ol><li>one</li></ol>
                <div class="wide" tabindex="0"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td>&lt;5</td></tr></tbody></table></div>
                <pre class="sh" tabindex="0"><code>echo &quot;&lt;b&gt;&quot; &amp;&amp; ls</code></pre>
                """, "\(html)")
        #expect(page.title == "A title & more" && page.summary == "One line and bold x** with a link.")
    }

    @Test func linesOfChineseAreJoinedWithoutBlanks() {
        #expect(Markdown("一行\n二行 CSV\nfile\n三行").summary == "一行二行 CSV file三行")
    }

    @Test(arguments: [
        "<b>x</b>", "x <!-- y", "&nbsp;", "a * b", "_x_", "x _y", "![a](b)", "~~x~~", "https://example.org", "> x",
        "    code", "---", "[a]", "[a](b c)", "[a](<b>)", "**x", "`x", "#### deep", "#no", "* item", "+ item",
        "x\\_y", "end  ", "| a |", "| a |\n| --- |", "| a |\n| b |\n| c |", "| a | b |\n| --- | --- |\n| c |",
        "- a\n  - b", "- a\n  ```sh", "````\nx\n````", "```sh\nx", "# A\n\n# A", "- a\n1. b",
        "**金额。**是", "**(a)b**",
    ])
    func whatIsNotKnownIsAProblem(_ text: String) {
        #expect(!Markdown(text).problems.isEmpty)
    }

    @Test(arguments: [
        "max_age", "a < b", "AT&T", "5 > 3", "x - y", "`*`", "a_b_c", "(x)", "1) x", "**金额**。是", "**a.** b",
    ])
    func whatIsPlainIsNone(_ text: String) {
        let page = Markdown(text)
        #expect(page.problems.isEmpty, "\(page.problems)")
    }

    /// Whatever a page holds, nothing but tags of ours come of it.
    @Test func hostileTextStaysText() {
        let hostile = "<script>alert(1)</script>\"'&"
        let page = Markdown(
            """
            # \(hostile)

            \(hostile) `\(hostile)` **a\(hostile)** [x](javascript:alert(1)) [y](//evil.example) [z](/\\evil) [w](#"onclick=)

            | \(hostile) |
            | --- |
            | [\(hostile)](https://evil.example/) |

            ```sh"onclick="x
            \(hostile)
            ```
            """)
        let html = page.html { Manual.address($0, in: .chinese) }
        #expect(!html.contains("<script") && !html.contains("evil.example\"") && !html.contains("href"), "\(html)")
        #expect(!html.contains("\"onclick"), "\(html)")
    }
}
