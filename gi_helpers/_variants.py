"""What wikis that are read in two or more scripts or wordings show of -{ }-, their mark for what differs; part of wiki_scrape.

    >>> shown("-{T|zh-cn:计算机; zh-tw:電腦}--{zh-cn:[[甲]]; zh-tw:[[乙|丙]]}-是")
    '[[甲]]是'
"""
import re

from ._prose import BLOCK

VARIANT = re.compile(r"-\{((?:(?!-\{|\}-).)*)\}-", re.S)
FLAGS = re.compile(r"\s*((?:[A-Z+-]|[a-z]{2,}(?:-[a-z]+)*)(?:\s*;\s*(?:[A-Z+-]|[a-z]{2,}(?:-[a-z]+)*))*|)\s*\|")
SILENT = set("THD-N")  # a title, a hidden rule, a rule described or taken back, the name of a variant: nothing that stands in the sentence
CODE = re.compile(r"^\s*[a-z]{2,}(?:-[a-z]+)*\s*:(?!//)")
RULE = re.compile(r"\s*(?:[^:;\[\]|]*=>\s*)?[a-z]{2,}(?:-[a-z]+)*\s*:(?!//)")
NEXT_RULE = re.compile(rf";(?={RULE.pattern}|\s*$)")


def apart(text):
    """Text in which a template right within -{ }- can be told from a parameter with three braces."""
    return re.sub(r"-\{\{\{(?!\{)", "-{ {{", text).replace("}}}-", "}} }-") if "-{{{" in text else text


def shown(text):
    """Text with one form of each -{ }-: the first, which is the wiki's own choice in most cases. Nested ones are read from within."""
    for _ in range(20):
        if "-{" not in text:
            break
        text, changes = VARIANT.subn(_one, text)
        if not changes:
            break
    return text


def _one(found):
    content, flags = found[1], FLAGS.match(found[1])
    if flags:
        if SILENT & set(re.split(r"\s*;\s*", flags[1])):
            return BLOCK if "\n" in content else ""
        content = content[flags.end():]
    if flags and flags[1] == "R" or not RULE.match(content):
        return content.strip(" ")
    first = NEXT_RULE.split(content)[0].partition("=>")[0]  # of 甲=>zh-tw:乙 the word of the page itself
    return CODE.sub("", first, count=1).strip()
