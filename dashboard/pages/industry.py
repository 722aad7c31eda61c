"""Who looks: whoever has read of Industry 4.0 and asks what of it is here. The question: is it at work?

The picture and the numbers are drawn by `assets/industry.js`; the table holds what each block is, and
tells in words all that the picture shows.
"""

from dataclasses import dataclass

from dash import html

from dashboard.pages.attributes import aria, data


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of the picture."""

    key: str
    """What scripts know it by."""
    title: str
    """What the article calls it."""
    inside: bool
    """Whether it is part of the Industrial IoT."""
    what: str
    """What in this demo embodies it."""
    link: str
    """Where that can be seen."""
    link_words: str
    """What is seen there."""


BLOCKS = (
    Block(
        key="sensors",
        title="Sensor data",
        inside=True,
        what="Power, vibration, temperature and more of every machine, with the moment at which it was so.",
        link="/",
        link_words="machines",
    ),
    Block(
        key="communication",
        title="Machine communications",
        inside=True,
        what="MQTT over one broker: machines, plant, office and pages say and hear everything there.",
        link="/machines#connect",
        link_words="connect your own",
    ),
    Block(
        key="automation",
        title="Automation systems",
        inside=True,
        what="Rules call a person when a machine stands still; people answer, come and mend it.",
        link="/#calls-title",
        link_words="open calls",
    ),
    Block(
        key="history",
        title="Big data",
        inside=False,
        what="A history in which every number can be worked out again, for any window, to the millisecond.",
        link="/losses",
        link_words="what it tells",
    ),
    Block(
        key="cloud",
        title="Cloud",
        inside=False,
        what="Pages, an API and posts to other programs, for whoever reaches them; no cloud is needed.",
        link="/api/openapi.json",
        link_words="API",
    ),
    Block(
        key="ai",
        title="AI",
        inside=False,
        what="Thresholds learned from readings without labels, and forecasts of when wear reaches a limit.",
        link="/proof",
        link_words="how right it is",
    ),
)
"""The blocks, in the order in which they are read."""


def layout() -> html.Main:
    """The page of the article's picture."""
    return html.Main(
        id="industry",
        className="page",
        children=[
            html.H1("Industry 4.0", className="page-title"),
            html.P(
                "The Industrial Internet of Things (sensor data, machine communications, automation systems) "
                "is a part of Industry 4.0, beside big data, cloud and AI. A block is lit while something "
                "in this demo embodies it, and says how much.",
                className="industry-words",
            ),
            html.Div(id="industry-picture"),
            html.Section(
                className="panel",
                children=[
                    html.H2("In words"),
                    html.P(
                        "All that the picture shows. Rates are per real second, a run lasts in plant time."
                    ),
                    _table(),
                ],
            ),
        ],
    )


def _table() -> html.Table:
    head = ("Block", "Part of", "What it is here", "Now", "See")
    return html.Table(
        id="industry-table",
        children=[
            html.Thead(html.Tr([html.Th(word, scope="col") for word in head])),
            html.Tbody([_row(block) for block in BLOCKS]),
        ],
    )


def _row(block: Block) -> html.Tr:
    return html.Tr(
        [
            html.Th(block.title, scope="row"),
            html.Td("Industrial IoT" if block.inside else "Industry 4.0"),
            html.Td(block.what),
            html.Td("–", className="now"),
            html.Td(
                html.A(block.link_words, href=block.link, **aria(label=f"{block.title}: {block.link_words}"))
            ),
        ],
        **data(block=block.key, inside="yes" if block.inside else "no"),
    )
