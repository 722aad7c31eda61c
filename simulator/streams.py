"""Random numbers that depend on seed, machine, purpose and count alone.

A stream is a counter-based generator (Philox) keyed by (seed, machine, purpose); its k-th number is
the same whatever was drawn before, so that adding a machine, or a stop, changes nothing elsewhere.
Each transform turns one uniform number into one value by the inverse of its distribution.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import gamma, log1p, sqrt

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]

BLOCK = 64
"""So many numbers of a stream are drawn at a time."""

_LOW_WORD = (1 << 64) - 1
# Salmon and others (2011), Parallel random numbers: as easy as 1, 2, 3; the constants of Philox 4x64.
_PHILOX_0 = 0xD2E7470EE14C6C93
_PHILOX_1 = 0xCA5A826395121157
_WEYL_0 = np.uint64(0x9E3779B97F4A7C15)
_WEYL_1 = np.uint64(0xBB67AE8584CAA73B)
_WORDS = 4  # Philox yields four 64-bit words for each value of its counter.


class Stream:
    """The numbers of one purpose of one machine, addressed by their count k from 0 on."""

    def __init__(self, seed: int, machine: str, purpose: str) -> None:
        name = f"{seed}\0{machine}\0{purpose}".encode()
        self.key = int.from_bytes(blake2b(name, digest_size=16).digest(), "little")
        """Where in the space of all streams it is: 128 bits."""
        self._generator: np.random.Philox | None = None
        self._next = 0

    def uniforms(self, first: int, count: int) -> Float64s:
        """The numbers `first`, `first + 1` … of the stream, evenly spread over the open interval (0, 1)."""
        reads_on = first == self._next and first > 0
        if reads_on and self._generator is not None:
            skipped, generator = 0, self._generator
        else:
            skipped = first % _WORDS
            generator = np.random.Philox(key=self.key, counter=first // _WORDS)
            # A new one costs more time than 1,000 words, and one that is kept a kilobyte.
            self._generator = generator if reads_on else None
        words = generator.random_raw(skipped + count)
        self._next = first + count
        return _uniform(words[skipped:])


class Bundle:
    """Many streams, of each of which the same numbers are drawn at once."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        keys = [(one.key & _LOW_WORD, one.key >> 64) for one in streams]
        self._keys = np.array(keys, dtype=np.uint64).reshape(-1, 2).T.copy()

    def uniforms(self, four: int) -> Float64s:
        """The numbers `4 * four` up to the next four of every stream; shape (streams, 4)."""
        return _uniform(_philox(self._keys, four + 1))


