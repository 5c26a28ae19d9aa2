import pytest
from markupsafe import Markup

from web.templating import placeholders_in


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("费用【待填：检查费】元", '费用<mark class="placeholder">【待填：检查费】</mark>元'),
        (
            "【待填：<mark>上门</mark>费】",
            '<mark class="placeholder">【待填：<mark>上门</mark>费】</mark>',
        ),
        ("<mark>费【待填：</mark>检查费】", "<mark>费【待填：</mark>检查费】"),
        ("【待填：检查<mark>费】元</mark>", "【待填：检查<mark>费】元</mark>"),
        ("&lt;b&gt;【待填：&lt;i&gt;】", '&lt;b&gt;<mark class="placeholder">【待填：&lt;i&gt;】</mark>'),
        ("没有", "没有"),
    ],
)
def test_placeholders_are_marked_around_highlights_never_across_them(marked, expected):
    assert placeholders_in(Markup(marked)) == Markup(expected)
