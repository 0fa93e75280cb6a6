"""The exercises of lesson 8 as data: cases, and the mistakes that people make, each with the sentence that helps."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from embedcourse.marking import LEFT_OUT, Case, Exercise, Part, mistake
from embedcourse.rope import probes, reference
from embedcourse.rope.practice_exercises import PRACTICE_EXERCISES
from embedcourse.rope.specimens import SPECIMENS

Rng = np.random.Generator


def _tensor(rng: Rng, *shape: int) -> Tensor:
    return torch.from_numpy(rng.normal(size=shape).round(1).astype(np.float32) + 0.05)


def _rotate_pair() -> Exercise:
    def one_pair(rng: Rng) -> Iterator[Case]:
        yield Case((torch.tensor([3.0, 1.0]), 0.5))
        yield Case((torch.tensor([1.0, 2.0]), 2.0))
        for angle in (0.0, 1.0, -0.7, 3.0, 5.5):
            yield Case((_tensor(rng, 2), angle))

    def many_pairs(rng: Rng) -> Iterator[Case]:
        yield Case((torch.tensor([[1.0, 2.0], [3.0, 5.0], [0.5, 4.0]]), 0.5))
        for shape, angle in (
            ((2, 2), 1.2),
            ((5, 2), 0.3),
            ((1, 2), 4.0),
            ((3, 2, 2), 0.8),
            ((4, 2), 2.2),
            ((7, 2), 0.4),
            ((6, 1, 2), 1.5),
            ((2, 4, 2), -2.0),
        ):
            yield Case((_tensor(rng, *shape), angle))

    def turned(pair, c, s):
        x1, x2 = pair[..., 0], pair[..., 1]
        return torch.stack([x1 * c - x2 * s, x1 * s + x2 * c], dim=-1)

    @mistake(
        "This turns the other way, with the clock. Against it (1, 0) goes to (cos, sin): the minus stands in the first number."
    )
    def turned_back(pair, angle):
        return turned(pair, math.cos(angle), -math.sin(angle))

    @mistake("Both numbers have a plus. One sine has a minus, x₁ cos − x₂ sin; without it the pair changes its length.")
    def both_plus(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        return torch.stack([pair[..., 0] * c + pair[..., 1] * s, pair[..., 0] * s + pair[..., 1] * c], dim=-1)

    @mistake(
        "Sine and cosine have changed places. For angle 0 the pair must stay as it is, and cos 0 is 1, so x₁ goes with cos."
    )
    def sine_and_cosine_exchanged(pair, angle):
        return turned(pair, math.sin(angle), math.cos(angle))

    @mistake(
        "The second number has a minus, or its own sine: it is x₁ sin + x₂ cos. Only the first number has a minus."
    )
    def minus_in_the_second(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        return torch.stack([pair[..., 0] * c - pair[..., 1] * s, pair[..., 0] * s - pair[..., 1] * c], dim=-1)

    @mistake("Both numbers are worked out alike, from x₁ cos and x₂ sin. The second is x₁ sin + x₂ cos.")
    def the_first_twice(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        return torch.stack([pair[..., 0] * c - pair[..., 1] * s, pair[..., 0] * c + pair[..., 1] * s], dim=-1)

    @mistake("The angle is turned into degrees. It comes in radians, and `math.cos` wants radians.")
    def into_degrees(pair, angle):
        return turned(pair, math.cos(math.degrees(angle)), math.sin(math.degrees(angle)))

    @mistake(
        "The matrix stands in front of the pairs, which are rows. A row is turned from behind, by the transpose: "
        "`pair @ R.T`."
    )
    def matrix_in_front(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        return torch.tensor([[c, -s], [s, c]]) @ pair

    @mistake(
        "`pair[:, 0]` needs two axes, and takes the second. The numbers of a pair stand on the last: `pair[..., 0]`."
    )
    def the_second_axis(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        x1, x2 = pair[:, 0], pair[:, 1]
        return torch.stack([x1 * c - x2 * s, x1 * s + x2 * c], dim=-1)

    @mistake(
        "`pair[..., 0]` has lost its axis: with many pairs it meets (cos, sin) number by number. `pair[..., :1]` keeps it, and "
        "each first number meets both."
    )
    def an_axis_lost(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        return pair[..., 0] * torch.tensor([c, s]) + pair[..., 1] * torch.tensor([-s, c])

    @mistake("Only the cosine is applied. In a turn each new number takes from both old ones: the sines are missing.")
    def only_the_cosine(pair, angle):
        return pair * math.cos(angle)

    @mistake("Each number is multiplied with its own factor, cos and sin. In a turn each new one takes from both.")
    def a_factor_each(pair, angle):
        return pair * torch.tensor([math.cos(angle), math.sin(angle)])

    @mistake("The angle is taken for degrees. It comes in radians, as `math.cos` and `torch.cos` want it.")
    def in_degrees(pair, angle):
        return turned(pair, math.cos(math.radians(angle)), math.sin(math.radians(angle)))

    @mistake("The angle is added to the numbers. It turns the pair, by cosines and sines.")
    def angle_added(pair, angle):
        return pair + angle

    @mistake(
        "The second number is worked out with the new first one. Both need the old ones: keep x₁ and x₂ before you write."
    )
    def overwritten(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        x1, x2 = pair[..., 0], pair[..., 1]
        x1 = x1 * c - x2 * s
        x2 = x1 * s + x2 * c
        return torch.stack([x1, x2], dim=-1)

    @mistake("The new numbers stand in the other order. x₁ cos − x₂ sin comes first.")
    def the_other_order(pair, angle):
        return turned(pair, math.cos(angle), math.sin(angle)).flip(-1)

    @mistake(
        "The hand is laid where the angle points, and where it stood before is forgotten. Turn the pair on from there."
    )
    def where_the_angle_points(pair, angle):
        length = pair.norm(dim=-1)
        return torch.stack([length * math.cos(angle), length * math.sin(angle)], dim=-1)

    @mistake(
        "`pair[0]` and `pair[1]` are two numbers only if there is one pair. For many the two stand along the last axis: "
        "`pair[..., 0]`, `pair[..., 1]`."
    )
    def along_the_first_axis(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        return torch.stack([pair[0] * c - pair[1] * s, pair[0] * s + pair[1] * c])

    @mistake(
        "The two numbers are laid side by side along a new first axis. Along the last one they belong: "
        "`torch.stack([…, …], dim=-1)`."
    )
    def stacked_in_front(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        x1, x2 = pair[..., 0], pair[..., 1]
        return torch.stack([x1 * c - x2 * s, x1 * s + x2 * c])

    @mistake(
        "`cat` joins all first numbers and all second ones into one long row. `torch.stack([…, …], dim=-1)` makes pairs of them."
    )
    def joined(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        x1, x2 = pair[..., :1], pair[..., 1:]
        return torch.cat([x1 * c - x2 * s, x1 * s + x2 * c]).flatten()

    @mistake("`torch.cos` wants a tensor, and the angle is a number. Take `math.cos` and `math.sin`.")
    def torch_cos_of_a_number(pair, angle):
        return turned(pair, torch.cos(angle), torch.sin(angle))

    @mistake(
        "`x1, x2 = pair` unpacks the first axis, which has two entries only if there is one pair. Take `pair[..., 0]` and "
        "`pair[..., 1]`."
    )
    def unpacked(pair, angle):
        x1, x2 = pair
        c, s = math.cos(angle), math.sin(angle)
        return torch.stack([x1 * c - x2 * s, x1 * s + x2 * c], dim=-1)

    @mistake(
        "`torch.tensor` makes a tensor of numbers. To lay tensors side by side, take `torch.stack([…, …], dim=-1)`."
    )
    def a_tensor_of_tensors(pair, angle):
        c, s = math.cos(angle), math.sin(angle)
        x1, x2 = pair[..., 0], pair[..., 1]
        return torch.tensor([x1 * c - x2 * s, x1 * s + x2 * c])

    return Exercise(
        name="rotate_pair",
        title="One pair, turned",
        lesson=8,
        reference=reference.rotate_pair,
        parts=(Part("one pair", 1, one_pair, dtype="kind"), Part("many pairs", 1, many_pairs, dtype="kind")),
        mistakes=(
            turned_back,
            both_plus,
            sine_and_cosine_exchanged,
            minus_in_the_second,
            the_first_twice,
            into_degrees,
            matrix_in_front,
            the_second_axis,
            an_axis_lost,
            only_the_cosine,
            a_factor_each,
            in_degrees,
            angle_added,
            overwritten,
            the_other_order,
            where_the_angle_points,
            along_the_first_axis,
            stacked_in_front,
            joined,
            torch_cos_of_a_number,
            unpacked,
            a_tensor_of_tensors,
        ),
    )


def _inverse_frequencies() -> Exercise:
    def usual(rng: Rng) -> Iterator[Case]:
        for head_dim in (4, 2, 8, 6, 64, 128):
            yield Case((head_dim, LEFT_OUT))

    def other_bases(rng: Rng) -> Iterator[Case]:
        for head_dim, base in ((4, 100.0), (8, 500_000.0), (6, 10.0), (4, 1.0), (64, 1_000_000.0), (10, 0.5)):
            yield Case((head_dim, base))

    def exponents(head_dim):
        return torch.arange(0, head_dim, 2) / head_dim

    @mistake(
        "The exponent is i/head_dim; it must be 2i/head_dim: there are head_dim / 2 pairs, and as many steps lead to 1 / base. "
        "`torch.arange(0, head_dim, 2)` is 2i for all pairs."
    )
    def two_forgotten(head_dim, base=10_000.0):
        return base ** -(torch.arange(head_dim // 2) / head_dim)

    @mistake(
        "The exponent is 4i/head_dim: `arange` with steps of 2 has the 2 already, or head_dim was halved as well. One 2 will do."
    )
    def two_twice(head_dim, base=10_000.0):
        return base ** (-2 * exponents(head_dim))

    @mistake("The minus is missing: later pairs turn faster here. They must turn slower.")
    def minus_missing(head_dim, base=10_000.0):
        return base ** exponents(head_dim)

    @mistake(
        "These are wavelengths, the positions that a whole turn takes. Return radians a position: 2π divided by these."
    )
    def wavelengths(head_dim, base=10_000.0):
        return 2 * math.pi * base ** exponents(head_dim)

    @mistake("A turn is 2π radians, but pair 0 turns by 1 radian a position: no π comes into the speeds.")
    def with_two_pi(head_dim, base=10_000.0):
        return 2 * math.pi / base ** exponents(head_dim)

    @mistake("One speed for each number, head_dim of them. There is one for each *pair*, head_dim / 2.")
    def one_for_each_number(head_dim, base=10_000.0):
        return base ** -(torch.arange(head_dim) / head_dim)

    @mistake("Each speed stands there twice, for both numbers of its pair. Return one for each pair, head_dim / 2.")
    def doubled(head_dim, base=10_000.0):
        return (base ** -exponents(head_dim)).repeat(2)

    @mistake(
        "Your last pair turns by 1 / base. It is the one behind it, which is not there, that would. So the last exponent is "
        "(head_dim − 2) / head_dim, and `torch.linspace(0, 1, …)` does not fit."
    )
    def exponents_up_to_one(head_dim, base=10_000.0):
        return base ** -torch.linspace(0, 1, head_dim // 2)

    @mistake(
        "From pair to pair your speeds fall by the same *difference*. It must be the same factor: powers of the base."
    )
    def in_equal_steps(head_dim, base=10_000.0):
        return torch.linspace(1, 1 / base, head_dim // 2 + 1)[:-1]

    @mistake(
        "From pair to pair your speeds fall by the same *difference*, and the last is 1 / base. It must be the same factor, and "
        "1 / base comes one pair later."
    )
    def in_equal_steps_to_the_last(head_dim, base=10_000.0):
        return torch.linspace(1, 1 / base, head_dim // 2)

    @mistake(
        "Each pair is slower than the one before by the whole base. All steps *together* lead to 1 / base: there are "
        "head_dim / 2 of them."
    )
    def the_whole_base_each_step(head_dim, base=10_000.0):
        return torch.tensor([1 / base**i for i in range(head_dim // 2)])

    @mistake("The pairs are counted from 1. They begin with i = 0, and base⁰ is 1: the first pair turns by 1 radian.")
    def from_one(head_dim, base=10_000.0):
        return base ** -(torch.arange(2, head_dim + 1, 2) / head_dim)

    @mistake("The base is always 10,000 here. Use the one that comes in.")
    def base_ignored(head_dim, base=10_000.0):
        return 10_000.0 ** -exponents(head_dim)

    @mistake("The slowest pair comes first. Pair 0 is the fastest.")
    def slowest_first(head_dim, base=10_000.0):
        return (base ** -exponents(head_dim)).flip(0)

    @mistake(
        "`a ** -b * c / d` is (a ** -b) · c / d: Python raises to a power first. Put the whole exponent in brackets."
    )
    def brackets_missing(head_dim, base=10_000.0):
        return base**-2 * torch.arange(head_dim // 2) / head_dim

    @mistake(
        "`base ** i / head_dim` is (base ** i) / head_dim: Python raises to a power first. Put the exponent in brackets."
    )
    def divided_after_the_power(head_dim, base=10_000.0):
        return 1.0 / (base ** torch.arange(0, head_dim, 2) / head_dim)

    @mistake(
        "`base ** -i / head_dim` is (base ** -i) / head_dim: Python raises to a power first. Put the whole exponent in brackets."
    )
    def divided_after_the_negative_power(head_dim, base=10_000.0):
        return base ** -torch.arange(0, head_dim, 2) / head_dim

    @mistake(
        "The exponent is 2(i − 1)/head_dim with i from 0. The −1 belongs to papers that count pairs from 1: here pair 0 turns by "
        "1 radian."
    )
    def minus_one_copied(head_dim, base=10_000.0):
        return base ** -((torch.arange(0, head_dim, 2) - 2) / head_dim)

    @mistake(
        "The exponent is (2i + 1)/head_dim: `arange` begins with 1. Begin with 0, so that the first pair turns by 1."
    )
    def odd_numbers(head_dim, base=10_000.0):
        return base ** -(torch.arange(1, head_dim, 2) / head_dim)

    @mistake(
        "A 2 times every number up to head_dim: head_dim speeds, the last far too slow. There are head_dim / 2 pairs: `arange` "
        "with steps of 2 is 2i already."
    )
    def two_times_every_number(head_dim, base=10_000.0):
        return base ** (-2 * torch.arange(head_dim) / head_dim)

    @mistake("Each speed stands there twice, for both numbers of its pair. Return one for each pair, head_dim / 2.")
    def each_twice(head_dim, base=10_000.0):
        return (base ** -exponents(head_dim)).repeat_interleave(2)

    @mistake("`//` drops everything after the point, so each exponent is 0 and each speed 1. Divide with `/`.")
    def whole_division(head_dim, base=10_000.0):
        return base ** -(torch.arange(0, head_dim, 2) // head_dim).float()

    @mistake("These are the exponents. The speeds are the base to the power of minus these.")
    def exponents_alone(head_dim, base=10_000.0):
        return exponents(head_dim)

    @mistake("The base is divided by, and not raised to a power: base^(−2i/head_dim) is 1 / `base ** (2i / head_dim)`.")
    def no_power(head_dim, base=10_000.0):
        return exponents(head_dim) / base

    return Exercise(
        name="inverse_frequencies",
        title="A speed for each pair",
        lesson=8,
        reference=reference.inverse_frequencies,
        parts=(
            Part("base 10,000", 1, usual, dtype="kind"),
            Part("another base", 1, other_bases, dtype="kind"),
        ),
        mistakes=(
            two_forgotten,
            two_twice,
            minus_missing,
            wavelengths,
            with_two_pi,
            one_for_each_number,
            doubled,
            exponents_up_to_one,
            in_equal_steps,
            in_equal_steps_to_the_last,
            the_whole_base_each_step,
            from_one,
            base_ignored,
            slowest_first,
            brackets_missing,
            divided_after_the_power,
            divided_after_the_negative_power,
            minus_one_copied,
            odd_numbers,
            two_times_every_number,
            each_twice,
            whole_division,
            exponents_alone,
            no_power,
        ),
    )


def _unfinished_turns() -> Exercise:
    def usual(rng: Rng) -> Iterator[Case]:
        for head_dim, length in ((8, 2_048), (4, 100), (128, 2_048), (128, 4_096), (64, 512), (2, 6), (6, 7), (6, 1)):
            yield Case((head_dim, length, LEFT_OUT))

    def other_bases(rng: Rng) -> Iterator[Case]:
        for head_dim, length, base in ((8, 50, 100.0), (128, 8_192, 500_000.0), (64, 4_096, 1_000_000.0), (6, 7, 2.0)):
            yield Case((head_dim, length, base))

    def exponents(head_dim):
        return torch.arange(0, head_dim, 2) / head_dim

    def turns(head_dim, base):
        return 2 * math.pi * base ** exponents(head_dim)

    @mistake(
        "You divide 1, and not 2π, by the speed. A whole turn is 2π radians, so it takes 2π / speed positions, and fewer pairs "
        "get round."
    )
    def two_pi_forgotten(head_dim, length, base=10_000.0):
        return int((base ** exponents(head_dim) > length).sum())

    @mistake("A whole turn is 2π radians. With π the hand has gone half round.")
    def half_turns(head_dim, length, base=10_000.0):
        return int((turns(head_dim, base) / 2 > length).sum())

    @mistake("These are the pairs that finish a turn. Asked for are the others.")
    def those_that_finish(head_dim, length, base=10_000.0):
        return int((turns(head_dim, base) <= length).sum())

    @mistake(
        "You compare with length − 1, the last position. A pair finishes its turn if its wavelength is not longer than the text: "
        "compare with `length`."
    )
    def the_last_position(head_dim, length, base=10_000.0):
        return int((turns(head_dim, base) > length - 1).sum())

    @mistake("You count numbers. Two of them make a pair: there are head_dim / 2 pairs.")
    def numbers_for_pairs(head_dim, length, base=10_000.0):
        return 2 * int((turns(head_dim, base) > length).sum())

    @mistake(
        "The exponent is i/head_dim here; it is 2i/head_dim. With half the exponent all pairs but the first are too fast."
    )
    def two_forgotten(head_dim, length, base=10_000.0):
        return int((2 * math.pi * base ** (torch.arange(head_dim // 2) / head_dim) > length).sum())

    @mistake("You compare the speeds with the text. A wavelength is 2π divided by the speed.")
    def speeds_compared(head_dim, length, base=10_000.0):
        return int((base ** -exponents(head_dim) > length).sum())

    @mistake("The base is always 10,000 here. Use the one that comes in.")
    def base_ignored(head_dim, length, base=10_000.0):
        return int((turns(head_dim, 10_000.0) > length).sum())

    @mistake("Later pairs turn faster here: the minus in base^(−2i/head_dim) is missing, or one too many.")
    def minus_missing(head_dim, length, base=10_000.0):
        return int((2 * math.pi * base ** -exponents(head_dim) > length).sum())

    @mistake("You return a yes or no for each pair. Count the yeses: `.sum()`, and `.item()` makes a number of it.")
    def a_mask(head_dim, length, base=10_000.0):
        return turns(head_dim, base) > length

    @mistake("`.sum()` gives a tensor, also of one number. `.item()` makes an int of it.")
    def a_tensor(head_dim, length, base=10_000.0):
        return (turns(head_dim, base) > length).sum()

    @mistake("This is a share. Return how many pairs.")
    def a_share(head_dim, length, base=10_000.0):
        return (turns(head_dim, base) > length).float().mean().item()

    @mistake("You return the sum of the wavelengths. Compare each with the length first, then count.")
    def wavelengths_added(head_dim, length, base=10_000.0):
        return turns(head_dim, base).sum().item()

    return Exercise(
        name="unfinished_turns",
        title="Hands that never get round",
        lesson=8,
        reference=reference.unfinished_turns,
        parts=(Part("base 10,000", 1, usual), Part("another base", 1, other_bases)),
        mistakes=(
            two_pi_forgotten,
            half_turns,
            those_that_finish,
            the_last_position,
            numbers_for_pairs,
            two_forgotten,
            speeds_compared,
            base_ignored,
            minus_missing,
            a_mask,
            a_tensor,
            a_share,
            wavelengths_added,
        ),
    )


_HALF = "Pair i is number i with number i + head_dim/2: halves, `x.chunk(2, dim=-1)`."
_SIDE_BY_SIDE = "Pair i is number 2i with number 2i + 1, side by side: `x[..., 0::2]` and `x[..., 1::2]`."


def _rotated(layout: str) -> dict:
    """Cases and mistakes of `rotate_half` or `rotate_interleaved`: the same slips, made in either layout."""
    half = layout == "half"

    def default_base(rng: Rng) -> Iterator[Case]:
        yield Case((torch.tensor([[1.0, 2.0, 3.0, 5.0]]), torch.tensor([2]), LEFT_OUT))
        yield Case((torch.tensor([[1.0, 2.0], [3.0, 5.0]]), torch.tensor([1, 4]), LEFT_OUT))
        for head_dim, positions in (
            (4, (0, 1, 2, 3)),
            (8, (5, 0, 17)),
            (6, (40, 41, 7, 3, 3, 1)),
            (8, (3,)),
            (4, (105, 3_001)),
        ):
            yield Case((_tensor(rng, len(positions), head_dim), torch.tensor(positions), LEFT_OUT))

    def heads_and_texts(rng: Rng) -> Iterator[Case]:
        for shape in ((3, 4), (4, 4, 4), (2, 3, 6), (2, 2, 3, 4), (1, 2, 1, 8)):
            places = np.arange(1, shape[-2] + 1) * int(rng.integers(2, 6))
            yield Case((_tensor(rng, *shape), torch.from_numpy(places), LEFT_OUT))

    def other_bases(rng: Rng) -> Iterator[Case]:
        for shape, base in (((2, 4), 100.0), ((4, 8), 500_000.0), ((2, 3, 6), 20.0), ((3, 4), 2.0)):
            yield Case((_tensor(rng, *shape), torch.arange(3, shape[-2] + 3), base))

    def angles(x, positions, base, exponent=None):
        dim = x.shape[-1]
        exponent = torch.arange(0, dim, 2) / dim if exponent is None else exponent
        return positions[:, None] * base**-exponent

    def read(x, halves=half):
        return x.chunk(2, dim=-1) if halves else (x[..., 0::2], x[..., 1::2])

    def write(y1, y2, halves=half):
        return torch.cat([y1, y2], dim=-1) if halves else torch.stack([y1, y2], dim=-1).flatten(-2)

    def turned(x, angle, into=half):
        x1, x2 = read(x)
        c, s = angle.cos(), angle.sin()
        return write(x1 * c - x2 * s, x1 * s + x2 * c, into)

    @mistake(
        f"You turn the pairs of the other layout, numbers {'2i and 2i + 1' if half else 'i and i + head_dim/2'}. The turn is "
        f"right and keeps its laws, but these are other pairs. {_HALF if half else _SIDE_BY_SIDE}"
    )
    def the_other_layout(x, positions, base=10_000.0):
        return reference.rotate(x, positions, base, "interleaved" if half else "half")

    @mistake(
        "The sine has the wrong sign: pairs turn back. All scores at −3 and +3 are exchanged. "
        "The new first number is x₁ cos − x₂ sin."
    )
    def sine_flipped(x, positions, base=10_000.0):
        return turned(x, -angles(x, positions, base))

    @mistake("The exponent is i/head_dim; it must be 2i/head_dim. All pairs but the first turn too fast.")
    def exponent_i_over_d(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, torch.arange(x.shape[-1] // 2) / x.shape[-1]))

    @mistake(
        "The layouts are mixed: "
        + (
            "angles in the order 0 0 1 1 (`repeat_interleave`), numbers turned as halves. With halves the angles stand "
            "0 1 0 1 (`torch.cat([angles, angles], dim=-1)`)."
            if half
            else "angles in the order 0 1 0 1 (`cat`), numbers turned side by side. Side by side the angles stand 0 0 1 1 "
            "(`angles.repeat_interleave(2, dim=-1)`)."
        )
        + " The two numbers of a pair get different angles here, and lengths change."
    )
    def layouts_mixed(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        angle = angle.repeat_interleave(2, dim=-1) if half else torch.cat([angle, angle], dim=-1)
        x1, x2 = read(x)
        return x * angle.cos() + write(-x2, x1) * angle.sin()

    @mistake(
        "All positions are one too far. Use them as they come in: position 0 turns nothing. (All offsets are right all the same, "
        "so the scores of a whole text do not show it.)"
    )
    def off_by_one(x, positions, base=10_000.0):
        return turned(x, angles(x, positions + 1, base))

    @mistake(
        "You count positions yourself, 0, 1, 2, …. The ones that come in may begin elsewhere and jump: use `positions`."
    )
    def positions_ignored(x, positions, base=10_000.0):
        return turned(x, angles(x, torch.arange(x.shape[-2]), base))

    @mistake("All positions are one too early. Use them as they come in: position 0 turns nothing.")
    def one_too_early(x, positions, base=10_000.0):
        return turned(x, angles(x, positions - 1, base))

    @mistake("You count from the first position that comes in. It need not be 0: use `positions` as they are.")
    def from_the_first(x, positions, base=10_000.0):
        return turned(x, angles(x, positions - positions[0], base))

    @mistake(
        "`base ** -i / head_dim` is (base ** -i) / head_dim: Python raises to a power first. Put the whole exponent in brackets."
    )
    def divided_after_the_power(x, positions, base=10_000.0):
        return turned(x, positions[:, None] * (base ** -torch.arange(0, x.shape[-1], 2) / x.shape[-1]))

    @mistake(
        "The exponent is 2(i − 1)/head_dim with i from 0. The −1 belongs to papers that count pairs from 1: here pair 0 turns by "
        "1 radian a position."
    )
    def minus_one_copied(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, (torch.arange(0, x.shape[-1], 2) - 2) / x.shape[-1]))

    @mistake(
        "The exponent is (2i + 1)/head_dim: `arange` begins with 1. Begin with 0, so that the first pair turns by 1."
    )
    def odd_numbers(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, torch.arange(1, x.shape[-1], 2) / x.shape[-1]))

    @mistake(
        "You read the pairs of the other layout and write them into your own. Read where you write. "
        + (_HALF if half else _SIDE_BY_SIDE)
    )
    def read_in_the_other_layout(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x, not half)
        return write(x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos())

    @mistake(
        "The layouts are mixed: the angles stand in the order of this layout, and the numbers are turned in pairs of the other. "
        + (_HALF if half else _SIDE_BY_SIDE)
        + " The two numbers of a pair get different angles here, and lengths change."
    )
    def other_pairs_with_these_angles(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        angle = torch.cat([angle, angle], dim=-1) if half else angle.repeat_interleave(2, dim=-1)
        x1, x2 = read(x, not half)
        return x * angle.cos() + write(-x2, x1, not half) * angle.sin()

    @mistake(
        f"`x[:, …]` cuts the second axis, which is the last only if there are two. Numbers stand on the last: "
        f"`{'x[..., :half]' if half else 'x[..., 0::2]'}`."
    )
    def the_second_axis_cut(x, positions, base=10_000.0):
        middle = x.shape[-1] // 2
        x1, x2 = (x[:, :middle], x[:, middle:]) if half else (x[:, 0::2], x[:, 1::2])
        angle = angles(x, positions, base)
        return write(x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos())

    @mistake("The base is always 10,000 here. Use the one that comes in.")
    def base_ignored(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, 10_000.0))

    @mistake(
        "Only the cosine is applied. In a turn each new number takes from both of its pair: the sines are missing."
    )
    def only_the_cosine(x, positions, base=10_000.0):
        c = angles(x, positions, base).cos()
        x1, x2 = read(x)
        return write(x1 * c, x2 * c)

    @mistake(
        "These are (−x₂, x₁), every pair turned by a quarter. It is half of the work: the turn is the pair times the cosine "
        "plus this times the sine."
    )
    def a_quarter_turn(x, positions, base=10_000.0):
        x1, x2 = read(x)
        return write(-x2, x1)

    @mistake("All pairs turn at one speed, 1 radian a position. Pair i turns by position · base^(−2i/head_dim).")
    def one_speed(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, torch.zeros(x.shape[-1] // 2)))

    @mistake(
        "Sine and cosine have changed places. At position 0 nothing turns, and cos 0 is 1: x₁ goes with the cosine."
    )
    def sine_and_cosine_exchanged(x, positions, base=10_000.0):
        return turned(x, math.pi / 2 - angles(x, positions, base))

    @mistake("Both numbers have a plus. One sine has a minus, x₁ cos − x₂ sin; without it lengths change.")
    def both_plus(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        return write(x1 * angle.cos() + x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos())

    @mistake("Later pairs turn faster here: the minus in base^(−2i/head_dim) is missing.")
    def minus_missing(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, -torch.arange(0, x.shape[-1], 2) / x.shape[-1]))

    @mistake("The exponent is 4i/head_dim. `torch.arange(0, head_dim, 2)` is 2i already; divide it by head_dim.")
    def two_twice(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, torch.arange(0, x.shape[-1], 2) / (x.shape[-1] // 2)))

    @mistake(
        "Your exponents reach 1. The last is (head_dim − 2) / head_dim, so `torch.linspace(0, 1, …)` does not fit."
    )
    def exponents_up_to_one(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, torch.linspace(0, 1, x.shape[-1] // 2)))

    @mistake(
        "The right numbers, and each pair is written where the other layout has it. Write it where you read it: "
        + (
            "`torch.cat([…, …], dim=-1)`."
            if half
            else "`torch.stack([…, …], dim=-1).flatten(-2)`, or into `out[..., 0::2]` and `out[..., 1::2]`."
        )
    )
    def written_in_the_other_layout(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base), into=not half)

    @mistake("The two numbers of each pair stand in the other order. x₁ cos − x₂ sin comes where x₁ was.")
    def the_other_order(x, positions, base=10_000.0):
        return write(*read(turned(x, angles(x, positions, base)))[::-1])

    @mistake(
        "The second numbers are worked out with the new first ones. Both need the old. If you write into x: its slices are "
        "views and change with it; write into a new tensor, such as `torch.empty_like(x)`."
    )
    def overwritten(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        x1 = x1 * angle.cos() - x2 * angle.sin()
        return write(x1, x1 * angle.sin() + x2 * angle.cos())

    @mistake("Sines and cosines are added, as in lesson 7. Here nothing is added: each pair is turned.")
    def added(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        return x + write(angle.cos(), angle.sin())

    @mistake(
        "Positions run along the first axis here. They belong to the axis before the last, `length`: angles of shape "
        "(length, head_dim / 2), which any axes in front share."
    )
    def along_the_first_axis(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        return turned(x, angle.reshape(len(positions), *[1] * (x.ndim - 2), -1))

    @mistake("x has only two axes for you. There may be more in front (texts, heads): index from behind, `x[..., ]`.")
    def two_axes_only(x, positions, base=10_000.0):
        _length, _head_dim = x.shape
        return turned(x, angles(x, positions, base))

    @mistake(
        "Positions and speeds are multiplied number by number. Each position meets each speed: a column times a row, "
        "`positions[:, None] * speeds`, or `torch.outer`."
    )
    def position_by_speed(x, positions, base=10_000.0):
        return turned(x, positions * base ** -(torch.arange(0, x.shape[-1], 2) / x.shape[-1]))

    @mistake(
        "Your cosines have head_dim / 2 columns and x has head_dim. Both numbers of a pair get the same angle: "
        + ("lay the angles side by side twice (`cat`)" if half else "repeat each angle (`repeat_interleave`)")
        + ", or turn the two numbers apart."
    )
    def angles_not_doubled(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        return x * angle.cos() + write(-x2, x1) * angle.sin()

    @mistake(
        "The sines stand at the wrong numbers: x₁ keeps its own cosine and gets the sine of x₂, and x₂ that of x₁. "
        "Exchange the two: (−x₂, x₁), not (−x₁, x₂)."
    )
    def not_exchanged(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        return write(x1 * (angle.cos() - angle.sin()), x2 * (angle.cos() + angle.sin()))

    @mistake(
        "The second number has a minus, x₁ sin − x₂ cos: it is x₁ sin + x₂ cos. Only the first number has a minus."
    )
    def minus_in_the_second(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        return write(x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() - x2 * angle.cos())

    @mistake(
        "Both sines have a minus. Only the first number has one, x₁ cos − x₂ sin; the second is x₂ cos + x₁ sin. With two, "
        "lengths change."
    )
    def both_minus(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        return write(x1 * angle.cos() - x2 * angle.sin(), x2 * angle.cos() - x1 * angle.sin())

    @mistake(
        "Each number has an angle of its own here: `torch.arange(head_dim) / head_dim` makes head_dim of them. The two numbers "
        "of a pair turn by one angle: `torch.arange(0, head_dim, 2) / head_dim`."
    )
    def an_angle_for_each_number(x, positions, base=10_000.0):
        angle = angles(x, positions, base, torch.arange(x.shape[-1]) / x.shape[-1])
        x1, x2 = read(x)
        return x * angle.cos() + write(-x2, x1) * angle.sin()

    @mistake(
        "You have head_dim angles, one for each number, and the parts of x that you turn have head_dim / 2 numbers. There is an "
        "angle for each *pair*: `torch.arange(0, head_dim, 2) / head_dim`."
    )
    def more_angles_than_pairs(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base, torch.arange(x.shape[-1]) / x.shape[-1]))

    @mistake("A turn is 2π radians, but pair 0 turns by 1 radian a position: no π comes into the angles.")
    def with_two_pi(x, positions, base=10_000.0):
        return turned(x, 2 * math.pi * angles(x, positions, base))

    @mistake(
        "`x.chunk(2)` cuts along the first axis, between tokens. Halves of each vector are `x.chunk(2, dim=-1)`."
        if half
        else "`x[0::2]` takes every other token. Every other *number* is `x[..., 0::2]`."
    )
    def cut_between_tokens(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = x.chunk(2) if half else (x[0::2], x[1::2])
        return write(x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos())

    @mistake(
        "The pairs stand along an axis of their own, so there is one axis too many. "
        + ("Join the halves: `torch.cat([…, …], dim=-1)`." if half else "`.flatten(-2)` lays them in a row.")
    )
    def one_axis_too_many(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        return torch.stack([x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos()], dim=-1)

    @mistake(
        "You count `x.shape[1]` positions yourself. That is the length only for three axes: it stands second from behind, "
        "`x.shape[-2]`. And there is nothing to count: use `positions` as they come in."
    )
    def counted_along_the_second_axis(x, positions, base=10_000.0):
        return turned(x, angles(x, torch.arange(x.shape[1]), base))

    @mistake(
        "You cut the angles to `x.shape[1]` rows. That is the length only for three axes: it stands second from behind, "
        "`x.shape[-2]`. But `positions` has the right length already, so there is nothing to cut."
    )
    def cut_to_the_second_axis(x, positions, base=10_000.0):
        return turned(x, angles(x, positions, base)[: x.shape[1]])

    @mistake(
        "`cat` without `dim` joins along the first axis: the new second numbers stand below the first. "
        + (
            "Join the halves side by side: `dim=-1`."
            if half
            else "Lay the pairs side by side: `torch.stack`, `dim=-1`."
        )
    )
    def joined_below(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        return torch.cat([x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos()])

    @mistake(
        "`stack` without `dim` puts a new axis in front. "
        + (
            "Join the halves: `torch.cat([…, …], dim=-1)`."
            if half
            else "The two numbers of a pair belong side by side: `dim=-1`, and then `.flatten(-2)`."
        )
    )
    def stacked_in_front(x, positions, base=10_000.0):
        angle = angles(x, positions, base)
        x1, x2 = read(x)
        both = torch.stack([x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos()])
        return both if half else both.flatten(-2)

    @mistake(
        "The numbers are right, but they are written into x itself, and whoever handed it over has lost the old ones. Write into "
        "a new tensor, such as `torch.empty_like(x)`."
    )
    def written_into_x(x, positions, base=10_000.0):
        x[...] = turned(x, angles(x, positions, base))
        return x

    @mistake(
        "The positions run backwards: the first row is turned by the last of them. Row i stands at `positions[i]`."
    )
    def positions_backwards(x, positions, base=10_000.0):
        return turned(x, angles(x, positions.flip(0), base))

    @mistake("These are the angles. Turn the numbers of x by them.")
    def the_angles(x, positions, base=10_000.0):
        return angles(x, positions, base)

    return {
        "parts": (
            Part("the usual base", 1, default_base, dtype="kind"),
            Part("texts and heads in front", 1, heads_and_texts, dtype="kind"),
            Part("another base", 1, other_bases, dtype="kind"),
        ),
        "mistakes": (
            the_other_layout,
            sine_flipped,
            exponent_i_over_d,
            layouts_mixed,
            off_by_one,
            one_too_early,
            positions_ignored,
            from_the_first,
            divided_after_the_power,
            minus_one_copied,
            odd_numbers,
            read_in_the_other_layout,
            other_pairs_with_these_angles,
            the_second_axis_cut,
            base_ignored,
            only_the_cosine,
            a_quarter_turn,
            one_speed,
            sine_and_cosine_exchanged,
            both_plus,
            minus_missing,
            two_twice,
            exponents_up_to_one,
            written_in_the_other_layout,
            the_other_order,
            overwritten,
            added,
            along_the_first_axis,
            two_axes_only,
            position_by_speed,
            angles_not_doubled,
            minus_in_the_second,
            both_minus,
            an_angle_for_each_number,
            more_angles_than_pairs,
            with_two_pi,
            not_exchanged,
            cut_between_tokens,
            one_axis_too_many,
            counted_along_the_second_axis,
            cut_to_the_second_axis,
            joined_below,
            stacked_in_front,
            written_into_x,
            positions_backwards,
            the_angles,
        ),
    }


def _rotate_half() -> Exercise:
    return Exercise(
        name="rotate_half",
        title="Every pair turned, in halves",
        lesson=8,
        reference=reference.rotate_half,
        **_rotated("half"),
    )


def _rotate_interleaved() -> Exercise:
    return Exercise(
        name="rotate_interleaved",
        title="Every pair turned, side by side",
        lesson=8,
        reference=reference.rotate_interleaved,
        **_rotated("interleaved"),
    )


def _only_the_offset_matters() -> Exercise:
    def on(*specimens: str) -> Callable[[Rng], Iterator[Case]]:
        return lambda rng: (Case((specimen,)) for specimen in specimens)

    right = ("half", "a learned table, added", "interleaved", "sines and cosines, added")
    elsewhere = (
        "sine flipped",
        "mixed layout",
        "exponent i/d",
        "another base",
        "off by one",
        "nothing is turned",
        "turned, and twice as long",
        "x cos and x sin side by side",
        "x forgotten, a pattern moved on",
    )
    absolute = (
        "turned by the square of the position",
        "half",
        "longer with each position",
        "counted down to 64, then up",
        "a learned table of small numbers, added",
        "off by one",
    )
    late = ("a table of angles that ends at 64", "interleaved")
    assert {*right, *elsewhere, *absolute, *late} == set(SPECIMENS)

    def vectors(dim=8):
        return torch.randn(2, 1, dim, generator=torch.Generator().manual_seed(1))

    def score(turn, m, n, dim=8):
        q, k = vectors(dim)
        return (turn(q, torch.tensor([m])) * turn(k, torch.tensor([n]))).sum()

    def same(one, other):
        return torch.allclose(one, other, atol=1e-4)

    @mistake(
        "You compare with one right rotation. The law does not say which pairs turn, how fast or which way round: compare "
        "`turn` with itself at other positions."
    )
    def compared_with_one_layout(turn):
        q, _ = vectors()
        return same(turn(q, torch.tensor([5])), SPECIMENS["half"](q, torch.tensor([5])))

    @mistake(
        "You compare what need not be the same: the turned vectors themselves, or scores at two different offsets. It is the "
        "score of a query at m and a key at n that must equal the score at m + s and n + s."
    )
    def vectors_compared(turn):
        q, _ = vectors()
        return same(turn(q, torch.tensor([5])), turn(q, torch.tensor([105])))

    @mistake(
        "You look at offset 0 alone. It stays in anything that turns, even by the square of the position. Take a query and a key "
        "at different places."
    )
    def offset_0_alone(turn):
        return same(score(turn, 5, 5), score(turn, 105, 105))

    @mistake("You ask whether nothing turns at position 0. That is another law; one that counts from 1 keeps this one.")
    def identity_at_0(turn):
        q, _ = vectors()
        return same(turn(q, torch.tensor([0])), q)

    @mistake(
        "You ask whether lengths are kept. That is another law; turned by the square of the position they are, too."
    )
    def length_kept(turn):
        q, _ = vectors()
        return same(turn(q, torch.tensor([5])).norm(), q.norm())

    @mistake(
        "You expect the same score at offsets +3 and −3. Direction counts: shift both positions, and leave their difference, "
        "sign included, as it is."
    )
    def sign_forgotten(turn):
        return same(score(turn, 5, 2), score(turn, 2, 5))

    @mistake(
        "Your shift is too small to cross position 64, or both places lie beyond it. What ends there, or counts down to it and "
        "then up, is right on either side: take one place near the beginning, and shift by 100."
    )
    def first_positions_alone(turn):
        return all(same(score(turn, 5, 2), score(turn, 5 + shift, 2 + shift)) for shift in range(1, 30))

    @mistake(
        "A head of two numbers is one pair, and with one pair the mixed layout is no mixture. Take a head dimension of 4 or more."
    )
    def a_head_of_two(turn):
        return same(score(turn, 5, 2, dim=2), score(turn, 105, 102, dim=2))

    @mistake(
        "Your query is its own key (or both are all ones). Then direction cancels, +3 and −3 score alike, and what turns back "
        "half-way looks right: take two different vectors."
    )
    def a_query_with_itself(turn):
        q, _ = vectors()
        return same(
            (turn(q, torch.tensor([5])) * turn(q, torch.tensor([2]))).sum(),
            (turn(q, torch.tensor([105])) * turn(q, torch.tensor([102]))).sum(),
        )

    @mistake(
        "You divide the lengths out. The score is the bare dot product, and what grows with the position changes it."
    )
    def lengths_divided_out(turn):
        q, k = vectors()

        def cosine(m, n):
            return torch.cosine_similarity(turn(q, torch.tensor([m])), turn(k, torch.tensor([n])))

        return same(cosine(5, 2), cosine(105, 102))

    @mistake(
        "The bare query takes for granted that position 0 turns nothing. A rotation that counts from 1 keeps the law all the "
        "same: turn both, at two places."
    )
    def a_bare_query(turn):
        q, k = vectors()
        return same(score(turn, 5, 2), (q * turn(k, torch.tensor([-3]))).sum())

    @mistake("`abs` is missing: a difference below zero is below 0.0001 as well.")
    def abs_missing(turn):
        q, k = torch.randn(2, 1, 8)
        near = (turn(q, torch.tensor([5])) * turn(k, torch.tensor([2]))).sum()
        return bool(near - (turn(q, torch.tensor([105])) * turn(k, torch.tensor([102]))).sum() < 1e-4)

    @mistake("Your tolerance is so wide that small tables pass. float32 rounds by some 0.00001 here; 0.0001 is enough.")
    def wide_tolerance(turn):
        return bool(abs(score(turn, 5, 2) - score(turn, 105, 102)) < 2)

    @mistake(
        "`==` and `torch.equal` want the same last bit, and float32 rounds. Compare with `torch.allclose(…, atol=1e-4)`."
    )
    def to_the_last_bit(turn):
        q, k = torch.randn(2, 1, 8)
        near = (turn(q, torch.tensor([5])) * turn(k, torch.tensor([2]))).sum()
        return bool(near == (turn(q, torch.tensor([105])) * turn(k, torch.tensor([102]))).sum())

    @mistake("Yes and no are exchanged: True means that only the offset matters.")
    def yes_and_no_exchanged(turn):
        return not reference.only_the_offset_matters(turn)

    @mistake(
        "Your test says True to everything. Let it compare a score at two places. If it does: is `abs` missing, or are query and "
        "key all ones?"
    )
    def always_yes(turn):
        return True

    @mistake(
        "Your test says False to everything, to right rotations too. Use one query and one key at all places: other vectors "
        "have other scores. And print the two numbers that it compares."
    )
    def always_no(turn):
        return False

    @mistake("You hand over both scores, or their difference. The test decides: return True or False.")
    def a_difference(turn):
        return score(turn, 5, 2) - score(turn, 105, 102)

    return Exercise(
        name="only_the_offset_matters",
        title="A test that tells relative from absolute",
        lesson=8,
        reference=reference.only_the_offset_matters,
        parts=(
            Part("right rotations and added tables", 1, on(*right)),
            Part("rotations that are wrong elsewhere", 1, on(*elsewhere)),
            Part("small and hidden dependence on the place", 1, on(*absolute)),
            Part("wrong only at late positions", 1, on(*late)),
        ),
        mistakes=(
            compared_with_one_layout,
            vectors_compared,
            offset_0_alone,
            identity_at_0,
            length_kept,
            sign_forgotten,
            first_positions_alone,
            a_head_of_two,
            a_query_with_itself,
            lengths_divided_out,
            a_bare_query,
            abs_missing,
            wide_tolerance,
            to_the_last_bit,
            yes_and_no_exchanged,
            always_yes,
            always_no,
            a_difference,
        ),
        probe=probes.on_specimen,
    )


def _rope_saving() -> Exercise:
    def entry(label: str, key: str, within: float = 0.0) -> Part:
        def cases(rng: Rng) -> Iterator[Case]:
            for positions, dim, layers, heads, kv_heads, head_dim, has_table in (
                (10, 8, 3, 4, 2, 6, True),
                (20, 6, 2, 5, 1, 4, False),
                (1_024, 768, 12, 12, 12, 64, True),
                (8_192, 4_096, 32, 32, 8, 128, False),
                (300, 10, 5, 6, 3, 8, True),
            ):
                table = positions * dim
                others = int(
                    rng.integers(table // 3, table) if positions == 300 else rng.integers(2 * table, 20 * table)
                )
                yield Case(
                    (
                        {
                            "total": others + has_table * table,
                            "position": has_table * table,
                            "max_positions": positions,
                            "hidden_size": dim,
                            "layers": layers,
                            "heads": heads,
                            "kv_heads": kv_heads,
                            "head_dim": head_dim,
                        },
                    ),
                    entry=key,
                )

        return Part(label, 1, cases, dtype="number", within=within)

    def rope_saving(model):
        return answers(model)

    def answers(model, **others):
        rope, table = model["total"] - model["position"], model["max_positions"] * model["hidden_size"]
        kept = 2 * model["layers"] * model["kv_heads"] * model["head_dim"]
        right = {
            "with_rope": rope,
            "share": table / (rope + table),
            "per_position": model["hidden_size"],
            "kept": kept,
        }
        return right | others

    def share(model, table):
        return table / (model["total"] - model["position"] + table)

    def table_of(model):
        return model["max_positions"] * model["hidden_size"]

    @mistake(
        "A learned table is added once, at the bottom. It is not there again in each layer, so neither is its row."
    )
    def a_table_in_each_layer(model):
        times = model["layers"]
        return answers(
            model,
            with_rope=model["total"] - times * model["position"],
            share=share(model, times * table_of(model)),
            per_position=times * model["hidden_size"],
        )

    @mistake(
        "A learned table is added to whole rows of `hidden_size`, below all heads. It is not there again for each head."
    )
    def a_table_for_each_head(model):
        times = model["heads"]
        return answers(
            model,
            with_rope=model["total"] - times * model["position"],
            share=share(model, times * table_of(model)),
            per_position=times * model["hidden_size"],
        )

    @mistake(
        "A row of the table is not as long as one head: it is added to what all heads read, `hidden_size` numbers."
    )
    def rows_of_a_head(model):
        table = model["max_positions"] * model["head_dim"]
        return answers(model, share=share(model, table), per_position=model["head_dim"])

    @mistake(
        "The speeds, one for each pair, are counted. They are worked out from base and head dimension: no parameters."
    )
    def speeds_counted(model):
        rope = model["total"] - model["position"] + model["head_dim"] // 2
        return answers(
            model, with_rope=rope, share=(table_of(model) - model["head_dim"] // 2) / (rope + table_of(model))
        )

    @mistake(
        "Speeds are counted, for each layer. They are worked out from base and head dimension: no parameters in any layer."
    )
    def speeds_of_each_layer_counted(model):
        return answers(model, with_rope=model["total"] - model["position"] + model["layers"] * model["head_dim"] // 2)

    @mistake(
        "Speeds are counted, for each head of each layer. They are the same for all, and worked out from base and head "
        "dimension: no parameters."
    )
    def speeds_of_each_head_counted(model):
        speeds = model["layers"] * model["heads"] * model["head_dim"] // 2
        return answers(model, with_rope=model["total"] - model["position"] + speeds)

    @mistake("Speeds are taken off what is left. RoPE has no parameters: what goes is the table alone.")
    def speeds_taken_off(model):
        return answers(model, with_rope=model["total"] - model["position"] - model["head_dim"] // 2)

    @mistake(
        "Cosines and sines are counted, for each position. They may be kept, but they are worked out: nothing of them is trained."
    )
    def cosines_counted(model):
        return answers(model, with_rope=model["total"] - model["position"] + model["max_positions"] * model["head_dim"])

    @mistake("The base is chosen by hand and stands in the `config.json`. It is not trained.")
    def the_base_counted(model):
        return answers(model, with_rope=model["total"] - model["position"] + 1)

    @mistake(
        "You take a table off that is not there: where `position` is 0, the total counts none. Take off `position`."
    )
    def a_table_taken_off_that_is_not_there(model):
        rope = model["total"] - table_of(model)
        return answers(model, with_rope=rope, share=table_of(model) / model["total"])

    @mistake(
        "`total` counts no table where `position` is 0, and then what you divide by lacks it. The share is of all parameters "
        "*with* a table: divide by what is left plus the table."
    )
    def share_of_the_total(model):
        return answers(model, share=table_of(model) / model["total"])

    @mistake("With RoPE the table goes, and its parameters with it: take `position` off the total.")
    def nothing_taken_off(model):
        return answers(model, with_rope=model["total"], share=table_of(model) / (model["total"] + table_of(model)))

    @mistake("The table is added to a total that may have it already. With RoPE it goes: take `position` off.")
    def the_table_added(model):
        return answers(model, with_rope=model["total"] + table_of(model))

    @mistake(
        "You divide by what is left without a table. The share is of all parameters *with* one: what is left, plus the table."
    )
    def share_of_what_is_left(model):
        return answers(model, share=table_of(model) / (model["total"] - model["position"]))

    @mistake(
        "You divide the table that the total counts, and for a model without one that is 0. Asked for is what a table of "
        "`max_positions` rows *would* take."
    )
    def share_of_the_table_that_is_there(model):
        return answers(model, share=model["position"] / model["total"])

    @mistake("This is a percentage. A share lies between 0 and 1.")
    def a_percentage(model):
        return answers(model, share=100 * share(model, table_of(model)))

    @mistake("This is the share that stays. Wanted is the share that is saved.")
    def what_stays(model):
        return answers(model, share=1 - share(model, table_of(model)))

    @mistake("These are bytes in float32, four for each number. Asked for are parameters, and numbers.")
    def bytes_in_float32(model):
        right = answers(model)
        return {key: number if key == "share" else 4 * number for key, number in right.items()}

    @mistake(
        "Everything is doubled. If you counted bytes of sixteen bits: asked for are parameters, and numbers. (The 2 of keys and "
        "values counts once, and in `kept` alone.)"
    )
    def doubled(model):
        right = answers(model)
        return {key: number if key == "share" else 2 * number for key, number in right.items()}

    @mistake(
        "A row is `hidden_size` long, and heads · head_dim need not be that: a layer maps its rows to queries of another length."
    )
    def rows_of_all_heads(model):
        row = model["heads"] * model["head_dim"]
        return answers(model, share=share(model, model["max_positions"] * row), per_position=row)

    @mistake("This is the whole table. Asked for is what one position more adds to it: one row.")
    def the_whole_table(model):
        return answers(model, per_position=table_of(model))

    @mistake("A table with one position more has one row more. It is RoPE that adds nothing.")
    def no_row(model):
        return answers(model, per_position=0)

    @mistake("Keys alone, or values alone. Both are kept, though RoPE turns only the keys.")
    def keys_alone(model):
        return answers(model, kept=answers(model)["kept"] // 2)

    @mistake("This is one layer. Each layer has keys and values of its own.")
    def one_layer(model):
        return answers(model, kept=2 * model["kv_heads"] * model["head_dim"])

    @mistake("You count heads of queries. Keys and values have `kv_heads`, which may be fewer (lesson 6).")
    def heads_of_queries(model):
        return answers(model, kept=2 * model["layers"] * model["heads"] * model["head_dim"])

    @mistake("A key is not as long as a row of the model. In a layer there are `kv_heads` keys of `head_dim` numbers.")
    def rows_for_keys(model):
        return answers(model, kept=2 * model["layers"] * model["hidden_size"])

    @mistake("This is one head in each layer. There are `kv_heads` of them.")
    def one_head(model):
        return answers(model, kept=2 * model["layers"] * model["head_dim"])

    @mistake("Queries are counted too. A later token brings its own; of those before it, it needs keys and values.")
    def queries_kept(model):
        return answers(model, kept=model["layers"] * model["head_dim"] * (model["heads"] + 2 * model["kv_heads"]))

    @mistake("This is for a text of full length. Asked for is one token.")
    def kept_for_a_whole_text(model):
        return answers(model, kept=answers(model)["kept"] * model["max_positions"])

    @mistake("RoPE saves a table, and no keys or values: they are kept in all layers, turned or not.")
    def nothing_kept(model):
        return answers(model, kept=0)

    return Exercise(
        name="rope_saving",
        title="What no table saves",
        lesson=8,
        reference=rope_saving,
        parts=(
            entry("parameters with RoPE", "with_rope"),
            entry("the share that is saved", "share", within=0.0005),
            entry("parameters for a position more", "per_position"),
            entry("what is kept of each token", "kept"),
        ),
        mistakes=(
            a_table_in_each_layer,
            a_table_for_each_head,
            rows_of_a_head,
            rows_of_all_heads,
            speeds_counted,
            speeds_of_each_layer_counted,
            speeds_of_each_head_counted,
            speeds_taken_off,
            cosines_counted,
            the_base_counted,
            share_of_the_total,
            a_table_taken_off_that_is_not_there,
            nothing_taken_off,
            the_table_added,
            share_of_what_is_left,
            share_of_the_table_that_is_there,
            a_percentage,
            what_stays,
            bytes_in_float32,
            doubled,
            the_whole_table,
            no_row,
            keys_alone,
            one_layer,
            heads_of_queries,
            rows_for_keys,
            one_head,
            queries_kept,
            kept_for_a_whole_text,
            nothing_kept,
        ),
    )


def _key_for_offset() -> Exercise:
    def with_turns(*specimens: str) -> Callable[[Rng], Iterator[Case]]:
        def cases(rng: Rng) -> Iterator[Case]:
            for specimen, dim, offset in zip(specimens * 2, (4, 4, 8, 6, 2, 8), (1, 3, 20, 2, 1, 7), strict=False):
                yield Case((specimen, _tensor(rng, dim), offset))

        return cases

    def keys_behind(rng: Rng) -> Iterator[Case]:
        for dim, offset in ((4, -1), (6, -3), (8, 0), (8, -20)):
            yield Case(("half", _tensor(rng, dim), offset))

    def turned(turn, q, position):
        return turn(q[None], torch.tensor([position]))[0]

    @mistake(
        "This key fits a query that stands as far on the other side. The score is q · (turn by n − m) k, so the turn by n − m "
        "must bring your key onto q."
    )
    def turned_back(turn, q, offset):
        return turned(turn, q, -offset)

    @mistake(
        "With the query itself as key the score is the largest at offset 0. Turn it, to put the largest elsewhere."
    )
    def the_query_itself(turn, q, offset):
        return q.clone()

    @mistake("Your key is turned by 1, whatever the offset is.")
    def turned_by_one(turn, q, offset):
        return turned(turn, q, 1)

    @mistake("Your key is turned twice as far: it will be turned once more, by its own position, when it is used.")
    def turned_twice(turn, q, offset):
        return turned(turn, q, 2 * offset)

    @mistake("The turn is that of a layout of your own. Use `turn`: it knows which numbers make a pair, and how fast.")
    def a_turn_of_its_own(turn, q, offset):
        return turned(SPECIMENS["half"], q, offset)

    @mistake("You put the offset into the numbers. Only a turn by it puts the largest score there.")
    def offset_added(turn, q, offset):
        return q + offset

    @mistake("The numbers are multiplied by the offset: a longer key, in the old direction.")
    def offset_multiplied(turn, q, offset):
        return q * offset

    @mistake("Your key has length 1. It must be as long as q.")
    def of_length_one(turn, q, offset):
        return turned(turn, q, offset) / q.norm()

    @mistake("This key has the smallest score there, not the largest: it points the other way.")
    def the_opposite(turn, q, offset):
        return -turned(turn, q, offset)

    @mistake("`turn` returns a row for each position, here (1, head_dim). Take its only row.")
    def a_table_of_one_row(turn, q, offset):
        return turn(q[None], torch.tensor([offset]))

    @mistake("You hand over the score. Wanted is the key that has it.")
    def the_score(turn, q, offset):
        return q @ q

    return Exercise(
        name="key_for_offset",
        title="A key for one offset",
        lesson=8,
        reference=reference.key_for_offset,
        parts=(
            Part("rotations in halves", 1, with_turns("half", "another base", "half")),
            Part("other pairs, speeds and directions", 1, with_turns("interleaved", "sine flipped", "exponent i/d")),
            Part("a query before its key", 1, keys_behind),
        ),
        mistakes=(
            turned_back,
            the_query_itself,
            turned_by_one,
            turned_twice,
            a_turn_of_its_own,
            offset_added,
            offset_multiplied,
            of_length_one,
            the_opposite,
            a_table_of_one_row,
            the_score,
        ),
        probe=probes.with_specimen,
    )


EXERCISES = (
    _rotate_pair(),
    _inverse_frequencies(),
    _unfinished_turns(),
    _rotate_half(),
    _rotate_interleaved(),
    _only_the_offset_matters(),
    _rope_saving(),
    _key_for_offset(),
    *PRACTICE_EXERCISES,
)
