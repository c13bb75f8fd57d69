"""Figures say what the tables hold, and that a rehearsal is one."""
import pandas as pd
import pytest

from gi_helpers import charts

TABLE = pd.DataFrame({"tokens": ["10", "12", "300", "900"], "source": ["wikipedia", "wikipedia", "bbc", "wikipedia"]})


def words(figure):
    """All words on a figure."""
    axes = figure.axes[0]
    legend = axes.get_legend()
    return [axes.get_title(loc="left"), *(text.get_text() for text in axes.texts), *([text.get_text() for text in legend.get_texts()] if legend else [])]


def test_token_lengths_counts_texts_tokens_and_what_the_limit_would_cut():
    title, line, *sources = words(charts.token_lengths(TABLE, limit=290))
    assert title == "4 texts, 1,222 tokens; 2 longer than 290, cut into 6 parts" and line == " limit 290"
    assert sources == ["wikipedia (3)", "bbc (1)"]


def test_the_bars_of_token_lengths_hold_every_text_once_and_stand_on_each_other():
    figure = charts.token_lengths(TABLE)
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 4
    both = charts.token_lengths(pd.DataFrame({"tokens": [5, 5, 5], "source": ["a", "b", "b"]})).axes[0].patches
    assert max(bar.get_y() + bar.get_height() for bar in both) == 3


def test_a_log_axis_an_empty_table_and_one_without_sources_are_drawn():
    assert charts.token_lengths(TABLE, log=True).axes[0].get_yscale() == "log"
    assert words(charts.token_lengths(pd.DataFrame({"tokens": [], "source": []})))[0].startswith("0 texts, 0 tokens")
    assert len(words(charts.token_lengths(TABLE[["tokens"]], limit=5_000))) == 1  # no line far outside, and no legend


def test_beyond_five_sources_the_rest_is_one():
    edges, bars = charts.length_bars(pd.DataFrame({"tokens": range(28), "source": [f"s{k}" for k in range(7) for _ in range(k + 1)]}))
    assert list(bars) == ["s6", "s5", "s4", "s3", "s2", "others"] and sum(bars["others"]) == 3 and edges[-1] > 27


def test_a_rehearsal_is_written_on_the_figure(monkeypatch):
    assert "PRACTICE" in charts.token_lengths(TABLE).get_supxlabel()
    monkeypatch.setenv("GI_MODE", "live")
    assert charts.token_lengths(TABLE).get_supxlabel() == ""


@pytest.mark.parametrize("limit, expected", [(10, (4, 122, 3)), (900, (4, 0, 0))])
def test_over_counts_texts_parts_and_long_ones(limit, expected):
    assert charts.over(TABLE, limit) == expected
