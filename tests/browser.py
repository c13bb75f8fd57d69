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

    def __init__(self, folder, python=sys.executable, **environment):
        self.folder, self.python, self.environment = Path(folder), python, environment
        self.token = secrets.token_urlsafe(16)

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True)))
            for name, values in SETTINGS.items():
                file = self.home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(values), encoding="utf-8")
            log = stack.enter_context((self.home / "log.txt").open("wb"))
            self.url = f"http://127.0.0.1:{free_port()}"
            process = subprocess.Popen(self._command(), env=self._environment(), stdout=log, stderr=subprocess.STDOUT)
            stack.callback(stop, process)
            self._wait(process)
            self.end = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.end.close()

    def _command(self):
        port = self.url.rpartition(":")[2]
        return [self.python, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
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
    HAS_RUN = """() => {const cells = Array.from(document.querySelectorAll('.jp-CodeCell'));
                        return cells.length > 0 && cells.every(cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent))}"""

    def __init__(self, page, lab, name):
        self.page, self.lab, self.address = page, lab, f"{lab.url}/lab/tree/{name}?token={lab.token}&reset"
        self.open()

    def open(self):
        """Open it, or open it again as somebody who comes back; waits for the kernel."""
        self.page.goto(self.address, timeout=PATIENCE * 1000)
        self.page.locator(".jp-Notebook").first.wait_for(timeout=PATIENCE * 1000)
        self.page.wait_for_function(self.READY, timeout=PATIENCE * 1000)

    def run_all(self):
        """Run every cell; AssertionError with the text of the first error."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(self.HAS_RUN, timeout=PATIENCE * 1000)
        errors = self.page.locator('[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]')
        assert errors.count() == 0, errors.first.inner_text()

    def come_back(self):
        """Leave the page, end the kernel, open the notebook with a new one and run it, as on the next day."""
        kernel = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
        self.page.goto("about:blank")
        self.lab.ask("DELETE", f"/api/kernels/{kernel}")
        self.open()
        self.run_all()

    def output(self, number=0):
        """The place below a code cell, counted from 0."""
        return self.page.locator(".jp-CodeCell").nth(number).locator(".jp-Cell-outputArea")


def wait_for(check, what, seconds=STEP):
    """Until `check()` is true, for things outside the page such as a file that the kernel writes; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.05)
    raise AssertionError(f"after {seconds} s it is still not so: {what}")
