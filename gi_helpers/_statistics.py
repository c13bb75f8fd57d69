"""How sure a score is, and whether two models differ: Wilson, exact McNemar, paired bootstrap, and what a number of questions can show.

Scores are numbers from 0 to 1 for each question; with both orders of the options a question counts 0, 0.5 or 1.

    >>> [round(end, 3) for end in wilson(50, 100)]
    [0.404, 0.596]
    >>> found = compare([True] * 60 + [False] * 40, [True] * 55 + [False] * 5 + [True] * 20 + [False] * 20)
    >>> found["only_base"], found["only_tuned"], round(found["difference"], 2), round(found["p"], 4)
    (5, 20, 0.15, 0.0041)
    >>> round(detectable(100, differ=0.25), 3)      # 100 questions: a gain of about 14 points, when the models differ on a quarter
    0.144
"""
import collections
import math
from functools import lru_cache

from .errors import NeedsFixing

Z = 1.959963984540054       # the normal quantile of 97.5 %
DRAWS, SEED = 10_000, 0     # of the bootstrap, where it cannot be computed exactly


# ---------------------------------------------------------------- one score

def wilson(k, n):
    """The 95 % Wilson interval (low, high) of `k` right answers out of `n`; `k` may hold halves. (0, 1) for n = 0, which says nothing."""
    k, n = float(k), float(n)
    if n < 0 or not 0 <= k <= n:
        raise NeedsFixing(f"{k:g} right answers out of {n:g} cannot be; count them again")
    if n == 0:
        return 0.0, 1.0
    share, square = k / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return (0.0 if k == 0 else max(0.0, middle - half)), (1.0 if k == n else min(1.0, middle + half))


# ---------------------------------------------------------------- two models, the same questions

def compare(base_correct, tuned_correct):
    """Two models on the same questions, in the same order: a dict of n, both, only_base, only_tuned, neither, difference, low, high, p.

    Values are True/False or 0 to 1; a pair with an empty value (None, NaN, "") is left out. `difference` is tuned minus base, a share;
    low and high are its 95 % interval by paired bootstrap; p is the exact McNemar test (two-sided, on the questions where they differ).
    When halves are there, only_base and only_tuned count the questions on which that model did better, and `both` those fully right in both.
    Raises NeedsFixing when the lists differ in length or hold no pair.
    """
    base_correct, tuned_correct = list(base_correct), list(tuned_correct)
    if len(base_correct) != len(tuned_correct):
        raise NeedsFixing(f"{len(base_correct)} answers of one model and {len(tuned_correct)} of the other; give the same questions of both, in the same order")
    pairs = [(as_number(base), as_number(tuned)) for base, tuned in zip(base_correct, tuned_correct, strict=True)]
    pairs = [pair for pair in pairs if None not in pair]
    if not pairs:
        raise NeedsFixing("there is no question that both models have answered; ask both models the same questions first")
    only_base = sum(base > tuned for base, tuned in pairs)
    only_tuned = sum(tuned > base for base, tuned in pairs)
    both = sum(base == tuned == 1 for base, tuned in pairs)
    low, high = bootstrap([tuned - base for base, tuned in pairs])
    return {"n": len(pairs), "both": both, "only_base": only_base, "only_tuned": only_tuned, "neither": len(pairs) - both - only_base - only_tuned,
            "difference": math.fsum(tuned - base for base, tuned in pairs) / len(pairs), "low": low, "high": high, "p": mcnemar(only_base, only_tuned)}


def as_number(value):
    """True, 1, "True", "0.5" ... as a number from 0 to 1; None for an empty value."""
    if value is None or value != value or value == "":
        return None
    if isinstance(value, str):
        value = {"true": 1.0, "false": 0.0}.get(value.strip().lower(), value)
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise NeedsFixing(f"{value!r} does not say whether an answer is right; use True or False, or a number from 0 to 1") from error
    if not 0 <= number <= 1:
        raise NeedsFixing(f"{number:g} does not say whether an answer is right; use True or False, or a number from 0 to 1")
    return number


def mcnemar(only_one, only_other):
    """The exact two-sided p value of McNemar's test for the two counts of questions where only one side is right."""
    n, fewer = only_one + only_other, min(only_one, only_other)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(fewer + 1)) / 2**n)


