"""The index of the course: its lessons in order, and where each exercise is. The only module that knows every topic.

Adding a lesson is adding a line to `_LESSONS`. Nothing is imported until an exercise is asked for.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from embedcourse.marking import Exercise, for_class


@dataclass(frozen=True)
class Lesson:
    """A lesson: its number, the name of its file without ending, its title, and the names of its exercises in order."""

    number: int
    name: str
    title: str
    topic: str
    exercises: tuple[str, ...]


_LESSONS = (
    Lesson(
        1,
        "01_lookup_matrix",
        "The lookup matrix",
        "lookup",
        (
            "build_vocabulary",
            "encode",
            "lookup",
            "one_hot",
            "one_hot_cost",
            "lookup_by_matmul",
            "lookup_gradient",
            "rows_that_move",
        ),
    ),
    Lesson(
        2,
        "02_learned_similarity",
        "Learned similarity",
        "similarity",
        (
            "skipgram_pairs",
            "cooccurrence",
            "ppmi",
            "cosine_similarity",
            "nearest",
            "sgns_loss",
            "sgns_gradients",
            "sgns_target",
        ),
    ),
    Lesson(
        3,
        "03_analogies",
        "Analogies",
        "similarity",
        (
            "analogy",
            "analogy_accuracy",
            "only_b_accuracy",
            "dial_prediction",
            "offset_cosine",
            "centered",
        ),
    ),
    Lesson(
        4,
        "04_tied_embeddings",
        "Tied embeddings",
        "tying",
        (
            "unembed",
            "cross_entropy",
            "tie",
            "tied_gradient",
            "count_parameters",
            "tying_saving",
            "gpt2_in_numbers",
        ),
    ),
    Lesson(
        5,
        "05_parameter_counts",
        "Parameter counts",
        "counting",
        (
            "embedding_parameters",
            "half_a_billion",
            "table_bytes",
            "training_bytes",
            "merge_step",
            "pad_vocabulary",
            "largest_vocabulary",
            "albert_in_numbers",
        ),
    ),
    Lesson(
        6,
        "06_model_ledger",
        "The model ledger",
        "counting",
        (
            "attention",
            "attention_parameters",
            "mlp_parameters",
            "gpt2_parameters",
            "llama_parameters",
            "two_readings",
        ),
    ),
    Lesson(
        7,
        "07_learned_positions",
        "Learned positions",
        "positions",
        (
            "learned_input",
            "words_that_notice",
            "bert_input",
            "position_ids",
            "position_parameters",
            "sinusoidal",
            "shift_matrix",
        ),
    ),
    Lesson(
        8,
        "08_rope",
        "RoPE",
        "rope",
        (
            "rotate_pair",
            "inverse_frequencies",
            "unfinished_turns",
            "rotate_half",
            "rotate_interleaved",
            "only_the_offset_matters",
            "rope_saving",
            "key_for_offset",
        ),
    ),
    Lesson(
        9,
        "09_rope_in_practice",
        "RoPE in practice",
        "rope",
        (
            "interleaved_to_half",
            "attend_with_cache",
            "rotate_part",
            "first_position_lost",
            "slowed_frequencies",
            "llama3_frequencies",
            "bug_hunt",
        ),
    ),
    Lesson(
        10,
        "10_input_side",
        "The whole input side",
        "capstone",
        (
            "row_span",
            "read_tensor",
            "input_side",
            "gpt2_input",
            "output_table",
            "gpt2_logits",
            "llama_queries_keys",
            "paired_runs",
        ),
    ),
)


def lessons() -> tuple[Lesson, ...]:
    """The lessons of the course, in order."""
    return _LESSONS


def lesson(number: int) -> Lesson:
    """The lesson of this number. Raises KeyError if there is none."""
    for found in _LESSONS:
        if found.number == number:
            return found
    raise KeyError(number)


def exercises(class_seed: int = 0) -> Mapping[str, Exercise]:
    """Every exercise of the course by its name, in the order of the lessons; its module is imported when it is asked for.

    With the seed of a class, some have other numbers; see `marking.for_class`.
    """
    return _Exercises(class_seed)


def exercises_in(code: str) -> list[str]:
    """The names of the functions in a cell's code that stand below `@exercise`, whether the catalogue has them or not.

    Of code that Python cannot read, what looks like it.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return _LOOKS_LIKE_ONE.findall(code)
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    functions = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [function.name for function in functions if any(map(_is_exercise, function.decorator_list))]


_LOOKS_LIKE_ONE = re.compile(
    r"^\s*@exercise\b[^\n]*\n(?:\s*(?:[@#][^\n]*)?\n)*\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE
)


def _is_exercise(decorator: ast.expr) -> bool:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return "exercise" in (getattr(node, "id", ""), getattr(node, "attr", ""))


class _Exercises(Mapping[str, Exercise]):
    def __init__(self, class_seed: int) -> None:
        self._class_seed = class_seed

    def __getitem__(self, name: str) -> Exercise:
        for lesson in _LESSONS:
            if name in lesson.exercises:
                module = import_module(f"embedcourse.{lesson.topic}.exercises")
                found = next(exercise for exercise in module.EXERCISES if exercise.name == name)
                return for_class(found, self._class_seed)
        raise KeyError(f"no exercise is called {name!r}")

    def __iter__(self) -> Iterator[str]:
        return (name for lesson in _LESSONS for name in lesson.exercises)

    def __len__(self) -> int:
        return sum(len(lesson.exercises) for lesson in _LESSONS)
