#!/usr/bin/env python3
"""Writes Tests/Goldens/tokenizer/goldens.json and Sources/Tokenizer/Cleaning/EntityTable.swift.

The goldens are the token ids that open_clip's SimpleTokenizer gives to a corpus of hard lines, for the small
vocabulary beside them (context 24) and for CLIP's own merges (context 77), and a checksum of the ids of clip_text_span's 3,498
general descriptions.

Made with open_clip_torch 3.3.0 and ftfy 6.3.1; the corpus is ours.

    scripts/goldens/tokenizer.py DATA_FOLDER
"""

import html.entities
import json
import pathlib
import sys

import oracle  # noqa: F401  before open_clip
from open_clip.tokenizer import SimpleTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]


def garbled(text, encoding, times=1):
    """The text as it looks when its UTF-8 is read in another encoding."""
    for _ in range(times):
        text = text.encode("utf-8").decode(encoding)
    return text


PLAIN = [
    "", " ", "a", "A", "a red house", "  a   red\thouse\n", "three dotted umbrellas on the beach",
    "a photo of a cat.",
    "A Photo Of A DIAGRAM", "two checkered kites at the top", "supercalifragilisticexpialidocious", "x" * 60,
    "the quick brown fox jumps over the lazy dog " * 9, "1234567890", "3.14159", "100% cotton", "a1b2c3",
    "v2.0-beta_3",
    "e-mail: someone@example.com", "https://example.com/a?b=c&d=e#f", "C:\\temp\\file.txt", "#hashtag @mention",
    "$5,000.00", "(a) [b] {c}", "!?!?!?", "...", "--", "___", "a_b_c", "snake_case and camelCase", "\"quoted\"",
    "it's", "don't can't won't", "we'll they're I'm you've he'd she's", "IT'S DON'T WE'LL", "'s", "'tis the season",
    "rock 'n' roll", "o'clock", "dogs' tails", "'''", "''s", "a'sb", "'re're", "y'all'd've",
    "'S 'T 'RE 'VE 'M 'LL 'D",
    "<start_of_text>", "<end_of_text>", "a <start_of_text> b", "<START_OF_TEXT> loud", "<|endoftext|>",
    "<start_of_text", "start_of_text>", "x<end_of_text>y<end_of_text>", "<<start_of_text>>", "<ſtart_of_text>",
    "a\u0000b", "a\u0007bell", "tab\tand\vvertical\fform", "line\r\nbreak\rmac", "a\x1cb\x1db\x1eb\x1fb",
    "del\x7fete",
    "\x1b[36;44mblue\x1b[0m terminal", "\x1b[31", "\x1b[3x1m", "\ufeffbyte order mark",
]
LETTERS = [
    "café", "cafe\u0301", "naïve façade", "Ångström", "A\u030angstro\u0308m", "\u212bngstrom", "Ω \u2126 ohm",
    "K \u212a kelvin", "ﬁne ﬂow oﬀer aﬃne ﬄ ﬅ ﬆ", "Ĳssel ĳs ŉ Ǆ ǅ ǆ Ǉ ǈ ǉ Ǌ ǋ ǌ Ǳ ǲ ǳ", "æther œuvre Æ Œ",
    "İstanbul", "ISTANBUL ıI", "I\u0307", "Straße STRASSE ẞ", "ΟΔΟΣ", "ΣΊΣΥΦΟΣ", "ΑΣ.", "Σ", "ΣΑ Σ ΑΣ", "ΑΣ\u0301",
    "Α\u0301Σ", "ΑΣ'Α", "ΑΣ-Β", "ΑΣ1", "ὈΔΥΣΣΕΎΣ", "Ὀδυσσεύς ᾼ ᾳ", "ПРИВЕТ мир", "Ѐ Ё Ж", "שָׁלוֹם", "مَرْحَبًا",
    "नमस्ते दुनिया", "สวัสดี", "ខ្មែរ",
    "中文字符", "日本語のテキスト", "カタカナ ｶﾀｶﾅ ﾊﾟﾋﾟ ﾊﾞ", "한국어 ᄒ\u1161ᆫ", "ＦＵＬＬ　ＷＩＤＴＨ １２３ ！＂＃", "ｈａｌｆ ￡ ￥ ￦ ￨ ￮", "𝒥𝓸𝓱𝓷", "𐐀 𐐨",
    "Ⅷ ⅷ Ⅿ", "½ ⅓ ² ³ ¹ ₂", "٣٤٥ १२३ ๓", "① ⑫ ⓐ", "ª º", "ʰ ʷ ˈ", "ǅungla", "Ǆ", "ẛ̣ ẛ", "ſhort 'ſ long s",
    "a\u0300\u0301\u0316b", "\u0301 alone", "q\u0307\u0323 q\u0323\u0307", "Ḍ̇ D\u0323\u0307", "e\u200dmoji",
    "soft\u00adhyphen",
    "zero\u200bwidth\u200cnon\u200djoiner", "\u200frtl\u200e", "\u202aembed\u202c", "\u2060word joiner",
    "\u180emongolian",
    "nbsp\u00a0here", "thin\u2009en\u2002em\u2003figure\u2007", "\u3000ideographic\u3000", "line\u2028sep\u2029para",
    "\u1680ogham\u205fmath\u202fnarrow", "next\u0085line", "Þ ð đ ł ø", "ß ÿ Ÿ", "\ufff9note\ufffa\ufffb",
    "\ufffcobject",
    "\u206adeprecated", "private \ue000 use", "unassigned \U000e0080", "\U0001d173music",
]
SYMBOLS = [
    "😀", "👍🏽", "👨\u200d👩\u200d👧\u200d👦 family", "🏳️\u200d🌈", "🇫🇷🇩🇪", "☃️ snowman ☂", "❤️ vs ❤",
    "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
    "1️⃣", "™ ® ©", "→ ⇒ ∀x∈ℝ", "€20 £30 ¥40 ¢50", "5×4 ÷ 2 ± 1", "20°C", "§5 ¶2", "a•b·c", "em—dash en–dash ―bar",
    "“curly” ‘single’ it’s", "„low“ ‚single‘", "«guillemets» ‹single›", "‟reversed‛ ʼmodifier", "…ellipsis…",
    "′prime″",
    "\ufffd replacement", "a\ufffdb", "© 2024 “Quote”…", "¿Qué? ¡Sí!", "naïve “café”—déjà‑vu", "10 µm", "x² + y³",
    "√2 ≈ 1.41 ≤ 2",
    "╔═╗ box │", "█▓▒░", "♪♫ ☆★ ✓✗", "(╯°□°)╯︵ ┻━┻", "¯\\_(ツ)_/¯", "ಠ_ಠ", "ヽ(°〇°)ﾉ", "Ö3 ÄÖÜ äöü", "ÀÉÎÕÜ", "Ã",
    "Â", "Å",
    "Å is a word", "à la mode", "À propos", "é»x", "É»", "Ø§ is odd", "Œ", "œuf", "Œ!", "°Â°", "Ðelta", "100 Â",
    "Ã la carte",
]
HTML = [
    "&amp;", "a &amp; b", "fish &amp;amp; chips", "&amp;amp;amp; thrice", "&lt;b&gt;bold&lt;/b&gt;", "<b>&amp;</b>",
    "<p>&eacute;</p>", "&eacute;t&eacute;", "P&EACUTE;REZ", "BUNDESSTRA&SZLIG;E",
    "&ntilde; &Ntilde; &NTILDE; &nTILDE;",
    "&hellip; &rsquo;s &ldquo;q&rdquo;", "&nbsp;x&nbsp;", "&notit;", "this&not that", "&copy2024", "&amp",
    "&ampx", "&lt",
    "&#39;s", "&#x27;", "&#X27", "&#233;", "&#xE9;", "&#128512;", "&#x1F600", "&#0;", "&#13;", "&#128;",
    "&#150; &#151",
    "&#55296;", "&#1114112;", "&#99999999999999999999;", "&#x110000;", "&#1;", "&#64976;", "&#65535;", "&#11;",
    "&#12;x", "&#;", "&#x;", "&#xg;",
    "&", "&&amp;", "&;", "& ;", "&unknown;", "&checkmark;", "&Jscr;ohn &HilbertSpace;ancock", "&NotEqualTilde;",
    "&bne;",
    "&hearts;&diams;", "&AMP; &COPY; &QUOT;", "&ATILDE;&SUP3;", "&amp;#39;s", "&amp;lt;start_of_text&amp;gt;",
    "&apos;s",
    "&lt;start_of_text&gt;", "&#60;end_of_text&#62;", "1 < 2 &amp; 3\nand &amp;amp; after",
    "a &amp;amp; b\n1 < 2 &eacute;",
    "&CounterClockwiseContourIntegral;", "&eacutex;", "&frac12; &frac34;", "&AElig; &aelig; &AELIG;",
    "&sigmaf; &SIGMAF;",
    "&thetasym; &piv;", "&ETH; &eth; &Thorn; &THORN;", "&euro; &EURO;", "&trade;&reg;", "&zwj; &zwnj;", "&shy;",
    "&thinsp;",
]
MOJIBAKE = [
    garbled(text, encoding, times)
    for text in [
        "café", "naïve façade", "voilà", "Ångström", "“quoted” text", "it’s", "em—dash", "…", "€20", "✔ No problems",
        "日本語", "中文", "привет", "Ελλάδα", "שלום", "مرحبا", "हिन्दी", "ไทย", "😀", "ñandú", "½ cup", "20°", "© 2024", "ÀÉÎ",
        "Šimon Žižek", "œuvre", "x² ± y", "¿Qué?", "«guillemets»", "Ünïcödé", "ﬁne",
    ]
    for encoding, times in [("latin-1", 1), ("sloppy-windows-1252", 1), ("sloppy-windows-1252", 2)]
] + [
    "voilÃ le travail", "Ã la mode", "Ã\xa0 la mode", "Ã quele", "â€œ like this â€\ufffd", "â€œlikeâ€?",
    "l’humanitÃ©", "Ã‰cole",
    "Ã©tÃ© and ünÿ", "I said “Ã©” twice", "plain – and â€“ garbled", "日本 cafÃ©", "cafÃ© 日本", "\x93quoted\x94",
    "caf\x92s",
    "c1 \x81 alone", "\x80uro", "â\x80\x99", "it\u00e2\u0080\u0099s", "âœ” No problems", "(ã\x83\x84)",
    "dÃ©jÃ  vu", "dÃ©jÃ\xa0 vu",
    "Â£5 and Â©", "5Â°C", "Â", "a Â b", "one. Â two", "â‚¬100", "Itâs", "Ã¼ber Ã¶l", "ÃƒÂ©", "Ã\u0192Â©",
    "â˜ƒ snow", "ðŸ˜€ smile",
    "ðŸ˜€ 日本", "Ø§Ù„Ø¹Ø±Ø¨ÙŠØ©", "à¤¹à¤¿à¤¨à¥à¤¦à¥€", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "Î•Î»Î»Î¬Î´Î±", "Ã­sland", "mÃ¡s\nmas Ã±",
    "ok line\ncafÃ©\n日本", "â€¢ bullet", "Å¡koda",
    "&Atilde;&copy;", "&#195;&#169;", "ÃÂ", "Ã?", "cafÃ?", "Ã\x1a", "â€™â€™â€™", "Ûž", "Õ¡", "Ø£", "Ã’", "‰Ã¨",
    "Žižek â€” philosopher",
    "Ãa", "naÃ¯ve cafÃ© dÃ©jÃ vu", "Ä°stanbul", "ÃŸ", "âˆš2", "3Ã—4", "10 Âµm", "â†’", "Œuvre â€œxâ€\x9d", "ï¬�ne",
]
PAGES = ["macroman", "cp437", "sloppy-windows-1250", "sloppy-windows-1251", "sloppy-windows-1253", "sloppy-windows-1254",
         "sloppy-windows-1257", "iso-8859-2"]


