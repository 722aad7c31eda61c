"""What the page says of the chain, at /api/health."""

from __future__ import annotations

import json
import ssl
import urllib.request
from pathlib import Path
from typing import Any

from dashboard.chain.links import Link, Measure
from dashboard.chain.remedies import Remedy
from dashboard.chain.sentences import Sentence
from protocol.address import AUTHORITY
from protocol.moments import from_text

ANSWER_S = 4.0


def ask_page(address: str, credentials: Path | None = None) -> tuple[list[Link], list[Sentence]] | None:
    """Each link and what is wrong, as the page sees it; None where it does not answer.

    Args:
        address: The page.
        credentials: Folder that has the authority of the plant's own, with TLS.
    """
    authority = None if credentials is None else credentials / AUTHORITY
    try:
        trusted = ssl.create_default_context(cafile=authority) if authority and authority.exists() else None
        with urllib.request.urlopen(  # noqa: S310 - http, ours
            f"{address}/api/health", timeout=ANSWER_S, context=trusted
        ) as answer:
            said: dict[str, Any] = json.load(answer)
        found = [_sentence(one) for one in said["sentences"]]
        return [_link(one, found) for one in said["chain"]], found
    except (OSError, ValueError, KeyError, TypeError):
        # Another program may answer at that port, or an older one of ours.
        return None


def _sentence(said: dict[str, Any]) -> Sentence:
    return Sentence(
        link=said["link"],
        weight=said["weight"],
        what=said["what"],
        since_wall_ms=None if said["since"] is None else from_text(said["since"]),
        remedy=Remedy(demo=said["do"]["demo"], docker=said["do"]["docker"]),
    )


def _link(said: dict[str, Any], found: list[Sentence]) -> Link:
    return Link(
        link=said["part"],
        lamp=said["lamp"],
        sentence=next((one for one in found if one.link == said["part"]), None),
        measures=tuple(Measure(**one) for one in said["measures"]),
    )
