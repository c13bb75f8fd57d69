"""How a program names the team behind it to the sites it reads; part of languages.

    >>> address(" team@example.org\\n"), address("nobody")
    ('team@example.org', '')
    >>> agent("https://مثال.إختبار").partition(" python")[0]
    'GlobalInstruct/0.1 (contact: https://%D9%85%D8%AB%D8%A7%D9%84.%D8%A5%D8%AE%D8%AA%D8%A8%D8%A7%D8%B1)'
"""
import re
import urllib.parse

VERSION = "0.1"
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+\.\S+")
PLAIN = "".join(map(chr, range(32, 127)))  # what an HTTP header can carry as it is


def address(contact):
    """The contact on one line, or "" when nobody can be written to there."""
    line = " ".join(str(contact or "").split())
    return line if ADDRESS.search(line) else ""


def agent(contact):
    """The User-Agent header; letters that no header can carry are written in percent signs, as in a web address."""
    import requests

    team = urllib.parse.quote(" ".join(str(contact).split()), safe=PLAIN, errors="replace")
    return f"GlobalInstruct/{VERSION} (contact: {team}) python-requests/{requests.__version__}"
