"""The pictures, the explorer and the bug hunt of lesson 9: what they say is what is so."""

import inspect

import numpy as np
import pytest
import torch

from embedcourse.marking import mark
from embedcourse.positions.training import stored_lengths
from embedcourse.rope import explore, hunt, inverse_frequencies, practice, practice_figures, rotate
from embedcourse.rope.longer import stored_methods
from embedcourse.rope.practice_exercises import PRACTICE_EXERCISES
from embedcourse.showing.figure import figure_html

ONE = torch.tensor([1])
BUG_HUNT = next(exercise for exercise in PRACTICE_EXERCISES if exercise.name == "bug_hunt")


def test_the_masks_are_those_of_a_loop():
    figure, alt = practice_figures.masks(new=2, past=3)
    assert "upper left, query 3 sees 1 key, query 4 sees 2 keys." in alt
    assert "lower right, query 3 sees 4 keys, query 4 sees 5 keys." in alt
    right = [text.get_text() for text in figure.axes[1].texts]
    assert right == [str(int(key <= 3 + query)) for query in range(2) for key in range(5)]


def test_no_method_is_at_the_star():
    alt = practice_figures.trade(stored_methods(), (64, 256))[1]
    assert "linear 0.63 (0.59 to 0.73) and 1.00 (1.00 to 1.00); NTK 1.00 (1.00 to 1.00) and 0.20 (0.20 to 0.21);" in alt
    assert (
        "YaRN 0.98 (0.96 to 0.99) and 0.32 (0.31 to 0.34); Llama 3 0.99 (0.97 to 0.99) and 0.41 (0.39 to 0.42). A star"
        in alt
    )


def test_the_rows_of_both_layouts_are_drawn_where_the_conversion_puts_them():
    figure, alt = practice_figures.rows_moved(n_heads=2, kv_heads=1, head_dim=8)
    drawn = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert drawn[0] == [f"row {row}, pair {row % 8 // 2}" for row in range(16)]
    orders = [[int(text.split()[1].rstrip(",")) for text in column] for column in drawn]
    assert orders[1] == [0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]
    assert (orders[2], orders[3], orders[4]) == ([*range(8)], orders[1][:8], [0, 2, 1, 3, 4, 6, 5, 7])
    for column, axes in zip(drawn, figure.axes, strict=True):
        colors = {}
        for text, box in zip(column, axes.patches, strict=True):
            colors.setdefault(text.partition(", ")[2], set()).add(box.get_facecolor())
        assert all(len(of_pair) == 1 for of_pair in colors.values())
        assert len(set.union(*colors.values())) == len(colors) == 4
    assert "W_k after: 1 head, rows 0 2 4 6 1 3 5 7; half code turns 0 and 1, 2 and 3, 4 and 5, 6 and 7" in alt
    assert "W_k wrong: cut as 2 heads, rows 0 2 1 3 4 6 5 7; half code turns 0 and 4, 2 and 6, 1 and 5" in alt


@pytest.mark.parametrize(
    ("method", "factor", "says"),
    [
        (
            "linear",
            1,
            "nothing is slowed (factor 1), texts of 8,192 tokens. Pairs with angles that training has not shown: 23; ",
        ),
        ("linear", 4, "has not shown: 0; at full speed: 0; divided by 4: 64; between: 0."),
        ("NTK", 4, "has not shown: 22; at full speed: 1; divided by 4: 1; between: 62."),
        ("NTK", 8, "has not shown: 1; "),
        ("NTK", 9, "has not shown: 0; at full speed: 1; "),
        ("YaRN", 4, "has not shown: 0; at full speed: 17; "),
        ("Llama 3", 4, "has not shown: 0; at full speed: 31; "),
        ("Llama 3", 2, "has not shown: 23; "),
    ],
)
def test_the_explorer_counts_pairs_that_meet_new_angles(method, factor, says):
    figure, alt = explore.draw_scaling(method, 4, factor, 10_000.0)
    assert says in alt
    told = alt.partition("has not shown: ")[2].partition(";")[0]
    assert f"new angles: {told} of 64 pairs." in figure.axes[0].get_title()


