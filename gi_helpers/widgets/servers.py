"""Which model drafts, and on which server: a hosted one, or one on a machine of the team."""
import time

import ipywidgets as w

from .. import llm, store, web
from ..errors import NeedsFixing
from .style import box, guarded, tag

OWN = "Another address"


def model_picker():
    """A server, a model, its price; kept for all notebooks, and used in live mode. "Try it" asks one short question."""
    return _Picker().view


class _Picker:
    def __init__(self):
        chosen = store.settings()
        address = chosen.get("live_url") or llm.SERVERS["OpenAI"]
        name = next((name for name, one in llm.SERVERS.items() if one == address), OWN)
        style, wide = {"description_width": "6em"}, w.Layout(width="auto", max_width="40em")
        self.server = w.Dropdown(options=[*llm.SERVERS, OWN], value=name, description="Server", style=style, layout=wide)
        self.address = w.Text(value=address, description="Address", continuous_update=False, style=style, layout=wide)
        self.model = w.Combobox(value=chosen.get("live_model") or web.MODELS["live"], description="Model", ensure_option=False, continuous_update=False,
                                placeholder="its name, as the server knows it", style=style, layout=wide)
        self.price_in, self.price_out = (w.FloatText(description=words, style={"description_width": "14em"}, layout=w.Layout(width="24em"))
                                         for words in ("$ per million tokens in", "$ per million tokens out"))
        self.prices = w.VBox([w.HTML(tag("This model's price is not known here. Write what its provider asks, so that the cap can be kept.", "gi-flag")), self.price_in, self.price_out])
        self.said, self.price = w.HTML(), w.HTML()
        buttons = [self._button(words, icon, act) for words, icon, act in (("Keep", "check", self.keep), ("List its models", "list", self.list), ("Try it", "comment", self.ask))]
        self.server.observe(self._moved, "value")
        self.model.observe(lambda _: self._priced(), "value")
        self.view = box(self.server, self.address, self.model, self.price, self.prices, w.HBox(buttons, layout=w.Layout(flex_flow="row wrap")), self.said)
        self._priced()

    def _button(self, words, icon, act):
        button = w.Button(description=words, icon=icon, layout=w.Layout(width="auto"))
        button.on_click(lambda _: guarded(self.said)(act)())
        return button

    def _moved(self, change):
        self.address.value = llm.SERVERS.get(change["new"], self.address.value)
        self.model.options = ()
        self._priced()

    def _priced(self):
        row = llm.priced(self.model.value.strip())
        free = web.on_this_machine(self.address.value)
        self.prices.layout.display = "none" if row or free else ""
        if row:
            self.price.value = tag(f"${row['usd_per_million_in']} for a million tokens in, ${row['usd_per_million_out']} out ({row['source']}, {row['as_of']})"
                                   + (f"; {row['note']}" if row["note"] else ""), "gi-note")
        else:
            self.price.value = tag("A server on this machine costs nothing.", "gi-note") if free else ""

    def keep(self):
        """Remember the choice."""
        price = None
        if self.prices.layout.display != "none" and (self.price_in.value or self.price_out.value):
            price = (self.price_in.value, self.price_out.value)
        address = llm.use(self.address.value, self.model.value, price_usd=price)
        self._priced()
        when = " It is used in live mode; practice has a model of its own." if store.settings()["mode"] == "practice" else ""
        self.said.value = tag(f"Kept: {self.model.value} at {address}.{when} Run the set-up cell again.", "gi-good")

    def list(self):
        """Fill the list of models from the server."""
        self.keep()
        self._live()
        names = llm.models()
        self.model.options = names
        self.said.value = tag(f"{len(names):,} models; type a part of a name to see them: {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}", "gi-good")

    def ask(self):
        """Ask one short question."""
        self.keep()
        self._live()
        began = time.monotonic()
        said = llm.ask([{"role": "user", "content": "Say good morning in one short sentence."}], model=web.endpoints().model, max_completion_tokens=500)
        self.said.value = tag(f"It answered in {time.monotonic() - began:.1f} seconds: {said[:300]}", "gi-good")

    def _live(self):
        if store.settings()["mode"] == "practice":
            raise NeedsFixing("this is a rehearsal, and nothing leaves this machine; the choice is kept. Go live in notebook 0_start to ask this server")
