# ruff: noqa: E501 - markup as programs write it
"""Pages with code blocks, in the markup of highlighters and notebooks. Pygments writes its own."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from benchmarks.reading.made_page import PROSE, MadePage, made_page

_PYTHON = "def tide(t):\n    # the reading, in metres\n    if t < 0:\n        raise ValueError('before')\n\n    return sum(a * t\n               for a in FIT)"
_SHELL = "$ gauge --port 7 \\\n    --since 2024-01-01\n\nreading: 3.14  ok"
_C = "int main(void) {\n\tint a[2] = {0, 1};\n\n\treturn a[0] && a[1];\n}"


def _numbered(code: str) -> str:
    return "\n".join(str(number + 1) for number in range(len(code.split("\n"))))


def _tokens(line: str) -> str:
    words = html.escape(line).split(" ")
    return " ".join(f"<span class='k'>{word}</span>" if word.isalpha() else word for word in words)


def _colored(code: str) -> str:
    return "\n".join(map(_tokens, code.split("\n")))


def _rouge(code: str, language: str) -> str:
    return (
        f"<div class='language-{language} highlighter-rouge'><div class='highlight'><pre class='highlight'><code><table"
        f" class='rouge-table'><tbody><tr><td class='rouge-gutter gl'><pre class='lineno'>{_numbered(code)}\n</pre></td>"
        f"<td class='rouge-code'><pre>{_colored(code)}\n</pre></td></tr></tbody></table></code></pre></div></div>"
    )


def _chroma(code: str, language: str) -> str:
    numbers = "".join(f"<span class='lnt'>{n + 1}\n</span>" for n in range(len(code.split("\n"))))
    lines = "".join(f"<span class='line'><span class='cl'>{_tokens(line)}\n</span></span>" for line in code.split("\n"))
    return (
        "<div class='highlight'><div class='chroma'><table class='lntable'><tr><td class='lntd'><pre tabindex='0'"
        f" class='chroma'><code>{numbers}</code></pre></td><td class='lntd'><pre tabindex='0' class='chroma'>"
        f"<code class='language-{language}' data-lang='{language}'>{lines}</code></pre></td></tr></table></div></div>"
    )


def _chroma_inline(code: str, language: str) -> str:
    lines = "".join(
        f"<span class='line'><span class='ln'>{n + 1:>2}</span><span class='cl'>{_tokens(line)}\n</span></span>"
        for n, line in enumerate(code.split("\n"))
    )
    return f"<div class='highlight'><pre class='chroma'><code class='language-{language}'>{lines}</code></pre></div>"


def _hexo(code: str, language: str) -> str:
    numbers = "".join(f"<span class='line'>{n + 1}</span><br>" for n in range(len(code.split("\n"))))
    lines = "".join(f"<span class='line'>{_tokens(line)}</span><br>" for line in code.split("\n"))
    return (
        f"<figure class='highlight {language}'><div class='highlight-tools'><span class='code-lang'>{language}</span>"
        "<span class='copy-btn'>复制代码</span></div><table><tr><td class='gutter'><pre>"
        f"{numbers}</pre></td><td class='code'><pre>{lines}</pre></td></tr></table></figure>"
    )


def _pygments(code: str, language: str, linenos: str) -> str:
    made = highlight(code, get_lexer_by_name(language, stripnl=False), HtmlFormatter(linenos=linenos))
    return f"<div class='highlight-{language} notranslate'>{made}</div>"


def _mkdocs(code: str, language: str) -> str:
    made = highlight(code, get_lexer_by_name(language, stripnl=False), HtmlFormatter(linenos="table"))
    button = "<nav class='md-code__nav'><button class='md-clipboard' title='Copy to clipboard'></button></nav>"
    return f"<div class='language-{language} highlight'>{made.replace('<code>', button + '<code>')}</div>"


_NO_WORDS = "<span class='token plain' style='display:inline-block'></span>"


def _docusaurus(code: str, language: str) -> str:
    lines = "".join(
        f"<span class='token-line' style='color:#393A34'>{_tokens(line) or _NO_WORDS}<br></span>"
        for line in code.split("\n")
    )
    return (
        f"<div class='language-{language} codeBlockContainer_Ckt0'><div class='codeBlockTitle_x'>gauge.{language}</div>"
        f"<div class='codeBlockContent_m3Ux'><pre tabindex='0' class='prism-code language-{language}'><code class='codeBlockLines'>"
        f"{lines}</code></pre><div class='buttonGroup__atx'><button type='button' aria-label='Copy'><span>Copy</span></button>"
        "</div></div></div>"
    )


def _hljs_ln(code: str, language: str) -> str:
    rows = "".join(
        f"<tr><td class='hljs-ln-line hljs-ln-numbers' data-line-number='{n + 1}'><div class='hljs-ln-n'>{n + 1}</div></td>"
        f"<td class='hljs-ln-line hljs-ln-code'>{_tokens(line)}</td></tr>"
        for n, line in enumerate(code.split("\n"))
    )
    return (
        f"<pre><code class='hljs language-{language}'><table class='hljs-ln'><tbody>{rows}</tbody></table></code></pre>"
    )


def _prism(code: str, language: str) -> str:
    rows = "<span></span>" * len(code.split("\n"))
    return (
        f"<div class='code-toolbar'><pre class='line-numbers language-{language}'><code class='language-{language}'>{_colored(code)}"
        f"<span aria-hidden='true' class='line-numbers-rows'>{rows}</span></code></pre><div class='toolbar'><div"
        f" class='toolbar-item'><span>{language.title()}</span></div><div class='toolbar-item'><a class='copy'>Copy</a></div></div></div>"
    )


def _notebook(code: str, language: str) -> str:
    return (
        "<div class='jp-Cell jp-CodeCell'><div class='jp-InputArea'><div class='jp-InputPrompt jp-InputArea-prompt'>In&nbsp;[3]:"
        f"</div><div class='jp-CodeMirrorEditor'><div class='CodeMirror'><div class='highlight hl-{language}'><pre>{_colored(code)}\n"
        "</pre></div></div></div></div></div>"
    )


def _old_notebook(code: str, language: str) -> str:
    return (
        "<div class='cell'><div class='input'><div class='prompt input_prompt'>In&nbsp;[3]:</div><div class='inner_cell'>"
        f"<div class='input_area'><div class='highlight hl-{language}'><pre><span></span>{_colored(code)}\n</pre></div></div></div></div></div>"
    )


def _spaced(line: str) -> str:
    return html.escape(line).replace(" ", "&nbsp;") or "&nbsp;"


def _syntax_highlighter(code: str, language: str) -> str:
    numbers = "".join(f"<div class='line number{n + 1}'>{n + 1}</div>" for n in range(len(code.split("\n"))))
    lines = "".join(f"<div class='line number{n + 1}'>{_spaced(line)}</div>" for n, line in enumerate(code.split("\n")))
    return (
        f"<div><div class='syntaxhighlighter  {language}'><table><tbody><tr><td class='gutter'>{numbers}</td><td class='code'>"
        f"<div class='container'>{lines}</div></td></tr></tbody></table></div></div>"
    )


def _github(code: str, language: str) -> str:
    return (
        f"<div class='highlight highlight-source-{language} notranslate'><pre>{_colored(code)}</pre><div class='zeroclipboard-container'>"
        "<clipboard-copy aria-label='Copy'><svg></svg></clipboard-copy></div></div>"
    )


def _labelled(code: str, language: str) -> str:
    return (
        f"<div class='code-box'><p>Code: <a href='#'>Select all</a></p><pre><code class='language-{language}'>{_colored(code)}"
        "</code></pre></div>"
    )


def _react(code: str, language: str) -> str:
    lines = "".join(
        f"<span style='display:block'><span class='linenumber react-syntax-highlighter-line-number'>{n + 1}</span>{_tokens(line)}\n</span>"
        for n, line in enumerate(code.split("\n"))
    )
    return f"<div class='relative'><div><span>{language}</span><div>Copy code</div></div><pre><code class='language-{language}'>{lines}</code></pre></div>"


def _starlight(code: str, language: str) -> str:
    lines = "".join(
        f"<div class='ec-line'><div class='gutter'><div class='ln' aria-hidden='true'>{n + 1}</div></div><div class='code'>"
        f"{_tokens(line) or chr(10)}</div></div>"
        for n, line in enumerate(code.split("\n"))
    )
    return (
        f"<div class='expressive-code'><figure class='frame'><figcaption class='header'></figcaption><pre data-language='{language}'>"
        f"<code>{lines}</code></pre><div class='copy'><button title='Copy to clipboard'><div></div></button></div></figure></div>"
    )


def _vitepress(code: str, language: str) -> str:
    lines = "\n".join(f"<span class='line'>{_tokens(line)}</span>" for line in code.split("\n"))
    numbers = "".join(f"<span class='line-number'>{n + 1}</span><br>" for n in range(len(code.split("\n"))))
    return (
        f"<div class='language-{language} line-numbers-mode'><button title='Copy Code' class='copy'></button><span class='lang'>{language}"
        f"</span><pre class='shiki'><code>{lines}</code></pre><div class='line-numbers-wrapper' aria-hidden='true'>{numbers}</div></div>"
    )


def _wechat(code: str, language: str) -> str:
    lines = "".join(
        f"<code><span class='code-snippet_outer'>{_tokens(line) or '<br>'}</span></code>" for line in code.split("\n")
    )
    numbers = "<li></li>" * len(code.split("\n"))
    return (
        f"<section class='code-snippet__fix'><ul class='code-snippet__line-index'>{numbers}</ul><pre class='code-snippet__js'"
        f" data-lang='{language}'>{lines}</pre></section>"
    )


def _csdn(code: str, language: str) -> str:
    numbers = "".join(f"<li style='color:#999'>{n + 1}</li>" for n in range(len(code.split("\n"))))
    return (
        f"<pre class='prettyprint'><code class='prism language-{language} has-numbering' onclick='sign(event)'>{_colored(code)}"
        f"<div class='hljs-button signin' data-title='登录复制'></div></code><ul class='pre-numbering'>{numbers}</ul></pre>"
    )


def _juejin(code: str, language: str) -> str:
    lines = "\n".join(
        f"<span class='code-block-extension-codeLine'>{_tokens(line)}</span>" for line in code.split("\n")
    )
    return (
        f"<pre><div class='code-block-extension-header'><div><span class='code-block-extension-lang'>{language}</span></div><div>"
        f"<div class='code-block-extension-copyCodeBtn'>复制代码</div></div></div><code class='hljs language-{language}'>{lines}</code></pre>"
    )


def _forem(code: str, language: str) -> str:
    return (
        f"<div class='highlight js-code-highlight'><pre class='highlight {language}'><code>{_colored(code)}\n</code></pre><div"
        " class='highlight__panel'><svg><title>Enter fullscreen mode</title></svg></div></div>"
    )


def _docutils(code: str, language: str) -> str:
    return f"<pre class='code {language} literal-block'>{_colored(code)}\n</pre>"


_CODES: list[tuple[str, Callable[[str, str], str]]] = [
    ("Rouge", _rouge), ("Chroma", _chroma), ("Chroma, inline", _chroma_inline), ("hexo", _hexo),
    ("Pygments, table", lambda code, language: _pygments(code, language, "table")),
    ("Pygments, inline", lambda code, language: _pygments(code, language, "inline")),
    ("MkDocs", _mkdocs), ("Docusaurus", _docusaurus), ("highlight.js with lines", _hljs_ln), ("Prism", _prism),
    ("notebook", _notebook), ("old notebook", _old_notebook), ("SyntaxHighlighter", _syntax_highlighter),
    ("GitHub", _github), ("labelled", _labelled), ("React", _react), ("Starlight", _starlight), ("VitePress", _vitepress),
    ("WeChat", _wechat), ("CSDN", _csdn), ("Juejin", _juejin), ("Forem", _forem), ("docutils", _docutils),
]  # fmt: skip
_NEVER = ("Copy", "Code:", "复制代码", "Copy code", "Code: Select all", "In [3]:", "Python", "python", "1", "2")


def _with_code(name: str, write: Callable[[str, str], str]) -> MadePage:
    codes = [(_PYTHON, "python"), (_C, "c"), (_SHELL, "bash")]
    body = "".join(
        f"<p>{PROSE[number]} {PROSE[number + 1]}</p>{write(code, language)}"
        for number, (code, language) in enumerate(codes)
    )
    return MadePage(name, made_page(name, body + f"<p>{PROSE[4]}</p>"), code=codes, never=_NEVER)


def with_code() -> Iterator[MadePage]:
    """Yield the pages with code."""
    for name, write in _CODES:
        yield _with_code(name, write)
