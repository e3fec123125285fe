"""Files of the cache that a library reads with blind trust: only those that this program wrote on this account are handed to it.

Beside such a file stands a digest made with a secret of the account. A file that was damaged, or that came along with somebody else's
project, has none that fits.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Generator
from pathlib import Path

from core import paths
from core.atomic import explained

_SECRET = 32
_BLOCK = 32_000_000


def sealing(path: Path) -> Generator[None, None, str]:
    """Returns the digest of a file after a step for each of its blocks.

    Raises: FileProblem, the file or the secret cannot be read.
    """
    digest = hashlib.blake2b(key=_secret(), digest_size=32)
    with explained(path, "read"), path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            yield
    return digest.hexdigest()


def same(found: str, digest: str) -> bool:
    """Whether the file is the one that was sealed."""
    return bool(digest) and hmac.compare_digest(found, digest)


def _secret() -> bytes:
    path = paths.home() / "cache.key"
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            found = path.read_bytes()
            if len(found) == _SECRET:
                return found
            path.unlink()  # torn by a crash; what it sealed is made again
            return _secret()
        with os.fdopen(handle, "wb") as stream:
            made = os.urandom(_SECRET)
            stream.write(made)
        return made
