"""seeds.py NAME DIRECTORY: writes the first inputs of fuzz target NAME into DIRECTORY."""

import pathlib
import shutil
import sys
import tempfile

import archives

PAYLOAD = b"a harmless payload"
LARGEST = 64 << 10  # bytes; larger seeds only make fuzzing slow

# Which cases of the corpus a target reads: by the beginnings of their names.
TARGETS = {
    "zip": ("zip_",),
    "tar": ("tar_",),
    "codecs": ("codec_", "truncated_", "gzip_"),
    "containers": ("seven_zip", "cpio_", "ar_", "deb_", "cab", "lha"),
    "archives": ("",),
}


def seeds(name):
    """(file name, content) pairs."""
    yield "tiny", b"\0"
    for case in archives.CASES:
        wanted = case.name.startswith(TARGETS.get(name, ()))
        if not wanted or not all(shutil.which(tool) for tool in case.tools):
            continue
        with tempfile.TemporaryDirectory() as directory:
            content = case.build(directory, PAYLOAD).read_bytes()
        if len(content) <= LARGEST:
            yield case.name, content


def main(name, directory):
    for file_name, content in seeds(name):
        pathlib.Path(directory, file_name).write_bytes(content)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
