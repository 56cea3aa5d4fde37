"""Pages with formulas and code in the notations of real programs, each with what a reader must find.

The texts are ours; the markup has the shape that the programs write. Pygments writes its own.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page, its formulas (TeX, and whether on a line of its own), and its code blocks (text and language)."""

    name: str
    html: str
    formulas: list[tuple[str, bool]] = field(default_factory=list)
    code: list[tuple[str, str]] = field(default_factory=list)
    never: tuple[str, ...] = ()
    """Lines that must not be in the text."""


_PROSE = (
    "The tide gauges of the harbour send a reading every six minutes, and the office keeps each of them for good.",
    "A reading that differs from its neighbours by more than a hand is compared with the gauge across the water.",
    "Most of the errors were found by a keeper who drew the curves by hand, long before a program looked at them.",
    "The constants were fitted again in spring, since the dredging of the channel had changed the shape of the bay.",
    "What follows was written for new keepers; the older ones know it, or say that they have always known it.",
)
_FORMULAS: list[tuple[str, bool]] = [
    ("h(t)", False),
    (r"h(t) = h_0 + \sum_{i=1}^{n} a_i \cos(\omega_i t + \phi_i)", True),
    (r"\omega_i", False),
    (r"\frac{1}{2} \rho g a^2", False),
    (r"\int_0^T |h(t)|^2 \, dt < \infty", True),
    (r"x \in \mathbb{R}^n", False),
]
_MATHML: list[tuple[str, bool, str]] = [
    ("x^{2}", False, "<msup><mi>x</mi><mn>2</mn></msup>"),
    (r"\frac{a+b}{c}", True, "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>"),
    (
        r"\sum_{i=1}^{n}\alpha_{i}",
        True,
        "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi>"
        "</munderover><msub><mi>α</mi><mi>i</mi></msub>",
    ),
    (r"\sqrt{y}\leq\sqrt[3]{z}", False, "<msqrt><mi>y</mi></msqrt><mo>≤</mo><mroot><mi>z</mi><mn>3</mn></mroot>"),
    (
        r"\begin{pmatrix}1&0\\0&1\end{pmatrix}",
        True,
        "<mrow><mo>(</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn>"
        "</mtd></mtr><mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable><mo>)</mo></mrow>",
    ),
    (r"\hat{x}\to\infty", False, "<mover><mi>x</mi><mo>^</mo></mover><mo>→</mo><mi>∞</mi>"),
    (r"\sin\theta\approx\theta", False, "<mi>sin</mi><mo>&#x2061;</mo><mi>θ</mi><mo>≈</mo><mi>θ</mi>"),
    (r"\mathbb{R}\subset\mathbb{C}", False, "<mi>ℝ</mi><mo>⊂</mo><mi mathvariant='double-struck'>C</mi>"),
    (r"\binom{n}{k}", False, "<mrow><mo>(</mo><mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac><mo>)</mo></mrow>"),
    (r"f'(x)", False, "<msup><mi>f</mi><mo>′</mo></msup><mo stretchy='false'>(</mo><mi>x</mi><mo>)</mo>"),
]
_PYTHON = "def tide(t):\n    # the reading, in metres\n    if t < 0:\n        raise ValueError('before')\n\n    return sum(a * t\n               for a in FIT)"
_SHELL = "$ gauge --port 7 \\\n    --since 2024-01-01\n\nreading: 3.14  ok"
_C = "int main(void) {\n\tint a[2] = {0, 1};\n\n\treturn a[0] && a[1];\n}"


def _glyphs(said: str) -> str:
    return "".join(f"<span class='mord'>{html.escape(letter)}</span>" for letter in said if letter.isalnum())


def _mml(said: str, display: bool) -> str:
    kind = " display='block'" if display else ""
    return (
        f"<math xmlns='http://www.w3.org/1998/Math/MathML'{kind}><semantics><mrow><mi>{html.escape(said[:1])}</mi><mo>=</mo>"
        f"</mrow><annotation encoding='application/x-tex'>{html.escape(said)}</annotation></semantics></math>"
    )


def _katex(said: str, display: bool) -> str:
    inner = (
        f"<span class='katex'><span class='katex-mathml'>{_mml(said, display)}</span>"
        f"<span class='katex-html' aria-hidden='true'>{_glyphs(said)}</span></span>"
    )
    return f"<span class='katex-display'>{inner}</span>" if display else inner


def _mathjax2(said: str, display: bool) -> str:
    kind, shown = ("; mode=display", "MathJax_Display") if display else ("", "MathJax_SVG")
    return (
        f"<span class='MathJax_Preview'>{_glyphs(said)}</span><span class='{shown}'><span class='MathJax'><nobr>{_glyphs(said)}"
        f"</nobr></span></span><script type='math/tex{kind}'>{said}</script>"
    )


