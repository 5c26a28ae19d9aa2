from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from kb.markup import mark_placeholders, plain, render, rendered_plain

BLANK = "【待填：费用】"
MARKED = f'<mark class="placeholder">{BLANK}</mark>'

# What a browser may meet, written down a second time on purpose. Attributes that load or run something are not here.
TAGS = {"a", "abbr", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h2", "h3", "h4", "h5", "hr", "li"}
TAGS |= {
    "img",
    "mark",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
ATTRIBUTES = {
    ("a", "href"),
    ("a", "title"),
    ("abbr", "title"),
    ("img", "alt"),
    ("img", "src"),
    ("img", "title"),
    ("mark", "class"),
    ("ol", "start"),
    ("th", "align"),
}
SCHEMES = {"", "http", "https", "mailto", "tel"}

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1);//<</script>",
    "<script\n>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)'",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<p onclick=alert(1) onmouseover='alert(1)' style='position:fixed'>文字</p>",
    "<a href='https://a.example' onclick='alert(1)' target=_blank>链接</a>",
    "<a href='javascript:alert(1)'>链接</a>",
    "<a href=' &#1; javascript:alert(1)'>链接</a>",
    "<a href='JaVaScRiPt:alert(1)'>链接</a>",
    "<a href='java\tscript:alert(1)'>链接</a>",
    "<a href='java\x00script:alert(1)'>链接</a>",
    "<a href='&#106;&#97;vascript:alert(1)'>链接</a>",
    "<a href='javascript&colon;alert(1)'>链接</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>链接</a>",
    "<a href='vbscript:msgbox(1)'>链接</a>",
    "<a href='file:///etc/passwd'>链接</a>",
    "[链接](javascript:alert(1))",
    "[链接](JAVASCRIPT:alert(1))",
    "[链接](<java\tscript:alert(1)>)",
    "[链接](&#106;avascript:alert(1))",
    "[链接](javascript&#58;alert(1))",
    "[链接](data:text/html,<script>alert(1)</script>)",
    '[链接](https://a.example "\' onclick=alert(1)")',
    '[链接](https://a.example "x" onclick="alert(1)")',
    "[链接][1]\n\n[1]: javascript:alert(1)",
    "![图](javascript:alert(1))",
    '![图](https://a.example/x.png" onerror="alert(1))',
    "<javascript:alert(1)>",
    "<ftp://a.example/file>",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<iframe src=https://evil.example></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=https://evil.example><input name=password><button>登录</button></form>",
    "<mark class='position-fixed vw-100 vh-100'>盖住整页</mark>",
    "<p id=main name=main class=btn data-bs-toggle=modal>文字</p>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><title></title><plaintext>",
    "<!--<img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<?xml version='1.0'?><!DOCTYPE html>",
    "<em><strong>没有关上",
    "</p></div></body></html>",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | d |",
    "> <script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "【待填：<script>alert(1)</script>】",
    "[链接](【待填：javascript:alert(1)】)",
    "<a title='【待填：\" onclick=alert(1) x=\"】' href='https://a.example'>链接</a>",
    "<a title=\"【待填：' onclick=alert(1) x='】\" href='https://a.example'>链接</a>",
    "<a 【待填：onclick=alert(1)】 href='https://a.example'>链接</a>",
    "<【待填：img src=x onerror=alert(1)】>",
]


class Browser(HTMLParser):
    """Collects what an HTML parser of its own sees: elements, attributes, and whether all of them are closed."""

    VOID = ("br", "hr")

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.seen, self.open, self.text = [], [], ""
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def unknown_decl(self, data):
        raise AssertionError(data)

    handle_comment = handle_decl = handle_pi = unknown_decl


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_but_harmless_html_comes_out(text):
    page = Browser(render(text))
    assert page.open == []
    for tag, attributes in page.seen:
        assert tag in TAGS
        assert {(tag, name) for name in attributes} <= ATTRIBUTES
        assert attributes.get("class", "placeholder") == "placeholder"
        assert urlsplit(attributes.get("href", "")).scheme in SCHEMES


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        (" \n ", ""),
        ("第一行\n第二行", "<p>第一行<br>\n第二行</p>"),
        ("## 标题", "<h2>标题</h2>"),
        ("**重** *轻* ~~x~~", "<p><strong>重</strong> <em>轻</em> ~~x~~</p>"),
        ("1. 看\n2. 插", "<ol>\n<li>看</li>\n<li>插</li>\n</ol>"),
        ("3. 从三开始", '<ol start="3">\n<li>从三开始</li>\n</ol>'),
        ("5 < 6 & 7 > 6", "<p>5 &lt; 6 &amp; 7 &gt; 6</p>"),
        ("[站](https://a.example/?a=1&b=2)", '<p><a href="https://a.example/?a=1&amp;b=2">站</a></p>'),
        ("<https://a.example>", '<p><a href="https://a.example">https://a.example</a></p>'),
        ("[打](tel:10000)", '<p><a href="tel:10000">打</a></p>'),
        ("[另一条](/entries/e)", '<p><a href="/entries/e">另一条</a></p>'),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
    ],
)
def test_markdown_becomes_html(text, html):
    assert render(text) == html


