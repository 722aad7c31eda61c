"""The books of one machine while somebody reads in them: what its time was used for, and its stops."""

from typing import TYPE_CHECKING, NamedTuple

from dashboard.kpi.book import Book, Past
from dashboard.kpi.causes import Causes
from dashboard.kpi.pieces import Pieces
from dashboard.losses.settled import Naming, Settled

if TYPE_CHECKING:
    from dashboard.history.shelves import Rest, Shelf


class Opened(NamedTuple):
    """A sealed book, and what comes after it."""

    shelf: "Shelf"
    """Where it stands."""
    sealed: Book
    """The past up to where nothing but a rewrite can change it."""
    rest: "Rest | None"
    """What comes after, where that is asked for."""

    @property
    def causes(self) -> Causes:
        """The causes of its stops."""
        return self.sealed.library.causes

    def covers(self, from_ms: int, to_ms: int) -> bool:
        """Whether the books know all of a window."""
        until_ms = self.sealed.until_ms if self.rest is None else self.rest.to_ms
        return self.sealed.from_ms <= from_ms < to_ms <= until_ms

    def past(self, from_ms: int, to_ms: int) -> Past:
        """What the time of a window that they cover was used for."""
        sealed, rest = self.sealed, self.rest
        if rest is None or to_ms <= sealed.until_ms:
            return sealed.past(from_ms, to_ms)
        after = rest.book.past(max(from_ms, sealed.until_ms), to_ms, rest.offset_ms)
        # The causes of a rest have the same numbers.
        return after if from_ms >= sealed.until_ms else sealed.past(from_ms, sealed.until_ms).joined(after)

    def pieces(self, from_ms: int, to_ms: int) -> Pieces:
        """The same as pieces, of which only those that belong to stops say what they are."""
        return self.past(from_ms, to_ms).pieces(self.causes)

    def settled(self, naming: Naming) -> Settled:
        """The stops of the sealed book that are over; worked out once, and on as the book grows."""
        shelf, sealed = self.shelf, self.sealed
        found, cuts, known = Settled.empty(sealed.from_ms), shelf.cuts, shelf.settled
        # Of a book that is no longer the one on its shelf, nothing is remembered.
        mine = shelf.sealed is sealed
        if mine and known is not None and known[:2] == (naming, cuts):
            found = known[2]
            if known[3] is sealed:
                return found
        if found.until_ms < sealed.until_ms:
            past = sealed.past(found.until_ms, sealed.until_ms)
            found = found.longer(past, self.causes, naming)
            if mine and shelf.sealed is sealed:
                shelf.settled = naming, cuts, found, sealed
        return found
