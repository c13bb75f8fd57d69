"""The figures of `charts` in a notebook: as pictures that carry their words, for who cannot see them and for screen readers."""
from .. import _report


def picture(figure):
    """A matplotlib Figure as an HTML image with a text alternative. (Jupyter's own output of pictures has no place for one.)"""
    return _report.picture(figure, words(figure))


def words(figure):
    """What a figure shows, in words: its title, what the axes mean, and each thing drawn with its value."""
    figure.draw_without_rendering()  # only now the names along the axes are known
    said = []
    for axes in figure.axes:
        said += [axes.get_title("left") or axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
        rows = [" ".join(label.get_text().split()) for label in axes.get_yticklabels()]
        values = [note.get_text().strip() for note in axes.texts]
        if len(rows) <= len(values) and not all(row.replace("−", "").replace(".", "").isdigit() for row in rows):
            said += [f"{row}: {value}" for row, value in zip(rows, values)]  # further notes, such as "guessing", follow
            values = values[len(rows):]
        said += values
        said += [f"{line.get_label()}: from {line.get_ydata()[0]:.3g} to {line.get_ydata()[-1]:.3g}" for line in axes.get_lines()
                 if not line.get_label().startswith("_") and len(line.get_ydata()) and axes.get_ylabel()]
    said.append(figure.get_supxlabel())
    return "; ".join(filter(None, said))