def cesu8(text, encoding):
    """The text as it looks when its CESU-8, six bytes where UTF-8 has four, is read in another encoding."""
    units = text.encode("utf-16-le")
    halves = [int.from_bytes(units[place:place + 2], "little") for place in range(0, len(units), 2)]
    return b"".join(chr(half).encode("utf-8", "surrogatepass") for half in halves).decode(encoding)


RARE = [
    garbled(text, page)
    for text in ["it’s a dog", "a café", "“quoted” text", "em—dash", "naïve façade", "Привет", "Ελλάδα", "日本語", "עברית",
                 "عربي", "😀 smile", "½ cup at 20°", "¿Qué?", "Šimon Žižek", "√2 ≈ 1.41"]
    for page in PAGES
] + [
    cesu8(text, encoding) for text in ["😀 smile", "👍🏽", "𝒥 and 𝓸", "한국어 😀"]
    for encoding in ["latin-1", "sloppy-windows-1252", "macroman", "cp437"]
] + [
    "a \u00c0\u0080 zero \u00c3\u00a9", "ГўВЂВњ quoted", "вЂ™s", "‚Äôs", "‚Äú‚Äù", "√© and √®", "β€™s", "ā€™s", "┬á", "├⌐",
    "caf├⌐ and caf√©", "plain √2, ≈ 3 and ± 1", "│ box ┤ drawing", "Ő ═ ů", "Привет мир", "Ελλάδα, όχι", "Łódź, Žižek", "Ā ē ī",
    "1 № 2", "ВђГ", "Гђ", "Ой, ўВЂ", "ﬁne and ¬ﬁ", "Ω≈ç√∫˜µ≤≥÷", "åß∂ƒ©˙∆˚¬…æ", "œ∑´®†¥¨ˆøπ“‘", "\uf8ff apple",
]
LINES = PLAIN + LETTERS + SYMBOLS + HTML + MOJIBAKE + RARE