def test_an_address_written_as_such_is_a_link_and_a_mail_address_too():
    assert Browser(render("<help@a.example>")).seen[1] == ("a", {"href": "mailto:help@a.example"})


@pytest.mark.parametrize(
    "text",
    [
        BLANK,
        f"上门费 {BLANK} 元",
        f"**{BLANK}**",
        f"- *见 {BLANK}*",
        f"[{BLANK}](https://a.example)",
        f"`{BLANK}`",
        f"```\n{BLANK}\n```",
        f"    {BLANK}",
        f"| a |\n|---|\n| {BLANK} |",
        f"## {BLANK}",
        f"<div>{BLANK}</div>",
        f"<b>{BLANK}</b>",
        f"\\{BLANK}",
        f"*半个强调{BLANK}",
    ],
)
def test_a_placeholder_is_marked_once_wherever_it_stands(text):
    html = render(text)
    assert html.count("<mark") == 1
    assert MARKED in html


@pytest.mark.parametrize("inside", ["", "*不是强调*", "a_b_c", "<b>不是标签</b>", "`x`", "5 & 6", "[a](b)", "费" * 200])
def test_what_stands_in_a_placeholder_is_shown_as_written(inside):
    written = f"【待填：{inside}】"
    page = Browser(render(f"**收费** {written}"))
    assert page.text == f"收费 {written}"
    assert [tag for tag, _ in page.seen] == ["p", "strong", "mark"]


@pytest.mark.parametrize(
    "text", ["【待填:费用】", "【待填：费\n用】", "【待填：没有完", f"【待填：{'费' * 201}】", "【注意】"]
)
def test_what_is_no_placeholder_is_not_marked(text):
    assert "<mark" not in render(text)
    assert "<mark" not in mark_placeholders(text)


def test_a_placeholder_in_an_address_or_a_tooltip_stays_text():
    page = Browser(render(f'[去](https://a.example/{BLANK} "{BLANK}")'))
    assert page.seen == [("p", {}), ("a", {"href": f"https://a.example/{BLANK}", "title": BLANK})]


def test_several_placeholders_keep_their_places():
    written = "".join(f"【待填：第{number}】" for number in range(12))
    page = Browser(render(written))
    assert page.text == written
    assert len(page.seen) == 13


@pytest.mark.parametrize("text", ["\ufdd07\ufdd1", f"\ufdd00\ufdd1 {BLANK}", "&#xfdd0;7&#xfdd1;"])
def test_nobody_can_write_what_stands_for_a_placeholder(text):
    assert render(text).count(BLANK) == text.count(BLANK)


def test_plain_text_gets_its_placeholders_marked_and_the_rest_escaped():
    marked = mark_placeholders(f"<b>{BLANK}</b> **x** & 【待填：<i>】")
    assert marked == f'&lt;b&gt;{MARKED}&lt;/b&gt; **x** &amp; <mark class="placeholder">【待填：&lt;i&gt;】</mark>'
    assert isinstance(marked, Markup)
    assert mark_placeholders("") == ""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("**先** 看 [灯](https://a.example)", "先 看 灯"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("5 < 6 & 7 > 6", "5 < 6 & 7 > 6"),
        ("&lt;b&gt;", "<b>"),
        (f"费用 `{BLANK}`", f"费用 {BLANK}"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<!-- 备注 -->文字", "文字"),
        ("", ""),
    ],
)
def test_plain_is_what_is_read(text, read):
    assert plain(text).strip() == read


def test_words_of_different_cells_and_items_stay_apart():
    assert plain("| 月费 | 年费 |\n|---|---|\n| 甲 | 乙 |\n\n- 丙\n- 丁").split() == ["月费", "年费", *"甲乙丙丁"]


MARKS = [
    "\n",
    " ",
    "　",
    "#",
    "-",
    "+",
    "=",
    ":",
    "~",
    "1.",
    "１.",
    "2)",
    "*",
    "_",
    "`",
    "|",
    "&amp;",
    "&",
    "<b>",
    "[甲](/乙)",
    "!",
    "\\",
]
PIECES = st.sampled_from(
    [
        *MARKS,
        "光猫",
        "，",
        "。",
        "（",
        "(",
        ")",
        "100",
        ".",
        "/",
        "'",
        '"',
        "@",
        "¥",
        "%",
        "【待填：费用】",
        "https://a.b",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20))
def test_a_text_without_marks_is_what_rendering_it_comes_to(text):
    """Most sentences are not rendered for it: they must come to the same."""
    assert plain(text) == rendered_plain(text)
