"""Fingerprints: short hashes that bind files to each other and answers to their model."""

import hashlib


def digest(data: bytes) -> str:
    """Return a short fingerprint of `data`: BLAKE2b of 8 bytes, in hexadecimal."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def fingerprint(*parts: str | bytes) -> str:
    """Return a fingerprint of several parts together: BLAKE2b of 16 bytes, in hexadecimal.

    Boundaries between parts count: ("ab", "c") differs from ("a", "bc").
    """
    whole = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()