def _mathjax2_preview(said: str, display: bool) -> str:
    kind = "; mode=display" if display else ""
    return f"<span class='MathJax_Preview'>{html.escape(said)}</span><script type='math/tex{kind}'>{said}</script>"


def _mathjax3(said: str, display: bool, inner: str | None = None) -> str:
    kind = " display='true'" if display else ""
    block = " display='block'" if display else ""
    mml = f"<math{block}>{inner}</math>" if inner else _mml(said, display)
    return (
        f"<mjx-container class='MathJax' jax='CHTML'{kind}><mjx-math aria-hidden='true'>{_glyphs(said)}</mjx-math>"
        f"<mjx-assistive-mml unselectable='on'>{mml}</mjx-assistive-mml></mjx-container>"
    )


def _mathjax3_svg(said: str, display: bool) -> str:
    return _mathjax3(said, display).replace(
        "<mjx-math", "<svg><g data-mml-node='math'><text>x</text></g></svg><mjx-math"
    )


def _mathjax4(said: str, display: bool) -> str:
    kind = " display='true'" if display else ""
    return (
        f"<mjx-container class='MathJax' jax='SVG'{kind}><svg data-latex='{html.escape(said, quote=True)}'><text>x</text>"
        "</svg></mjx-container>"
    )


def _wikipedia(said: str, display: bool) -> str:
    alt = html.escape(rf"{{\displaystyle {said}}}", quote=True)
    kind = "display" if display else "inline"
    return (
        f"<span class='mwe-math-element mwe-math-element-{kind}'><span class='mwe-math-mathml-{kind} mwe-math-mathml-a11y'"
        f" style='display: none;'><math alttext='{alt}'><semantics><mrow><mi>h</mi></mrow>"
        f"<annotation encoding='application/x-tex'>{alt}</annotation></semantics></math></span>"
        f"<img src='https://example.org/render/svg/1' class='mwe-math-fallback-image-{kind}' aria-hidden='true' alt='{alt}'></span>"
    )


def _wordpress(said: str, display: bool) -> str:
    alt = html.escape(said if not display else rf"\displaystyle {said}", quote=True)
    image = f"<img src='https://s0.wp.com/latex.php?latex=x&bg=ffffff' alt='{alt}' title='{alt}' class='latex' />"
    return image


def _latexml(said: str, display: bool) -> str:
    alt = html.escape(said, quote=True)
    kind = "block" if display else "inline"
    math = (
        f"<math class='ltx_Math' alttext='{alt}' display='{kind}'><semantics><mrow><mi>h</mi><mo>=</mo></mrow>"
        f"<annotation-xml encoding='MathML-Content'><apply><ci>h</ci></apply></annotation-xml>"
        f"<annotation encoding='application/x-tex'>{alt}</annotation><annotation encoding='application/x-llamapun'>h equals"
        "</annotation></semantics></math>"
    )
    if not display:
        return math
    return (
        "<table class='ltx_equation ltx_eqn_table'><tbody><tr class='ltx_equation ltx_eqn_row ltx_align_baseline'>"
        f"<td class='ltx_eqn_cell ltx_eqn_center_padleft'></td><td class='ltx_eqn_cell ltx_align_center'>{math}</td>"
        "<td class='ltx_eqn_cell ltx_eqn_center_padright'></td><td rowspan='1' class='ltx_eqn_cell ltx_eqn_eqno'>"
        "<span class='ltx_tag ltx_tag_equation ltx_align_right'>(1)</span></td></tr></tbody></table>"
    )


def _delimited(said: str, display: bool) -> str:
    return html.escape(rf"\[{said}\]" if display else rf"\({said}\)")


def _dollars(said: str, display: bool) -> str:
    return html.escape(f"$${said}$$" if display else f"${said}$")


def _sphinx(said: str, display: bool) -> str:
    tag = "div" if display else "span"
    return f"<{tag} class='math notranslate nohighlight'>{_delimited(said, display)}</{tag}>"


def _pandoc(said: str, display: bool) -> str:
    return f"<span class='math {'display' if display else 'inline'}'>{html.escape(said)}</span>"


def _zhihu(said: str, display: bool) -> str:
    return f"<span class='ztext-math' data-eeimg='1' data-tex='{html.escape(said, quote=True)}'>{_glyphs(said)}</span>"


