from kb.desk.scopes import Scope
from kb.taxonomy.queries import load
from web.desk.params import DeskArgs, parse


def parsed(installation, **values):
    with installation.sessions() as session:
        return parse(values, load(session))


def test_an_address_is_read_and_written_back(installation):
    query = {
        "q": "盒子 红灯",
        "region": "jiangyang",
        "module": "fault",
        "product": "broadband",
        "call": "c-1",
        "open": "los",
    }
    found = parsed(installation, **query)
    assert found.scope == Scope(region="jiangyang", module="fault", product="broadband")
    assert found.query == query
    assert parsed(installation, **found.query) == found


def test_what_does_not_exist_is_left_out_instead_of_keeping_a_caller_waiting(installation):
    found = parsed(installation, q=" 红灯 ", region="atlantis", module="x", product="y", call="<b>", open="a/b")
    assert found == DeskArgs(q="红灯")


def test_the_scope_is_named_even_where_it_is_none(installation):
    assert parsed(installation, region="").named
    assert not parsed(installation, q="红灯").named
    assert DeskArgs().query == {"q": "", "region": "", "module": "", "product": ""}


def test_a_long_question_is_cut(installation):
    assert len(parsed(installation, q="长" * 500).q) == 200


def test_desks_are_made_from_desks():
    desk = DeskArgs(q="红灯", scope=Scope(region="yunxi"), open="los", call="c")
    assert desk.asking("宽带") == DeskArgs(q="宽带", scope=Scope(region="yunxi"), call="c")
    assert desk.unscoped().scope == Scope()
    assert desk.opening(None).open is None
    assert desk.search.query == {"q": "红灯", "region": "yunxi"}