@pytest.mark.parametrize(("factor", "says"), [(4, 5_050), (8, 7_930)])
def test_how_long_a_text_the_corner_allows(factor, says):
    before = inverse_frequencies(128).double()
    after = practice.scaled_inverse_frequencies(128, 10_000.0, "ntk", float(factor)).double()
    allowed = max(
        length for length in range(2_048, 9_000) if not practice.unseen_angles(before, after, 2_048, length).any()
    )
    assert abs(allowed - says) <= 5


def test_a_larger_base_leaves_more_pairs_without_a_turn():
    assert "has not shown: 35;" in explore.draw_scaling("NTK", 4, 1, 500_000.0)[1]


def test_a_text_no_longer_than_those_of_training_has_no_new_angles():
    controls = explore.scaling_over_wavelengths().controls
    assert min(times for _, times in controls["times"].options) == min(controls["factor"].options) == 1
    for method in controls["method"].options:
        figure, alt = explore.draw_scaling(method, 1, 1, 10_000.0)
        for said in (figure.axes[0].get_title(), alt):
            assert "nothing is slowed" in said
            assert "texts of 2,048 tokens, no longer than in training" in said
        assert "has not shown: 0; at full speed: 64." in alt


def test_new_angles_are_those_of_a_longer_walk():
    before = inverse_frequencies(64).double()
    for method in (None, *explore.METHODS.values()):
        after = practice.frequencies_for(64, 10_000.0, method, 32, 128).double()
        told = practice.unseen_angles(before, after, 32, 128).tolist()
        for speed, slow, unseen in zip(before.tolist(), after.tolist(), told, strict=True):
            shown, met = 32 * speed, 128 * slow
            assert unseen == (shown < 2 * torch.pi and met > shown * 1.00001)


def test_each_control_of_the_explorer_changes_the_picture():
    explorer = explore.scaling_over_wavelengths()
    first = explorer.draw()["text/plain"]
    for control in explorer.controls.values():
        begun, seen = control.value, set()
        for choice in control.options:
            control.value = choice[1] if isinstance(choice, tuple) else choice
            seen.add(explorer.draw()["text/plain"])
        assert len(seen) == len(control.options)
        assert first in seen
        control.value = begun


def test_a_picture_is_the_same_bytes_each_time():
    first, second = (figure_html(*explore.draw_scaling("YaRN", 4, 4, 10_000.0)) for _ in range(2))
    assert first == second


def test_pieces_give_what_the_whole_gives():
    q, k, v = torch.randn(3, 9, 8, generator=torch.Generator().manual_seed(0))
    whole, (keys, values) = practice.attend_with_cache(q, k, v, None)
    outputs, cache = [], None
    for piece in (slice(0, 4), slice(4, 5), slice(5, 9)):
        output, cache = practice.attend_with_cache(q[piece], k[piece], v[piece], cache)
        outputs.append(output)
    torch.testing.assert_close(torch.cat(outputs), whole)
    torch.testing.assert_close(cache, (keys, values))
    torch.testing.assert_close(keys, rotate(k, torch.arange(9)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float8_e4m3fn, torch.float8_e5m2])
def test_the_first_position_lost_is_found_by_counting_up(dtype):
    counted = next(n for n in range(100_000) if torch.tensor(n).to(dtype).item() != n)
    assert practice.first_position_lost(dtype) == counted


def test_counting_for_ever_comes_to_an_end_and_gets_its_sentence():
    def answer(dtype):
        n = 0
        while torch.tensor(n).to(dtype) == n:
            n += 1
        return n

    exercise = next(exercise for exercise in PRACTICE_EXERCISES if exercise.name == "first_position_lost")
    report = mark(exercise, answer)
    assert "stopped after" in report.failure.detail
    assert report.mistake == "counted for ever"


