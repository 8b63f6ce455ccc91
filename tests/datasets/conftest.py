"""A folder to write tables into."""

import gzip

import pytest


@pytest.fixture
def folder(tmp_path):
    """Writes files into an empty folder: `folder({"test.csv.gz": "a,b\\n"})` returns the folder's path."""

    def write(files):
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return tmp_path

    return write
