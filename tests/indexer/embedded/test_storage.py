from indexer.embedded.storage import POINTER, Generations


def test_nothing_is_live_at_first(tmp_path):
    assert Generations(tmp_path / "none", "v1-abc").live() is None


def test_the_pointer_moves_and_only_the_one_before_is_kept(tmp_path):
    generations = Generations(tmp_path, "v1-abc")
    made = []
    for _ in range(3):
        made.append(generations.create())
        generations.publish(made[-1])
        assert generations.live() == made[-1]
    assert {path.name for path in tmp_path.iterdir()} == {made[1], made[2], POINTER}


def test_a_generation_knows_its_version(tmp_path):
    name = Generations(tmp_path, "v1-abc").create()
    assert Generations(tmp_path, "v1-abc").is_current(name)
    assert not Generations(tmp_path, "v1-abd").is_current(name)
    assert not Generations(tmp_path, "v2-abc").is_current(name)
    assert not Generations(tmp_path, "v1-abc").is_current(None)


def test_a_discarded_generation_leaves_nothing(tmp_path):
    generations = Generations(tmp_path, "v1-abc")
    generations.discard(generations.create())
    assert list(tmp_path.iterdir()) == []
