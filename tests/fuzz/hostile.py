"""Values that programs trip over: numbers at their edges, texts that deceive, moments far off."""

from __future__ import annotations

import math

NUMBERS: tuple[int | float, ...] = (
    0, -1, 1, 0.5, -0.0, 255, 256, 2**15, 2**16 - 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53,
    2**53 + 1, 2**40, 2**40 + 1,
    2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**30, 10**400, 1e15, 1e308, -1e308, 5e-324,
    math.nan, math.inf, -math.inf,
)  # fmt: skip
"""Where counters wrap, where floats end, and what JSON does not have."""

MOMENTS: tuple[str | int, ...] = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z",
    "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2026-01-05T06:00:00", "2026-01-05T06:00:00.1234567Z",
    "2026-01-05T24:00:00Z", "2026-02-30T00:00:00Z", "2026-06-30T23:59:60Z", "2036-01-05T06:00:00Z",
    "2016-01-05T06:00:00Z", "2100-01-01T00:00:00Z", "2100-01-01T00:00:01Z", "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59.999-23:59", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-W02-1",
    "2026-01-05", "06:00", "now", "yesterday", -62_135_596_800_000, -1, 253_402_300_799_999,
    253_402_300_800_000,
    2**63 - 1, -(2**63), 4_102_444_800_001,
)  # fmt: skip
"""Clocks that are years off, and moments that there never were."""

TEXTS: tuple[str, ...] = (
    "", " ", "  mill-1", "mill-1 ", "\x00", "mill-1\x00", "\ud800", "a\udfffb", "\u202emill-1",
    "mill\u200b-1", "m\u0456ll-1", "mill\u20111", "mi\ufb02l", "A\u030a", "a" + "\u0301" * 60, "\ufeff",
    "\u2028", "\r\n", "\t", "\x1b[31m", "\x7f", "\U0001f6e0" * 64, "\U000e0041",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'><b>", "&lt;", "javascript:alert(1)",
    "../../etc/passwd", "..\\..", ".", "..", "a/b", "/", "//", "+", "#", "mill-1/#", "$SYS", "_plant",
    "_office", "_batch", "_gateway", "_call", "shopfloor", "twin", "machining", "constructor",
    "__proto__", "__class__", "None", "null", "true", "NaN", "1e999", "%00", "%2e%2e%2f", "%s%n", "{0}",
    "{{7*7}}", "${jndi:ldap://x}", "'; DROP TABLE runs;--", "\u0661\u0662", "\u00b2", "1_000", "0x10",
    "x" * 64, "x" * 65, "x" * 129, "x" * 1_025, "x" * 65_536, "\u0627\u0644\u0639", "\u7c73\u5c14",
    "\u2066a\u2069", *(one for one in MOMENTS if isinstance(one, str)),
)  # fmt: skip
"""Empty, invisible, reversed, alike, too long, and what other languages take for an order."""

DEPTH = 100_000
"""Deeper than any reader's stack."""