_MATHJAX = "<script src='https://cdn.example.org/mathjax@3/es5/tex-chtml.js'></script>"
_SINGLE = "<script>MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']]}}</script>" + _MATHJAX
_NOTATIONS: list[tuple[str, Callable[[str, bool], str], str]] = [
    ("KaTeX", _katex, ""), ("MathJax 2", _mathjax2, ""), ("MathJax 2, preview", _mathjax2_preview, ""),
    ("MathJax 3", _mathjax3, ""), ("MathJax 3, SVG", _mathjax3_svg, ""), ("MathJax 4, SVG", _mathjax4, ""),
    ("MathML with annotation", _mml, ""), ("Wikipedia", _wikipedia, ""), ("WordPress", _wordpress, ""),
    ("LaTeXML", _latexml, ""), ("delimiters", _delimited, _MATHJAX), ("dollars", _dollars, _SINGLE),
    ("Sphinx", _sphinx, _MATHJAX), ("Pandoc, KaTeX", _pandoc, "<script src='katex.min.js'></script>"),
]  # fmt: skip
_ONLY_INLINE = (_wordpress, _zhihu)


def _page(name: str, body: str, head: str = "") -> str:
    title = f"Readings, {name}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>"
        "<header><nav><ul><li><a href='/'>Home</a></li><li><a href='/docs'>Docs</a></li></ul></nav></header>"
        f"<main><article class='post'><h1>{title}</h1>{body}</article></main>"
        "<footer><p>© 2024 The harbour office</p></footer></body></html>"
    )


def _with_formulas(name: str, write: Callable[[str, bool], str], head: str) -> MadePage:
    body, gold = f"<p>{_PROSE[0]}</p>", list[tuple[str, bool]]()
    for number, (said, display) in enumerate(_FORMULAS):
        display = display and write not in _ONLY_INLINE
        gold.append((said, display))
        prose = _PROSE[number % len(_PROSE)]
        written = write(said, display)
        if display:
            body += f"<p>{prose} Here it is in full:</p>" + (
                written if "<div" in written or "<table" in written else f"<p>{written}</p>"
            )
        else:
            body += f"<p>{prose} With {written} in mind, {_PROSE[(number + 1) % len(_PROSE)].lower()}</p>"
    return MadePage(name, _page(name, body + f"<p>{_PROSE[4]}</p>", head), gold)


def _with_mathml(name: str, write: Callable[[str, bool, str], str]) -> MadePage:
    body, gold = f"<p>{_PROSE[0]}</p>", list[tuple[str, bool]]()
    for number, (said, display, inner) in enumerate(_MATHML):
        gold.append((said, display))
        prose = _PROSE[number % len(_PROSE)]
        written = write(said, display, inner)
        body += f"<p>{prose}</p><p>{written}</p>" if display else f"<p>{prose} See {written} for it, as was said.</p>"
    return MadePage(name, _page(name, body + f"<p>{_PROSE[4]}</p>"), gold)


def _plain_mathml(_: str, display: bool, inner: str) -> str:
    kind = " display='block'" if display else ""
    return f"<math{kind}>{inner}</math>"


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


_CODES: list[tuple[str, Callable[[str, str], str]]] = [
    ("Rouge", _rouge), ("Chroma", _chroma), ("Chroma, inline", _chroma_inline), ("hexo", _hexo),
    ("Pygments, table", lambda code, language: _pygments(code, language, "table")),
    ("Pygments, inline", lambda code, language: _pygments(code, language, "inline")),
    ("MkDocs", _mkdocs), ("Docusaurus", _docusaurus), ("highlight.js with lines", _hljs_ln), ("Prism", _prism),
    ("notebook", _notebook), ("old notebook", _old_notebook), ("SyntaxHighlighter", _syntax_highlighter),
    ("GitHub", _github), ("labelled", _labelled), ("React", _react),
]  # fmt: skip
_NEVER = ("Copy", "Code:", "复制代码", "Copy code", "Code: Select all", "In [3]:", "Python", "python", "1", "2")


def _with_code(name: str, write: Callable[[str, str], str]) -> MadePage:
    codes = [(_PYTHON, "python"), (_C, "c"), (_SHELL, "bash")]
    body = "".join(
        f"<p>{_PROSE[number]} {_PROSE[number + 1]}</p>{write(code, language)}"
        for number, (code, language) in enumerate(codes)
    )
    return MadePage(name, _page(name, body + f"<p>{_PROSE[4]}</p>"), code=codes, never=_NEVER)


def made_pages() -> Iterator[MadePage]:
    """Yield all pages."""
    for name, write, head in _NOTATIONS:
        yield _with_formulas(name, write, head)
    yield _with_formulas("Zhihu", _zhihu, "")
    yield _with_mathml("MathML alone", _plain_mathml)
    yield _with_mathml("MathJax 3 from MathML", lambda said, display, inner: _mathjax3(said, display, inner))
    for name, write_code in _CODES:
        yield _with_code(name, write_code)
