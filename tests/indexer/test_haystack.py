from indexer.haystack import Haystack


def found(texts, needle, *, whole=False):
    return list(Haystack(texts).find(needle, whole=whole))


def test_every_place_is_told_in_its_own_text():
    assert found(["红灯", "", "亮红灯红灯"], "红灯") == [(0, 0, 2), (2, 1, 3), (2, 3, 5)]


def test_nothing_is_found_across_two_texts():
    assert found(["红", "灯"], "红灯") == []


def test_white_space_is_left_out_between_neighbours_but_not_between_two_words_of_letters():
    assert Haystack(["光猫 LOS 红\n灯， 亮 los pon"]).normalised == "光猫los红灯, 亮los pon"
    assert found(["看 LOS 红\n灯"], "los红灯") == [(0, 2, 9)]


def test_what_folds_to_several_characters_is_one_place():
    assert found(["…红…灯", "㎏红"], "红") == [(0, 1, 2), (1, 1, 2)]
    assert found(["…㎏"], "kg") == [(0, 1, 2)]


def test_a_whole_needle_is_not_found_in_a_longer_run_of_letters_or_digits():
    assert found(["a651 6510 651，x651红 红651"], "651", whole=True) == [(0, 10, 13), (0, 21, 24)]
    assert len(found(["6510"], "651")) == 1


def test_places_of_characters():
    assert sorted(Haystack(["红灯红"]).where("红")) == [0, 2]
