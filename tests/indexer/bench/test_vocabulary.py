"""Words without end."""

from indexer.bench.vocabulary import coined, names, number


def test_no_two_names_are_the_same():
    assert len({coined(rank) for rank in range(20_000)}) == 20_000
    assert all(len(coined(rank)) == 2 for rank in range(2000))
    for part in ("place", "plan", "device"):
        assert len({getattr(names((rank, rank, rank)), part) for rank in range(20_000)}) == 20_000


def test_a_number_is_a_number_whatever_was_drawn():
    drawn = [number(step / 1000) for step in range(1000)]
    assert all(text.isdecimal() and not text.startswith("0") for text in drawn)
    assert 100 < len(set(drawn)) < 500