class Draws:
    """The values of a stream under a transform, drawn a block at a time."""

    def __init__(
        self, stream: Stream, transform: Callable[[Float64s], Float64s], *, block: int = BLOCK
    ) -> None:
        self.block_size = block
        """So many values are drawn at a time."""
        self.used: dict[int, float] | None = None
        """The values that were asked for by their k, for whoever watches; None when nobody does."""
        self._stream = stream
        self._transform = transform
        self._number = -1
        self._values = np.empty(0)

    def block(self, number: int) -> Float64s:
        """The values `number * block_size` up to the next block's first."""
        if number != self._number:
            size = self.block_size
            self._values = self._transform(self._stream.uniforms(number * size, size))
            self._number = number
        return self._values

    def __getitem__(self, k: int) -> float:
        value = float(self.block(k // self.block_size)[k % self.block_size])
        if self.used is not None:
            self.used[k] = value
        return value


class Dice:
    """The draws of one machine, each purpose with its own stream.

    Args:
        seed: Seed of the plant.
        machine: Name of the machine.
        watched: Whether the values that are used are kept, for `used`.
    """

    def __init__(self, seed: int, machine: str, *, watched: bool = False) -> None:
        self._seed = seed
        self._machine = machine
        self._watched = watched
        self._draws: dict[str, Draws] = {}

    def draws(self, purpose: str, transform: Callable[[Float64s], Float64s], *, block: int = BLOCK) -> Draws:
        """The values of a purpose."""
        draws = Draws(Stream(self._seed, self._machine, purpose), transform, block=block)
        draws.used = {} if self._watched else None
        self._draws[purpose] = draws
        return draws

    def uniform(self, purpose: str) -> float:
        """The one number of a purpose, in (0, 1)."""
        return float(Stream(self._seed, self._machine, purpose).uniforms(0, 1)[0])

    def used(self) -> dict[str, dict[int, float]]:
        """The values that were used so far, by purpose and k."""
        return {purpose: dict(draws.used or {}) for purpose, draws in self._draws.items()}


def _uniform(words: npt.NDArray[np.uint64]) -> Float64s:
    # 52 bits and a half: exact in a float64, and never 0 or 1.
    uniforms: Float64s = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return uniforms


def _philox(keys: npt.NDArray[np.uint64], counter: int) -> npt.NDArray[np.uint64]:
    """The four words of Philox 4x64 of ten rounds at one counter, for many keys; shape (keys, 4).

    NumPy's own generator has one key at a time, and to set it up takes longer than to draw from it.
    """
    key_0, key_1 = keys[0].copy(), keys[1].copy()
    word_0 = np.full(len(key_0), counter, dtype=np.uint64)
    word_1, word_2, word_3 = (np.zeros_like(word_0) for _ in range(3))
    for _ in range(10):
        high_0, low_0 = _product(_PHILOX_0, word_0)
        high_1, low_1 = _product(_PHILOX_1, word_2)
        word_0, word_1, word_2, word_3 = high_1 ^ word_1 ^ key_0, low_1, high_0 ^ word_3 ^ key_1, low_0
        key_0 += _WEYL_0
        key_1 += _WEYL_1
    return np.stack([word_0, word_1, word_2, word_3], axis=1)


def _product(
    factor: int, words: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The high and the low 64 bits of a factor times each word, from products of 32 bits."""
    high, low = np.uint64(factor >> 32), np.uint64(factor & 0xFFFFFFFF)
    half, mask = np.uint64(32), np.uint64(0xFFFFFFFF)
    words_high, words_low = words >> half, words & mask
    crossed = words_high * low
    carried = words_low * high + ((words_low * low) >> half)
    middle = (carried & mask) + (crossed & mask)
    top = words_high * high + (carried >> half) + (crossed >> half) + (middle >> half)
    return top, words * np.uint64(factor)


def exponential(uniforms: Float64s, *, mean: float) -> Float64s:
    """Exponential values with the given mean."""
    values: Float64s = -mean * np.log1p(-uniforms)
    return values


def weibull(uniforms: Float64s, *, mean: float, shape: float) -> Float64s:
    """Weibull values with the given mean and shape; shape 1 is exponential, more is wear.

    mean = scale * gamma(1 + 1 / shape)
    """
    scale = mean / gamma(1 + 1 / shape)
    values: Float64s = scale * (-np.log1p(-uniforms)) ** (1 / shape)
    return values


def geometric(uniforms: Float64s, *, mean: float) -> Float64s:
    """Geometric values 1, 2, 3 … with the given mean: trials up to the first success of chance 1 / mean."""
    if mean <= 1:
        return np.ones_like(uniforms)
    values: Float64s = np.ceil(np.log1p(-uniforms) / log1p(-1 / mean))
    return values


def lognormal(uniforms: Float64s, *, median: float, sigma: float) -> Float64s:
    """Lognormal values with the given median, and standard deviation of the logarithm."""
    values: Float64s = median * np.exp(sigma * normal(uniforms))
    return values


def median_and_sigma(*, mean: float, cv: float) -> tuple[float, float]:
    """The median and sigma of the lognormal distribution with this mean and coefficient of variation.

        sigma² = ln(1 + cv²);  median = mean / sqrt(1 + cv²)

    >>> median_and_sigma(mean=5.0, cv=0.0)
    (5.0, 0.0)
    """
    return mean / sqrt(1 + cv * cv), sqrt(log1p(cv * cv))


def normal(uniforms: Float64s) -> Float64s:
    """Standard normal values, by Wichura's algorithm AS 241, exact but for the last digit of a float64."""
    away = uniforms - 0.5
    central = np.abs(away) <= _CENTRAL
    r = _CENTRAL * _CENTRAL - away * away
    values: Float64s = away * _ratio(r, _CENTRE_UP, _CENTRE_DOWN)
    tails = np.flatnonzero(~central)
    if len(tails):
        beyond = away[tails]
        nearer = np.minimum(uniforms[tails], 1 - uniforms[tails])
        r = np.sqrt(-np.log(nearer))
        size = np.where(
            r <= _FAR,
            _ratio(r - 1.6, _TAIL_UP, _TAIL_DOWN),
            _ratio(r - _FAR, _END_UP, _END_DOWN),
        )
        values[tails] = np.copysign(size, beyond)
    return values


def _ratio(r: Float64s, up: tuple[float, ...], down: tuple[float, ...]) -> Float64s:
    above = np.full_like(r, up[-1])
    below = np.full_like(r, down[-1])
    for a, b in zip(up[-2::-1], down[-2::-1], strict=True):
        above *= r
        above += a
        below *= r
        below += b
    above /= below
    return above


_CENTRAL = 0.425
_FAR = 5.0
# Applied Statistics 37 (1988) 477-484, routine PPND16; coefficients from the lowest power up.
_CENTRE_UP = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
_CENTRE_DOWN = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_TAIL_UP = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
_TAIL_DOWN = (
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_END_UP = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
_END_DOWN = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)
