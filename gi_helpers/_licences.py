"""What a licence allows, from the words or the address that a source states. Part of `publish`.

    >>> standard("Creative Commons Attribution-Share Alike 4.0"), standard("https://creativecommons.org/publicdomain/zero/1.0/deed.yo")
    ('cc-by-sa', 'cc0')
    >>> standard("CC BY-NC 4.0"), standard("All rights reserved")
    ('', '')
"""
import re

# The addresses of Creative Commons say which licence it is in any language; names are known in English only.
CLOSED = re.compile(r"(?i)\b(nc|nd)\b|non-?commercial|no-?deriv")
KINDS = {"cc0": re.compile(r"(?i)\bcc[ -]?0\b|public domain|publicdomain/(zero|mark)"),
         "cc-by-sa": re.compile(r"(?i)\bcc[ -]by[ -]sa\b|licenses/by-sa/|creative commons (attribution|by)[- ]share[- ]?alike"),
         "cc-by": re.compile(r"(?i)\bcc[ -]by\b|licenses/by/|creative commons attribution\b")}


def standard(text):
    """"cc0", "cc-by-sa" or "cc-by" for what a source says of its licence; "" when it is none of these."""
    if CLOSED.search(text):
        return ""
    return next((kind for kind, pattern in KINDS.items() if pattern.search(text)), "")
