"""The one place where a chart is made, so that none offers to send its data anywhere."""

from typing import Any

from dash import dcc

CONFIG: dict[str, Any] = {
    "showSendToCloud": False,
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "responsive": True,
}


def graph(name: str, figure: dict[str, Any], **properties: Any) -> dcc.Graph:
    """A chart with the settings that every chart has.

    Args:
        name: Its id.
        figure: From `dashboard.figures`.
        properties: Anything else of `dcc.Graph`.
    """
    return dcc.Graph(id=name, figure=figure, config=CONFIG, **properties)  # type: ignore[arg-type]
