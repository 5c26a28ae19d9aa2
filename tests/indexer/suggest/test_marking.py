import pytest

from indexer.suggest.marking import mark


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("机顶盒没信号", "机顶", "机顶"),
        ("退机顶盒、退押金", "机顶盒", "机顶盒"),
        ("退机顶盒、退押金", "盒退", "盒、退"),
        ("機頂盒黑屏", "机顶", "機頂"),
        ("机顶盒没信号", "jdh", "机顶盒"),
        ("机顶盒没信号", "jidingh", "机顶盒"),
        ("机顶盒没信号", "机顶h", "机顶盒"),
        ("退机顶盒、退押金", "dinghe", "顶盒"),
        ("银行卡代扣", "yinhang", "银行"),
        ("中国移动", "zhguo", "中国"),
        ("光猫 LOS 红灯", "los", "LOS"),
        ("光猫 LOS 红灯", "gmlos", "光猫 LOS"),
        ("５Ｇ套餐", "5gtc", "５Ｇ套餐"),
        ("西安营业厅", "xian", "西安"),
        ("😀机顶盒", "jd", "机顶"),
    ],
)
def test_what_was_typed_is_marked(text, typed, marked):
    found = mark(text, typed)
    assert found is not None
    assert text[found.start : found.end] == marked


@pytest.mark.parametrize("typed", ["", "？", "盒盒", "jdx", "信号灯"])
def test_what_does_not_stand_there_is_not_marked(typed):
    assert mark("机顶盒没信号", typed) is None
