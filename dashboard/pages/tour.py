"""Who looks: whoever is new here. The question: what is this, and what is it good for?

The answer in eight minutes: a panel that leads from page to page and says what is to be seen, drawn by
`assets/tour.js` and the files it names from the scenario that is told here.
"""

from dash import html
from flask import Blueprint, Response, jsonify

from dashboard.tour.scenario import Tour


def button() -> html.Button:
    """What begins the tour, in the frame of every page."""
    return html.Button(
        "Tour",
        id="tour",
        className="button",
        type="button",
        title="A guided tour: from the losses to the gain to a machine of your own",
    )


def tour_routes(tour: Tour) -> Blueprint:
    """The route of the scenario."""
    routes = Blueprint("tour", __name__)

    @routes.get("/tour.json")
    def tell() -> Response:
        answer = jsonify(tour.answer())
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return routes