def test_counting_up_step_by_step_is_not_stopped():
    def answer(dtype):
        n = 0
        while torch.tensor(n).to(dtype).to(torch.float64).item() == n:
            n += 1
        return n

    exercise = next(exercise for exercise in PRACTICE_EXERCISES if exercise.name == "first_position_lost")
    assert mark(exercise, answer).status == "passed"


def test_the_right_rotation_of_the_hunt_is_the_courses():
    x, positions = torch.randn(4, 8, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 3, 1, 40])
    for base in (10_000.0, 100.0):
        torch.testing.assert_close(hunt.right(x, positions, base), rotate(x, positions, base), rtol=0, atol=1e-5)


def test_what_is_hunted_hides_where_the_lesson_says():
    two, four = torch.ones(1, 2), torch.ones(1, 4)
    for name in hunt.HUNTED:
        assert not hunt.differs(name, [(four, 0 * ONE, 100.0)]), "nothing turns at position 0"
        assert not hunt.differs(name, [(0 * four, ONE, 100.0)])
        assert hunt.differs(name, [(two, ONE, 100.0), (two, ONE, 10.0)]) == (name == "b")
        assert hunt.differs(name, [(four, ONE, 100.0)]) == (name != "d")
        assert hunt.differs(name, [(four, ONE, 100.0), (four, ONE, 10.0)])
        assert "    return" in inspect.getsource(getattr(hunt, name))
    assert not hunt.differs("c", [(torch.tensor([[1.0, 0.0, 1.0, 0.0]]), ONE, 100.0)]), "pair 1 is empty"
    assert not hunt.differs("d", [(four, ONE, 100.0), (two, ONE, 10.0)])


def test_nothing_smaller_exposes_any_of_them():
    """Below the fewest numbers: heads of two, or a single head of four for d. Random numbers, positions and bases."""
    g = torch.Generator().manual_seed(0)
    for _ in range(200):
        base, other = (10.0 ** (5 * torch.rand(2, generator=g))).tolist()
        place = torch.randint(1, 5_000, (1,), generator=g)
        two, four = torch.randn(1, 2, generator=g), torch.randn(1, 4, generator=g)
        assert not any(hunt.differs(name, [(two, place, base)]) for name in "ac")
        assert not hunt.differs("d", [(four, place, base)])
        assert not hunt.differs("d", [(two, place, base), (two, place, other)])
        assert not hunt.differs("d", [(two, place, base), (four, place, other)])