def bootstrap(values):
    """The 95 % percentile interval (low, high) of the mean of `values`, drawn anew with replacement.

    For differences in halves, which is the usual case, the whole distribution of the draws is computed: as with endless draws, so that
    no seed changes it. Else 10,000 draws with a fixed seed.
    """
    import numpy as np

    values = np.asarray(values, dtype=float)
    doubled = np.round(2 * values).astype(int)
    if np.abs(doubled - 2 * values).max() < 1e-12 and np.abs(doubled).max() <= 2:
        return _exact_bootstrap(doubled)
    draws = np.random.default_rng(SEED).integers(0, len(values), size=(DRAWS, len(values)))
    return tuple(float(end) for end in np.percentile(values[draws].mean(axis=1), [2.5, 97.5]))


def _exact_bootstrap(doubled):
    import numpy as np

    n, lowest = len(doubled), int(doubled.min())
    share = np.bincount(doubled - lowest) / n
    size = n * (len(share) - 1) + 1
    # The sum of n draws: the n-th power of one draw's distribution, taken in the frequency domain.
    chances = np.fft.irfft(np.fft.rfft(share, 2 * size) ** n, 2 * size)[:size]
    below = np.cumsum(np.clip(chances, 0, None))
    ends = (int(np.searchsorted(below, level - 1e-12)) for level in (0.025, 0.975))
    return tuple((end + n * lowest) / (2 * n) for end in ends)


def holm(p_values):
    """p values corrected for looking at several groups (Holm), in the same order."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    fixed, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        fixed[i] = highest
    return fixed


def cohen(pairs):
    """Cohen's kappa of pairs of verdicts, the agreement beyond chance; NaN for no pairs, or when both always say the same one thing."""
    n = len(pairs)
    if not n:
        return math.nan
    same = sum(one == other for one, other in pairs) / n
    expected = sum(sum(one == value for one, _ in pairs) * sum(other == value for _, other in pairs) for value in {v for pair in pairs for v in pair}) / n**2
    return (same - expected) / (1 - expected) if expected < 1 else math.nan


def fleiss(rows):
    """Fleiss's kappa of items, each a list of the same number of verdicts (Fleiss 1971); NaN when everybody always says the same one thing."""
    size, total = len(rows[0]), len(rows)
    counts = [collections.Counter(given) for given in rows]
    same = sum((sum(count**2 for count in row.values()) - size) / (size * (size - 1)) for row in counts) / total
    chance = sum((count / (total * size)) ** 2 for count in sum(counts, collections.Counter()).values())
    return (same - chance) / (1 - chance) if chance < 1 else math.nan


# ---------------------------------------------------------------- before: what can n questions show?

@lru_cache
def detectable(n, differ=0.35, alpha=0.05, chance=0.8):
    """The smallest true difference (a share) that McNemar's exact test finds with probability `chance` on `n` questions.

    `differ` is the share of questions on which the two models will differ; 0.25 to 0.45 is usual. None when even the largest
    difference, `differ` itself, would be missed.
    """
    if n < 1 or not 0 < differ <= 1:
        raise NeedsFixing(f"{n} questions, models that differ on {differ:g} of them: give at least one question, and a share between 0 and 1")
    if _power(n, differ, differ, alpha) < chance:
        return None
    low, high = 0.0, differ
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (low, middle) if _power(n, differ, middle, alpha) >= chance else (middle, high)
    return high


def _power(n, differ, difference, alpha):
    """The chance that the exact test finds this difference: over all counts of questions on which the models differ."""
    import numpy as np

    logs = _log_factorials(n)
    better = (differ + difference) / (2 * differ)
    counts = np.arange(n + 1)
    likely = np.exp(_log_binomial(logs, n, counts, differ))
    total = 0.0
    for m in counts[likely > 1e-9]:
        limit = _limit(int(m), alpha)
        if limit >= 0:
            chances = np.exp(_log_binomial(logs, int(m), np.arange(m + 1), better))
            total += likely[m] * (chances[:limit + 1].sum() + chances[m - limit:].sum())
    return float(total)


@lru_cache(8192)
def _limit(m, alpha):
    """The largest smaller count that is still significant with m questions that differ; -1 when none is."""
    total, limit = 0, -1
    for i in range(m // 2 + 1):
        total += math.comb(m, i)
        if 2 * total > alpha * 2**m:
            break
        limit = i
    return limit


@lru_cache
def _log_factorials(n):
    import numpy as np

    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])


def _log_binomial(logs, n, k, share):
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        hits = np.where(k == 0, 0.0, k * np.log(share))
        misses = np.where(n - k == 0, 0.0, (n - k) * np.log1p(-share) if share < 1 else -np.inf)
    return logs[n] - logs[k] - logs[n - k] + hits + misses
