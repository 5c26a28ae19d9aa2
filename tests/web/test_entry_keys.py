from web.entry_keys import key_in, keys_in


def test_a_key_is_its_own_or_in_an_address():
    assert key_in(" los ") == "los"
    assert key_in("/entries/los") == key_in("https://kb.example/entries/los?q=红灯#steps") == "los"
    assert key_in("/entries/los/revisions") == "los"


def test_keys_are_parted_by_spaces_commas_and_lines_and_stand_once():
    assert keys_in("los, tv，/entries/fee\n los、move；") == ("los", "tv", "fee", "move")
    assert keys_in("  ") == ()
