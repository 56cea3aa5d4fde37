"""The TeX names of mathematical symbols, alphabets, accents and functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from extractor.html.regions import vocabulary

_WRITTEN = r"""
× \times|÷ \div|± \pm|∓ \mp|⋅ \cdot|· \cdot|∗ *|− -|∘ \circ|∙ \bullet|⊕ \oplus|⊗ \otimes|⊙ \odot|† \dagger|⋆ \star
≤ \le|≥ \ge|≠ \ne|≈ \approx|≡ \equiv|∼ \sim|≃ \simeq|≅ \cong|∝ \propto|≪ \ll|≫ \gg|≺ \prec|≻ \succ|⩽ \leqslant
⩾ \geqslant|∈ \in|∉ \notin|∋ \ni|⊂ \subset|⊃ \supset|⊆ \subseteq|⊇ \supseteq|∪ \cup|∩ \cap|∖ \setminus|∅ \emptyset
∧ \wedge|∨ \vee|¬ \neg|∀ \forall|∃ \exists|⊢ \vdash|⊨ \models|⊥ \perp|∥ \parallel|∣ \mid|⊤ \top|≔ :=|≜ \triangleq
∑ \sum|∏ \prod|∐ \coprod|∫ \int|∬ \iint|∭ \iiint|∮ \oint|⋃ \bigcup|⋂ \bigcap|⨁ \bigoplus|⨂ \bigotimes|√ \surd
→ \to|← \leftarrow|↔ \leftrightarrow|⇒ \Rightarrow|⇐ \Leftarrow|⇔ \Leftrightarrow|↦ \mapsto|⟶ \longrightarrow
⟹ \Longrightarrow|⟺ \Longleftrightarrow|↑ \uparrow|↓ \downarrow|↪ \hookrightarrow|⇌ \rightleftharpoons
∞ \infty|∂ \partial|∇ \nabla|ℏ \hbar|ℓ \ell|ℜ \Re|ℑ \Im|ℵ \aleph|∠ \angle|△ \triangle|□ \square|° ^\circ|′ '|″ ''
… \ldots|⋯ \cdots|⋮ \vdots|⋱ \ddots|⟨ \langle|⟩ \rangle|⌊ \lfloor|⌋ \rfloor|⌈ \lceil|⌉ \rceil|‖ \|
{ \{|} \}|% \%|# \#|& \&|$ \$|_ \_|\ \backslash|~ \sim|ı \imath|ȷ \jmath|ϵ \epsilon|ε \varepsilon|ϕ \phi
φ \varphi|ϑ \vartheta|ϖ \varpi|ϱ \varrho|ς \varsigma|ϰ \varkappa|º ^\circ|ħ \hbar|■ \blacksquare|∎ \blacksquare
"""
_LATIN = {"OMICRON": "o"}
_NO_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))


def _greek() -> Iterator[tuple[str, str]]:
    for code in range(0x391, 0x3CA):
        letter = chr(code)
        name = unicodedata.name(letter, "")
        if "FINAL" in name or not name or " WITH " in name:
            continue
        word = name.rsplit(" ", 1)[-1].replace("LAMDA", "LAMBDA")
        if letter in _NO_CAPITALS or word in _LATIN:
            yield letter, _NO_CAPITALS.get(letter, "o")
        else:
            yield letter, "\\" + (word.capitalize() if letter.isupper() else word.lower())


def _table() -> Iterator[tuple[str, str]]:
    for pair in _WRITTEN.replace("\n", "|").split("|"):
        sign, _, name = pair.partition(" ")
        if name:
            yield sign, name
    yield "‖", r"\|"


SYMBOLS: dict[str, str] = dict(_greek()) | dict(_table())
"""Character → TeX."""
FUNCTIONS = vocabulary(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max min"
    " Pr sec sin sinh sup tan tanh"
)
LARGE = vocabulary(
    r"\sum \prod \coprod \int \iint \iiint \oint \bigcup \bigcap \bigoplus \bigotimes \lim \max \min \sup \inf \limsup"
    r" \liminf \det \gcd \Pr \operatorname{argmax} \operatorname{argmin}"
)
"""Operators with limits below and above."""
VARIANTS = {
    "bold-italic": "boldsymbol", "double-struck": "mathbb", "fraktur": "mathfrak", "black-letter": "mathfrak",
    "script": "mathcal", "sans-serif": "mathsf", "monospace": "mathtt", "bold": "mathbf", "normal": "mathrm",
}  # fmt: skip
"""Values of `mathvariant`, and words in the names of mathematical letters, from special to general."""
ACCENTS = {
    "¯": ("bar", "overline"), "‾": ("bar", "overline"), "ˉ": ("bar", "overline"), "_": ("bar", "overline"),
    "^": ("hat", "widehat"), "ˆ": ("hat", "widehat"), "~": ("tilde", "widetilde"), "˜": ("tilde", "widetilde"),
    "∼": ("tilde", "widetilde"), "→": ("vec", "overrightarrow"), "⃗": ("vec", "overrightarrow"),
    "˙": ("dot", "dot"), "¨": ("ddot", "ddot"), "⏞": ("overbrace", "overbrace"), "ˇ": ("check", "check"),
    "˘": ("breve", "breve"), "´": ("acute", "acute"), "`": ("grave", "grave"),
}  # fmt: skip
"""Sign above → the accent, for one letter and for several."""
BELOW = {"_": "underline", "¯": "underline", "‾": "underline", "̲": "underline", "⏟": "underbrace"}
MATRICES = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix", ("∣", "∣"): "vmatrix",
    ("‖", "‖"): "Vmatrix", ("{", ""): "cases", ("{", "}"): "Bmatrix",
}  # fmt: skip
