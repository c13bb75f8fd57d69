"""A real JupyterLab and a real Chromium, for the tests marked `browser`: what a person does with a widget must reach the disk.

    with Lab(folder) as lab, browser_page() as page:
        notebook = NotebookPage(page, lab, "my.ipynb")
        notebook.run_all()

Nothing here sleeps for a fixed time: each step waits for a state that can be seen.
"""
import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
# Root may not use Chromium's sandbox; the other flags stop visits to its maker's servers, which time out without a network.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
SHOTS = os.environ.get("GI_SCREENSHOTS")  # read now, because tests run without any GI_ variable
PATIENCE = 90  # seconds for a start, many times what it takes on a quiet machine
STEP = 20       # seconds for a click or a saved row
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # else cells below the fold have no size
}


def missing():
    """Why no browser can be driven here, in a sentence; "" when it can."""
    if not Path(CHROMIUM).exists():
        return f"{CHROMIUM} is not installed: apt-get install chromium fonts-noto-core"
    absent = [name for name in ("playwright", "axe_playwright_python", "jupyterlab") if importlib.util.find_spec(name) is None]
    return f"{absent[0]} is not installed: pip install {absent[0]}" if absent else ""


def accessibility_faults(page):
    """What axe finds wrong on the page, each as "rule: the element"; [] when it finds nothing. Its script comes with a package: no network."""
    import axe_playwright_python

    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 5  # else it looked at nothing
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


def write_notebook(folder, name, *cells, kernel="python3"):
    """A notebook of code cells in `folder`; gives its name."""
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    listed = [{"id": f"cell-{number}", "cell_type": "code", "metadata": {"deletable": False}, "source": source, "outputs": [], "execution_count": None}
              for number, source in enumerate(cells)]
    (Path(folder) / name).write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": listed}), encoding="utf-8")
    return name


class Lab:
    """A JupyterLab of its own on 127.0.0.1: own port, own token, empty settings. Ends with the `with`."""

    def __init__(self, folder, kernel=None, **environment):
        """`kernel` is the Python of another environment, whose kernel and whose widgets' front end are used in place of our own."""
        self.folder, self.kernel, self.environment = Path(folder), kernel, environment
        self.token = secrets.token_urlsafe(16)

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True)))
            for name, values in SETTINGS.items():
                file = self.home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(values), encoding="utf-8")
            if self.kernel:
                self._take_along()
            log = stack.enter_context((self.home / "log.txt").open("wb"))
            self.url = f"http://127.0.0.1:{free_port()}"
            process = subprocess.Popen(self._command(), env=self._environment(), stdout=log, stderr=subprocess.STDOUT)
            stack.callback(stop, process)
            self._wait(process)
            self.end = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.end.close()

    def _take_along(self):
        """Jupyter looks here first, so this kernel and these labextensions win over those of the same name in our environment."""
        spec = self.home / "first" / "kernels" / "python3" / "kernel.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(json.dumps({"argv": [str(self.kernel), "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "older", "language": "python"}))
        manager = Path("labextensions", "@jupyter-widgets", "jupyterlab-manager")
        shutil.copytree(Path(self.kernel).parent.parent / "share" / "jupyter" / manager, self.home / "first" / manager)
        self.environment["JUPYTER_PATH"] = str(self.home / "first")

    def _command(self):
        port = self.url.rpartition(":")[2]
        return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.folder}", f"--IdentityProvider.token={self.token}"]

    def _environment(self):
        places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
                  "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython", "HOME": "home"}
        return {**os.environ, **{name: str(self.home / folder) for name, folder in places.items()}, **self.environment}

    def ask(self, method, path):
        """A request to the server."""
        request = urllib.request.Request(self.url + path, method=method, headers={"Authorization": f"token {self.token}"})
        urllib.request.urlopen(request, timeout=STEP).close()

    def _wait(self, process):
        def answers():
            if process.poll() is not None:
                raise RuntimeError("JupyterLab ended at once:\n" + self.log())
            with contextlib.suppress(urllib.error.URLError, OSError):
                self.ask("GET", "/api/status")
                return True
        wait_for(answers, "JupyterLab answers", PATIENCE)

    def log(self):
        """The end of what the server wrote."""
        return (self.home / "log.txt").read_text(encoding="utf-8", errors="replace")[-3000:]


def free_port():
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def stop(process):
    """End this process, politely first."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def browser_page(width=1280, height=900):
    """An empty browser with one page; `page.complaints` collects errors of the page and of its console."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(STEP * 1000)
            page.complaints = []
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
            yield page
        finally:
            browser.close()


