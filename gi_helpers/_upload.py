"""Sending a published folder to the Hugging Face Hub: one commit a file, and what is there already is left alone. Part of `publish`."""
import os
import re

from . import store
from .errors import NeedsFixing

PLACE = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
INSTALL = 'install it with: pip install "globalinstruct[publish]" (in Colab it is there)'
NO_TOKEN = "there is no HF_TOKEN; make a token that may write at huggingface.co/settings/tokens and run widgets.ask_key(\"HF_TOKEN\")"


def send(folder, files, repo, about, private, dry_run):
    """A DataFrame with a row for each file: file, bytes, state. See `publish.upload`."""
    import pandas as pd

    names = [file.relative_to(folder).as_posix() for file in files]
    if not PLACE.fullmatch(str(repo)):
        raise NeedsFixing(f"{repo!r} is not the name of a place on the Hub; write it as team/{about['id']}")
    table = pd.DataFrame({"file": names, "bytes": [file.stat().st_size for file in files], "state": "would be sent"})
    if dry_run:
        return table
    if about.get("practice"):
        raise NeedsFixing(f"{about['id']} is a rehearsal, and practice sets are not sent to the Hub; go live in notebook 0_start and build a real set first")
    kind = "model" if about["kind"] == "model" else "dataset"
    hub = _hub()
    _ready(hub, repo, kind, private)
    there = _refused(lambda: _there(hub, repo, kind), repo)
    sent = 0
    # The card goes last: who sees it can trust that the files are there.
    for place in sorted(range(len(files)), key=lambda place: names[place] == "README.md"):
        file, name = files[place], names[place]
        if there.get(name) in _names_of(file):
            table.loc[place, "state"] = "was there"
            continue
        _refused(lambda: hub.upload_file(path_or_fileobj=str(file), path_in_repo=name, repo_id=repo, repo_type=kind, commit_message=f"{about['title']} {about['version']}: {name}"),
                 repo, f" after {sent} of {len(files)} files")
        sent += 1
        table.loc[place, "state"] = "sent"
    return table


def _hub():
    try:
        import huggingface_hub
    except ImportError as error:
        raise NeedsFixing(f"huggingface_hub is not installed; {INSTALL}") from error
    token = (os.environ.get("HF_TOKEN") or huggingface_hub.get_token() or "").strip()
    if not token:
        raise NeedsFixing(NO_TOKEN)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise NeedsFixing("the HF_TOKEN has characters that no token has; copy it once more from huggingface.co/settings/tokens")
    return huggingface_hub.HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, token=token)


def _ready(hub, repo, kind, private):
    """See that the token may write, and that the place is there and as private as it was asked to be."""
    me = _refused(hub.whoami, repo)
    if ((me.get("auth") or {}).get("accessToken") or {}).get("role") == "read":
        raise NeedsFixing(_no_rights(repo))
    about = _refused(lambda: _found(hub, repo, kind), repo)
    if about is None:
        _refused(lambda: hub.create_repo(repo, repo_type=kind, private=private), repo)
    elif not private and about.private:
        raise NeedsFixing(f"{repo} is there already and private; make it public in its settings on the Hub, or call upload with private=True")
    elif private and not about.private:
        raise NeedsFixing(f"{repo} is there already and everybody can see it; choose another name, or call upload with private=False")


def _found(hub, repo, kind):
    """What the Hub says of a place, None when there is none that this token may see."""
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    try:
        return hub.repo_info(repo, repo_type=kind)
    except HfHubHTTPError as error:
        if isinstance(error, RepositoryNotFoundError) or getattr(error.response, "status_code", 0) == 404:
            return None
        raise


def _there(hub, repo, kind):
    """{path: SHA-256 or git hash} of the files on the Hub."""
    found = hub.list_repo_tree(repo, repo_type=kind, recursive=True)
    return {one.path: (one.lfs.sha256 if one.lfs else one.blob_id) for one in found if hasattr(one, "blob_id")}


def _names_of(file):
    """The two hashes under which the Hub may know a file: that of large files, and git's."""
    import hashlib

    git = hashlib.sha1(b"blob %d\0" % file.stat().st_size)  # git's own choice, not ours
    for piece in store.pieces(file):
        git.update(piece)
    return store.sha256(file), git.hexdigest()


def _no_rights(repo):
    return f"the token may not write to {repo}; make a token with write rights at huggingface.co/settings/tokens, and ask the team to let you in"


def _refused(step, repo, after=""):
    """Do one step; what the Hub or the network refuses becomes a sentence."""
    from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

    try:
        return step()
    except HFValidationError as error:
        raise NeedsFixing(f"{repo!r} is not a good name for the Hub; use letters, digits, - and _ only") from error
    except OfflineModeIsEnabled as error:
        raise NeedsFixing("the Hub is switched off by HF_HUB_OFFLINE; unset it and run the cell again") from error
    except Exception as error:
        sentence = _sentence(error, repo, after)
        if not sentence:
            raise
        raise NeedsFixing(sentence) from error


def _sentence(error, repo, after):
    """What an answer of the Hub, or a broken network, means for the person; "" for any other error."""
    # Old versions of the library speak through requests, new ones through httpx: both keep the answer in `response`.
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if status == 401:
        return "the Hub does not know this token; make a new one at huggingface.co/settings/tokens and run widgets.ask_key(\"HF_TOKEN\")"
    if status in (403, 409):  # 409: the place is there, but hidden from this token
        return _no_rights(repo)
    if status:
        return f"the Hub answered {status}{after}; run the cell again, it goes on where it stopped"
    if isinstance(error, (ConnectionError, TimeoutError)) or type(error).__module__.startswith(("httpx", "httpcore", "requests", "urllib3")):
        return f"the network broke{after} ({type(error).__name__}); run the cell again, it goes on where it stopped"
    return ""
