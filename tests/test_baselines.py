"""The plain searches `bqw eval --baselines` compares with find what shares words, and nothing else."""

import pytest

from knowledge.baselines import baselines
from knowledge.book import shipped

SEARCHES = baselines(shipped().notice)


@pytest.mark.parametrize("name", SEARCHES)
def test_the_notices_own_words_are_found(name: str) -> None:
    ranked = SEARCHES[name]("完善一体化农产品冷链物流网建设")
    assert ranked[0][0] == 17
    assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
    assert len(ranked) == 45


@pytest.mark.parametrize("name", ["BM25 二元字", "TF-IDF 一至三元字"])
def test_what_shares_no_character_scores_nothing(name: str) -> None:
    assert SEARCHES[name]("zzz")[0][1] == 0
    assert SEARCHES[name]("")[0][1] == 0
