import pytest

from indexer import dictionary
from kb.errors import SetupError


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return dictionary.load(folder)


def test_the_shipped_dictionary_loads(content_folder):
    loaded = dictionary.load(content_folder / "dictionary")
    assert len(loaded.words) > 300
    assert loaded.synonyms["那歌"] == ("彩铃",)
    assert "怎么" in loaded.stopwords


def test_missing_files_are_empty_lists(tmp_path):
    loaded = dictionary.load(tmp_path)
    assert (loaded.words, dict(loaded.synonyms), loaded.stopwords) == ((), {}, frozenset())


def test_words_take_a_frequency_and_a_tag(tmp_path):
    loaded = write(tmp_path, user_dict="# 注释\n光猫\n携号转网 300\n智能卡 n\nPUK码 200 nz\n\n")
    assert [(word.text, word.frequency, word.tag) for word in loaded.words] == [
        ("光猫", None, None),
        ("携号转网", 300, None),
        ("智能卡", None, "n"),
        ("puk码", 200, "nz"),
    ]


def test_synonyms_work_one_way_and_both_ways(tmp_path):
    loaded = write(tmp_path, synonyms="账单, 帳單\n盒子 => 机顶盒, 光猫\n猫 => 光猫\n")
    assert loaded.synonyms == {"盒子": ("机顶盒", "光猫"), "猫": ("光猫",), "账单": ("帐单",), "帐单": ("账单",)}


@pytest.mark.parametrize(
    "files", [{"user_dict": "光猫 很多 n x"}, {"synonyms": "光猫"}, {"synonyms": "=> 光猫"}, {"synonyms": "盒子 =>"}]
)
def test_a_line_that_makes_no_sense_is_named(tmp_path, files):
    with pytest.raises(SetupError, match="第 1 行"):
        write(tmp_path, **files)


def test_a_file_in_another_encoding_is_named(tmp_path):
    (tmp_path / "stopwords.txt").write_bytes("怎么".encode("gbk"))
    with pytest.raises(SetupError, match=r"stopwords\.txt"):
        dictionary.load(tmp_path)


def test_any_change_changes_the_digest(tmp_path):
    before = write(tmp_path, user_dict="光猫\n").digest
    assert write(tmp_path, user_dict="光猫\n尾纤\n").digest != before
    assert write(tmp_path, user_dict="光猫\n").digest == before
