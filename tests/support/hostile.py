"""Names that somebody might give a machine, to see what becomes of them."""

OWNED = "window.owned = true"

KEPT = {
    "markup": f"<img src=x onerror='{OWNED}'><script>{OWNED}</script>",
    "broken markup": "</td></table></template><!-- <b",
    "entities": "&lt;b&gt; &amp;amp; &#x202e;",
    "Vue": "{{ constructor.constructor('" + OWNED + "')() }} ${" + OWNED + "}",
    "words of the page": "@:spirekeeper.form.added {name} {0} | %s %(x)s %n",
    "statement": "'; DROP TABLE dca_machines; -- \\' \" ` \\",
    "formula": "=cmd|' /C calc'!A0",
    "address": "javascript:alert(1)//",
    "telegram": "[a](tg://user?id=1) *b* _c_ `d`",
    "Hebrew": "\u05de\u05db\u05d5\u05e0\u05d4 1",
    "Arabic with marks": "\u200f\u0622\u0644\u0629\u200f (2)\u061c",
    "Persian joiners": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "accents": "Z\u0351\u036b\u0343\u036a\u0302a\u0334\u0335l\u0336g\u0321o\u0322",
    "zero width": "No\u200brth\u2060\ufeff1",
    "wide": "\ufdfd" * 100,
    "long": "W" * 100,
    "planes": "\U0001d54f" * 100,
}
"""Odd, and text all the same."""

REFUSED = {
    "NUL": "a\0b",
    "escape": "a\x1b[31mb",
    "line break": "a\nSet-Cookie: b",
    "C1": "a\x9b31mb",
    "separator": "a\u2028b",
    "override": "a\u202egnp.exe",
    "embedding": "a\u202bb",
    "isolate": "a\u2067b",
    "unopened isolate": "a\u2069b",
    "surrogate": "a\ud83db",
    "piled up": "a" + "\u0334" * 60,
    "nothing to see": "\u200b\u200d\ufeff",
    "space": "\u3000\u2003\u00a0",
    "too long": "a" * 101,
}

OLDER = "Old\u202eeman\u2066"
"""One that was stored before such names were refused."""