@pytest.mark.parametrize(
    ("calls", "says"),
    [
        ([], "give a list of calls"),
        ((torch.ones(1, 4), ONE, 1.0), "give a list of calls"),
        (None, "give a list of calls"),
        ([(torch.ones(1, 4), ONE)], "three things"),
        ([(torch.ones(1, 4), ONE, 10.0, "half")], "three things"),
        ([torch.ones(1, 4)], "three things"),
        ([(torch.ones(4), ONE, 10.0)], "two axes"),
        ([(torch.ones(1, 1, 4), ONE, 10.0)], "two axes"),
        ([([[1.0, 1.0]], ONE, 10.0)], "two axes"),
        ([(torch.ones(1, 4, dtype=torch.int64), ONE, 10.0)], "hold floats"),
        ([(torch.ones(1, 4).bool(), ONE, 10.0)], "hold floats"),
        ([(torch.ones(0, 4), ONE[:0], 10.0)], "at least one row"),
        ([(torch.ones(1, 3), ONE, 10.0)], "even number of columns"),
        ([(torch.full((1, 4), torch.nan), ONE, 10.0)], "NaN"),
        ([(torch.ones(1, 4), 1, 10.0)], "positions must be a tensor"),
        ([(torch.ones(1, 4), "1", 10.0)], "positions must be a tensor"),
        ([(torch.ones(1, 4), torch.arange(4), 10.0)], "positions must be a tensor"),
        ([(torch.ones(1, 4), ONE.bool(), 10.0)], "whole numbers"),
        ([(torch.ones(1, 4), torch.tensor([0.5]), 10.0)], "whole numbers"),
        ([(torch.ones(1, 4), torch.tensor([torch.inf]), 10.0)], "whole numbers"),
        ([(torch.ones(1, 4), -ONE, 10.0)], "whole numbers"),
        ([(torch.ones(1, 4), ONE, 0)], "base must be"),
        ([(torch.ones(1, 4), ONE, "100")], "base must be"),
        ([(torch.ones(1, 4), ONE, torch.tensor(100.0))], "base must be"),
        ([(torch.ones(1, 4), ONE, 10**400)], "base must be"),
        ([(torch.ones(1, 4), ONE, True)], "base must be"),
    ],
)
def test_calls_that_cannot_be_made_are_told_what_to_do(calls, says):
    fine = [(torch.ones(1, 4), ONE, 100.0)]
    for name in hunt.HUNTED:
        for malformed in (calls, fine + calls) if type(calls) is list and calls else (calls,):
            assert says in hunt.exposed(name, {name: malformed})
            with pytest.raises(ValueError, match=says):
                hunt.differs(name, malformed)
        report = mark(BUG_HUNT, lambda name=name: BUG_HUNT.reference() | {name: calls})
        assert report.mistake is not None
        assert report.failure.detail == f"{name!r}: {hunt.exposed(name, {name: calls}).partition(': ')[2]}"


@pytest.mark.parametrize(
    ("calls", "says"),
    [
        ([(torch.ones(1, 4), 0 * ONE, 10.0)], "at position 0 nothing turns"),
        ([(torch.zeros(1, 4), ONE, 10.0)], "all zeros"),
        ([(torch.ones(1, 2), ONE, 10.0)], "a head of two numbers"),
        ([(torch.ones(1, 4), ONE, 1.0)], "with base 1"),
    ],
)
def test_what_exposes_nothing_is_told_why(calls, says):
    assert says in hunt.exposed("a", {"a": calls})


def test_a_name_that_is_not_hunted_is_told():
    with pytest.raises(ValueError, match="there is no version 'e'; there are 'a', 'b', 'c', 'd'"):
        hunt.differs("e", [(torch.ones(1, 4), ONE, 100.0)])


def test_numbers_of_numpy_will_do_for_a_base():
    for base in (np.float32(100.0), np.int64(100), 100):
        assert hunt.differs("a", [(torch.ones(1, 4), ONE, base)])


def test_the_laws_of_the_hunt():
    call, far = (torch.ones(1, 4), ONE, 10.0), (torch.ones(1, 4), ONE, 100.0)
    assert "no dict" in hunt.exposed("a", [call])
    assert "no key 'a'" in hunt.exposed("a", {})
    assert "one call alone" in hunt.exposed("d", {"d": [call]})
    assert "the base is the same" in hunt.exposed("d", {"d": [call, call]})
    assert hunt.smallest("d", {"d": [call, far]}) is None
    assert "a smaller input" in hunt.smallest("d", {"d": [call, call, far]})
    assert "a smaller input" in hunt.smallest("b", {"b": [call]})


def test_what_the_lesson_says_of_alibi_and_of_no_positions():
    runs = {
        (task, scheme): torch.tensor(stored_lengths()["accuracies"][task][scheme]).mean(0)
        for task in ("previous", "first")
        for scheme in ("rope", "alibi", "none")
    }
    alibi = runs["previous", "alibi"]
    assert (alibi - alibi[0]).abs().max() < 0.01
    assert runs["previous", "rope"][-1] < alibi[-1] < runs["previous", "rope"][0]
    assert max(runs["first", scheme][0] for scheme in ("alibi", "none")) < 0.3