class NotebookPage:
    """A notebook that is open in JupyterLab, with what a person can do there."""

    # The round sign in the corner says "idle" before a kernel is there, and cells that are run then are lost: so ask the application.
    READY = """() => {const now = window.jupyterapp && window.jupyterapp.shell.currentWidget;
                      const kernel = now && now.sessionContext && now.sessionContext.session && now.sessionContext.session.kernel;
                      return Boolean(kernel) && kernel.connectionStatus === 'connected' && kernel.status === 'idle'}"""
    # Asked of the application, because a cell whose code is hidden shows no number.
    HAS_RUN = """() => {const cells = window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code');
                        const failed = document.querySelector('[data-mime-type="application/vnd.jupyter.error"]');
                        return failed || cells.every(cell => cell.model.executionCount)}"""
    ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'

    def __init__(self, page, lab, name):
        self.page, self.lab, self.address = page, lab, f"{lab.url}/lab/tree/{name}?token={lab.token}&reset"
        self.open()

    def open(self):
        """Open it, or open it again as somebody who comes back; waits for the kernel."""
        self.page.goto(self.address, timeout=PATIENCE * 1000)
        self.page.locator(".jp-Notebook").first.wait_for(timeout=PATIENCE * 1000)
        self.page.wait_for_function(self.READY, timeout=PATIENCE * 1000)

    def run_all(self):
        """Run every cell from the menu, as people do; AssertionError with the text of the first error."""
        self.page.locator("#jp-MainMenu .lm-MenuBar-itemLabel").get_by_text("Run", exact=True).click()
        self.page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
        self.page.wait_for_function(self.HAS_RUN, timeout=PATIENCE * 1000)
        errors = self.page.locator(self.ERRORS)
        assert errors.count() == 0, errors.first.inner_text()

    def come_back(self):
        """Leave the page, end the kernel, open the notebook with a new one and run it, as on the next day."""
        self.close()
        self.open()
        self.run_all()

    def close(self):
        """Leave the page and end the kernel."""
        kernel = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
        self.page.goto("about:blank")
        self.lab.ask("DELETE", f"/api/kernels/{kernel}")

    def output(self, number=0):
        """The place below a code cell, counted from 0."""
        return self.page.locator(".jp-CodeCell").nth(number).locator(".jp-Cell-outputArea")

    def below(self, source):
        """The place below the code cell that contains `source`."""
        cell = self.page.locator(".jp-CodeCell").filter(has=self.page.locator(".jp-InputArea-editor", has_text=source))
        return cell.first.locator(".jp-Cell-outputArea")

    def narrow(self, width=480):
        """Make the window as narrow as a phone's, with JupyterLab's side panel closed."""
        self.page.set_viewport_size({"width": width, "height": 900})
        if self.page.locator("#jp-left-stack").is_visible():
            self.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
            self.page.locator("#jp-left-stack").wait_for(state="hidden")

    def too_wide(self):
        """What of our widgets does not fit into its place at this width, in words."""
        return self.page.evaluate("""() => Array.from(document.querySelectorAll('.gi')).flatMap(box => {
            const right = box.closest('.jp-OutputArea-output').getBoundingClientRect().right + 4;  // margins may stand over
            return Array.from(box.querySelectorAll('button, input, textarea, select, .widget-html-content')).filter(one => {
                const place = one.getBoundingClientRect();
                return place.width > 0 && place.right > right && !one.closest('.gi-wide');  // that scrolls in its place
            }).map(one => `${one.tagName} ${one.className} ${(one.textContent || one.placeholder || '').slice(0, 40)}`)})""")

    def nameless(self):
        """What of our widgets a screen reader could not name, and pictures without words."""
        return self.page.evaluate("""() => {
            const named = one => (one.labels && Array.from(one.labels).some(label => label.textContent.trim())) || one.getAttribute('aria-label') ||
                                 one.getAttribute('aria-labelledby') || one.title || (one.tagName === 'BUTTON' && one.textContent.trim());
            const fields = Array.from(document.querySelectorAll('.gi button, .gi input, .gi textarea, .gi select')).filter(one => one.offsetParent && !named(one));
            const pictures = Array.from(document.querySelectorAll('.jp-Notebook img')).filter(one => !(one.alt || '').trim());
            return [...fields, ...pictures].map(one => one.outerHTML.slice(0, 160))}""")


def picture(page, name):
    """Keep what the page shows as GI_SCREENSHOTS/<name>.png, where that is set."""
    if SHOTS:
        file = Path(SHOTS) / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        page.set_viewport_size({**page.viewport_size, "height": 3000})
        page.evaluate("() => document.querySelectorAll('.jp-WindowedPanel-outer').forEach(part => part.scrollTop = 0)")
        page.screenshot(path=file)


def wait_for(check, what, seconds=STEP):
    """Until `check()` is true, for things outside the page such as a file that the kernel writes; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.05)
    raise AssertionError(f"after {seconds} s it is still not so: {what}")