def checksum(rows):
    """FNV-1a, 64 bits, over the ids as little-endian 32-bit words, each line ended by a -1."""
    value = 0xCBF29CE484222325
    for row in rows:
        for number in row + [-1]:
            for byte in (number & 0xFFFFFFFF).to_bytes(4, "little"):
                value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def ids(tokenizer, lines, context):
    """Ids up to and including the end token, without padding."""
    rows = []
    for line in lines:
        tokens = [tokenizer.sot_token_id] + tokenizer.encode(line) + [tokenizer.eot_token_id]
        if len(tokens) > context:
            tokens = tokens[:context - 1] + [tokenizer.eot_token_id]
        padded = tokenizer([line], context_length=context)[0].tolist()
        assert padded == tokens + [0] * (context - len(tokens)), line
        rows.append(tokens)
    return rows


def write_entity_table():
    names = {}
    for name, value in html.entities.html5.items():
        base = name.rstrip(";")
        names.setdefault(base, [value, False])
        if not name.endswith(";"):
            names[base][1] = True
    lines = [""]
    for name, (value, is_legacy) in sorted(names.items()):
        entry = name + ("! " if is_legacy else " ") + "+".join(f"{ord(c):X}" for c in value)
        if len(lines[-1]) + len(entry) + 2 > 115:
            lines.append("")
        lines[-1] += (", " if lines[-1] else "") + entry
    body = ",\n".join("    " + line for line in lines)
    (ROOT / "Sources/Tokenizer/Cleaning/EntityTable.swift").write_text(
        "/// The named character references of HTML, as the WHATWG lists them: the name, then its scalars in hex.\n"
        "///\n"
        "/// A name with an exclamation mark may also be written without its semicolon. Written by\n"
        "/// `scripts/goldens/tokenizer.py` from Python's `html.entities.html5`.\n"
        'enum EntityTable {\n  static let text = """\n' + body + '\n    """\n}\n', encoding="utf-8")


def main():
    data = pathlib.Path(sys.argv[1])
    lines = list(dict.fromkeys(LINES))
    general = (data / "image_descriptions_general.txt").read_text(encoding="utf-8").split("\n")
    small = SimpleTokenizer(str(ROOT / "Tests/Goldens/tokenizer/small/bpe_simple_vocab.txt.gz"), context_length=24)
    clip = SimpleTokenizer(str(data / "bpe_simple_vocab_16e6.txt.gz"))
    golden = {
        "lines": lines,
        "smallVocabulary": ids(small, lines, 24),
        "clip": ids(clip, lines, 77),
        "generalDescriptions": {"count": len(general), "checksum": checksum(ids(clip, general, 77))},
    }
    out = ROOT / "Tests/Goldens/tokenizer/goldens.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(golden, ensure_ascii=True, separators=(",", ":"))
    out.write_text(text.replace("],[", "],\n[").replace('","', '",\n"') + "\n", encoding="utf-8")
    write_entity_table()
    print(len(lines), "lines,", len(general), "general descriptions,", out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
