"""What the lint tests share: the files of the project, and C without its comments and strings."""

import os
import pathlib
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from harness import SOURCE

BUILD = pathlib.Path(os.environ.get("ASSAY_BUILD", SOURCE / "build" / "ci"))
ROOMS = ("scanner", "unpack", "signatures")
NOT_OURS = {"build", ".git", "__pycache__"}

# The longest alternatives first: a quote inside a comment is no string, and the other way round.
_TOKENS = re.compile(
    r"/\*.*?\*/ | //[^\n]* | \"(?:\\.|[^\"\\\n])*\" | '(?:\\.|[^'\\\n])*'", re.DOTALL | re.VERBOSE
)


def all_files():
    """Every file of the project, whatever it is."""
    for directory, names, files in os.walk(SOURCE):
        names[:] = sorted(set(names) - NOT_OURS)
        for name in sorted(set(files) - NOT_OURS):
            yield pathlib.Path(directory, name)


def c_files(*folders, suffixes=(".c", ".h")):
    """C files below the folders; the program's own when none is named."""
    for folder in folders or ROOMS:
        for path in sorted((SOURCE / folder).rglob("*")):
            if path.suffix in suffixes:
                yield path


def name(path):
    return str(path.relative_to(SOURCE))


def bare(path):
    """The C text with comments and the insides of literals blanked; lines stay where they were."""

    def blank(token):
        text = token.group()
        if text[0] in "\"'":
            return text[0] * 2
        return "\n" * text.count("\n") or " "

    return _TOKENS.sub(blank, path.read_text())


def lines_with(pattern, text):
    """(line number, the match) for every place where the pattern is found."""
    for found in re.finditer(pattern, text):
        yield text.count("\n", 0, found.start()) + 1, found


def run_on_each(command, paths):
    """Runs command + [path] for every path, two at a time; what the failing ones said."""

    def run(path):
        done = subprocess.run(
            [*command, str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return f"{name(path)}:\n{done.stdout}" if done.returncode else ""

    with ThreadPoolExecutor(2) as two:
        return "\n".join(filter(None, two.map(run, paths)))
