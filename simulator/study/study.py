"""A study: one plan, many replications, over the cores; the same numbers whatever their count."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from simulator.study.estimate import Estimate, estimate
from simulator.study.figures import Figures, Key
from simulator.study.replication import Plan, replicate

Report = dict[Key, Estimate]


def study(
    plan: Plan,
    seeds: Sequence[int],
    *,
    workers: int = 1,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> list[Figures]:
    """The figures of each replication, in the order of the seeds.

    Args:
        plan: What is lived.
        seeds: One replication for each.
        workers: How many processes share them; one: this process alone.
        progress: Is told how many are done, and of how many.

    Raises:
        ConservationError: A replication contradicts itself.
    """
    results = []
    for figures in _each(plan, seeds, workers):
        results.append(figures)
        progress(len(results), len(seeds))
    return results


def report_of(results: Sequence[Figures]) -> Report:
    """The estimate of each figure over replications.

    A cause that did not come up in a replication has no time in it, which is 0 and not unknown.
    """
    paths = {path: None for figures in results for path in figures}
    return {
        path: estimate(figures.get(path, 0.0 if "causes" in path else None) for figures in results)
        for path in paths
    }


def _each(plan: Plan, seeds: Sequence[int], workers: int) -> Iterator[Figures]:
    work = partial(replicate, plan)
    if workers == 1:
        yield from map(work, seeds)
        return
    # A fresh interpreter inherits no thread and no lock, on every system alike.
    with ProcessPoolExecutor(min(workers, len(seeds)), mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, seeds)
