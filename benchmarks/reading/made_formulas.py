# ruff: noqa: E501 - markup as programs write it
"""Pages with formulas, in the notations of the programs that write them. The texts are ours."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

from benchmarks.reading.made_page import PROSE, MadePage, made_page

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
    return f"<img src='https://s0.wp.com/latex.php?latex=x&bg=ffffff' alt='{alt}' title='{alt}' class='latex' />"


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


def _zhihu(said: str, _: bool) -> str:
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


def _with_formulas(name: str, write: Callable[[str, bool], str], head: str) -> MadePage:
    body, gold = f"<p>{PROSE[0]}</p>", list[tuple[str, bool]]()
    for number, (said, display) in enumerate(_FORMULAS):
        shown = display and write not in _ONLY_INLINE
        gold.append((said, shown))
        prose = PROSE[number % len(PROSE)]
        written = write(said, shown)
        if shown:
            body += f"<p>{prose} Here it is in full:</p>" + (
                written if "<div" in written or "<table" in written else f"<p>{written}</p>"
            )
        else:
            body += f"<p>{prose} With {written} in mind, {PROSE[(number + 1) % len(PROSE)].lower()}</p>"
    return MadePage(name, made_page(name, body + f"<p>{PROSE[4]}</p>", head), gold)


def _with_mathml(name: str, write: Callable[[str, bool, str], str]) -> MadePage:
    body, gold = f"<p>{PROSE[0]}</p>", list[tuple[str, bool]]()
    for number, (said, display, inner) in enumerate(_MATHML):
        gold.append((said, display))
        prose = PROSE[number % len(PROSE)]
        written = write(said, display, inner)
        body += f"<p>{prose}</p><p>{written}</p>" if display else f"<p>{prose} See {written} for it, as was said.</p>"
    return MadePage(name, made_page(name, body + f"<p>{PROSE[4]}</p>"), gold)


def _plain_mathml(_: str, display: bool, inner: str) -> str:
    kind = " display='block'" if display else ""
    return f"<math{kind}>{inner}</math>"


def with_formulas() -> Iterator[MadePage]:
    """Yield the pages with formulas."""
    for name, write, head in _NOTATIONS:
        yield _with_formulas(name, write, head)
    yield _with_formulas("Zhihu", _zhihu, "")
    yield _with_mathml("MathML alone", _plain_mathml)
    yield _with_mathml("MathJax 3 from MathML", _mathjax3)
