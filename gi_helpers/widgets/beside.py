"""What work beside the notebook needs: its own place for what it prints, and later cells that know that they must wait."""
import ast
import sys
import threading

from IPython import get_ipython

from ..errors import NeedsFixing

_hearers = {}  # thread -> the function that gets what the thread prints


# ---------------------------------------------------------------- what a thread prints

class _ByThread:
    """Stands for sys.stdout or sys.stderr: what a job's thread writes goes to the job, all else where it went before."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        hear = _hearers.get(threading.get_ident())
        if hear is None:
            return self.stream.write(text)
        hear(text)
        return len(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


class listening:
    """In a thread, `with listening(hear):` gives each line that it prints to `hear`, and what it displays to nobody; else it would land in some other cell."""

    def __init__(self, hear):
        self.hear = hear

    def __enter__(self):
        for name in ("stdout", "stderr"):
            if not isinstance(getattr(sys, name), _ByThread):
                setattr(sys, name, _ByThread(getattr(sys, name)))
        _hearers[threading.get_ident()] = self.hear
        shell = get_ipython()
        if hasattr(getattr(shell, "display_pub", None), "register_hook"):
            shell.display_pub.register_hook(lambda message: None)  # holds for this thread only

    def __exit__(self, *_):
        _hearers.pop(threading.get_ident(), None)


# ---------------------------------------------------------------- cells below a job that has not finished

class _Patient(ast.NodeTransformer):
    """Puts a cell into a `try`, so that one which needs what is not made yet says so, and "Run all" goes on."""

    def __init__(self, shell, jobs):
        self.shell, self.jobs = shell, jobs

    def waits_for(self):
        return next((job for job in self.jobs.values() if job.unfinished), None)

    def visit(self, tree):
        if not (isinstance(tree, ast.Module) and tree.body and self.waits_for()):
            return tree
        self.shell.user_ns["_not_yet"] = self.not_yet
        *first, last = tree.body
        shows = isinstance(last, ast.Expr)  # the value of the last line is what a cell shows
        body = [*first, ast.Assign([ast.Name("_shown", ast.Store())], last.value) if shows else last]
        handlers = ast.parse("try:\n  pass\nexcept Exception as _error:\n  _not_yet(_error)").body[0].handlers
        tree.body = [*ast.parse("_shown = None").body, ast.Try(body, handlers, [], []), *(ast.parse("_shown").body if shows else [])]
        return ast.fix_missing_locations(tree)

    def not_yet(self, error):
        """Say what to wait for when the cell needs a file or a name that is not there; raise any other error."""
        missing = isinstance(error, NameError) or isinstance(error, NeedsFixing) and isinstance(error.__cause__, FileNotFoundError)
        job = self.waits_for()
        if job is None or not missing:
            raise error
        why = f" ({error}.)" if isinstance(error, NameError) else ""
        print(f"Not yet: {job.advice()} Then run this cell and those below again.{why}")


def later_cells_wait(jobs):
    """From now on a cell that lacks a file or a name says in one sentence which of `jobs` (key -> job, may grow) it waits for."""
    shell = get_ipython()
    if shell is not None and not any(isinstance(one, _Patient) for one in shell.ast_transformers):
        shell.ast_transformers.append(_Patient(shell, jobs))
