"""The training curve of a practice job: measured, not painted.

A small letter model (three letters back) reads the training answers in the order of the steps. Its loss is the surprise for each
letter, in nats, before it has learned that letter; the accuracy is the share of letters it would have guessed.

    >>> points = curve(["Ọ̀yọ́ jẹ́ ìlú ńlá."] * 12, ["Ọ̀yọ́ jẹ́ ìlú."], epochs=2, batch=4)
    >>> [point["step"] for point in points], points[0]["train_loss"] > points[-1]["train_loss"]
    ([1, 2, 3, 4, 5, 6], True)
"""
import collections
import math

ALPHABET = 64        # letters that are thought possible before anything was read
AT_MOST = 200        # points of a curve
LETTERS = 150_000    # read in all; keeps the longest job under half a second


class _Letters:
    """Counts of a letter after the two letters before it, smoothed by shorter memory."""

    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)
        self.totals = collections.Counter()

    def chance(self, before, letter):
        p = 1 / ALPHABET
        for size, weight in ((0, ALPHABET), (1, 8), (2, 4)):
            seen = self.counts.get(before[len(before) - size:])
            if seen:
                p = (seen[letter] + weight * p) / (self.totals[before[len(before) - size:]] + weight)
        return p

    def guess(self, before):
        seen = self.counts.get(before) or self.counts.get(before[1:])
        return max(seen, key=lambda letter: (seen[letter], letter)) if seen else ""

    def measure(self, texts):
        """(mean loss, share guessed) over the letters of some texts."""
        loss = hits = letters = 0
        for text in texts:
            padded = "  " + text
            for i in range(2, len(padded)):
                before, letter = padded[i - 2:i], padded[i]
                loss -= math.log(self.chance(before, letter))
                hits += self.guess(before) == letter
                letters += 1
        return (loss / letters, hits / letters) if letters else (0.0, 0.0)

    def learn(self, texts):
        for text in texts:
            padded = "  " + text
            for i in range(2, len(padded)):
                for size in (0, 1, 2):
                    self.counts[padded[i - size:i]][padded[i]] += 1
                    self.totals[padded[i - size:i]] += 1


def curve(training, validation, epochs, batch):
    """[{step, train_loss, train_accuracy, valid_loss?, valid_accuracy?}] for lists of texts; at most 200 steps are measured."""
    per_epoch = max(1, math.ceil(len(training) / batch))
    steps = per_epoch * epochs
    every = max(1, math.ceil(steps / AT_MOST))
    room = max(8, min(200, LETTERS // max(1, len(training) * epochs)))  # letters of each text
    points, model = [], _Letters()
    sample = [text[:100] for text in validation[:8]]
    for step in range(1, steps + 1):
        first = (step - 1) % per_epoch * batch
        texts = [text[:room] for text in training[first:first + batch]]
        shown = step % every == 0 or step in (1, steps)
        if shown:
            loss, share = model.measure(texts[:16])
        model.learn(texts)
        if shown:
            point = {"step": step, "train_loss": round(loss, 5), "train_accuracy": round(share, 5)}
            if sample:
                loss, share = model.measure(sample)
                point |= {"valid_loss": round(loss, 5), "valid_accuracy": round(share, 5)}
            points.append(point)
    return points
