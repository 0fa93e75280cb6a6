"""The judge: an exercise and an answer become a report. The only place where "right" is decided.

The notebook, the grader and the tests all call `mark`. It prints nothing, reads nothing, and for the same seed gives
the same report.
"""

import builtins
import inspect
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embedcourse.marking.model import (
    LEFT_OUT,
    LOST,
    Case,
    Exercise,
    Failure,
    Outcome,
    Part,
    PartResult,
    Report,
    Status,
    call,
)
from embedcourse.marking.relations import numbers, relation
from embedcourse.marking.running import LocalAnswer, has_method, undisturbed
from embedcourse.marking.values import (
    WRONG_VALUES,
    Difference,
    Opaque,
    compare,
    freeze,
    has_opaque,
    identical,
    show_form,
    show_value,
    thaw,
    type_name,
)

_MESSAGES = {
    "value": "The form is right, the values are not. Work the failing case by hand and compare step by step.",
    "not a number": "There is a NaN where a number is due. It comes from 0 / 0, from inf − inf, or from memory that nobody "
    "wrote to (`np.empty`, or `where=` without `out=`).",
    "infinite": "There is an infinite number. It comes from a division by 0, from log 0, or from exp of something large.",
    "nearly": "Nearly right, and it is not rounding. Something small was added or cut off (a small number under a logarithm "
    "or in a denominator), or a slope was measured and not worked out.",
    "negated": "Every number has the wrong sign.",
    "signs lost": "The sizes are right, and the signs are lost.",
    "transposed": "These are the right numbers with rows and columns exchanged.",
    "cut to whole numbers": "The numbers are cut off to whole ones. An array made like one of whole numbers "
    "(`np.zeros_like(counts)`) cannot hold others: give it a dtype.",
    "left at zero": "What is wrong is 0, all else is right. Does a loop stop early (is `return` inside it?), or does a "
    "condition let too few through?",
    "back to front": "These are the right numbers from back to front.",
    "in another order": "These are the right numbers in another order.",
    "scaled": "Every number is the right one times the same factor. What is multiplied or divided once too often, or not "
    "at all?",
    "shifted": "Every number is off by the same amount.",
    "pairing": "Each value is there, but under another key. The order is not the one that the docstring asks for; a set, "
    "for instance, keeps no order at all.",
    "shape": "The shape is not the one that the docstring asks for.",
    "dtype": "Right values, wrong dtype. The docstring says what kind of number to return.",
    "container": "The answer comes in another kind of container than the docstring asks for.",
    "law": "A property that must always hold does not hold here.",
    "raised": "Your code stopped with an exception where it should return a value.",
    "refused": "Your function raises here what it should raise for bad input, but this input is valid. "
    "Look at the borders of what you refuse.",
    "not raised": "Your function accepts an input that the docstring says it must refuse.",
    "wrong exception": "Your function refuses this input, but not with the exception that the docstring names.",
    "not implemented": "Some inputs still end in NotImplementedError.",
    "input changed": "The values are right, but your function changes what it was given. Work on a copy.",
    "another answer": "Called again with the same input, your function gives another answer. It remembers something "
    "between calls (a list or dict as a default value, a global name, a counter), or it rolls dice.",
    "not attempted": "The line `raise NotImplementedError` still runs. Write your answer in its place.",
    "interrupted": "You stopped it before marking was done. A loop that never ends is the usual reason.",
    "out of time": "Your function takes far too long. A loop that never ends is the usual reason.",
    "out of memory": "Your function needs far more memory than this exercise has use for. What is it that grows?",
    "too many processes": "Your function starts processes or threads without end. No exercise needs any.",
    "died": "Your function ends the whole Python process. `exit()` and `os._exit()` do that, and so does a crash in "
    "compiled code. To refuse an input, raise an exception.",
    "protocol": "Your function, or code beside it, interferes with how answers are collected. Whoever grades this will look "
    "at it.",
    "unreadable": "Python could not run this cell as far as the exercise. Mend that first; nothing was marked.",
    "missing": "There is no function of this name in the notebook. If yours has another name, give it this one.",
    "not callable": "The name must be bound to a function, or a class, that can be called.",
    "nothing": "Your function returns nothing, that is, None. Is `return` missing, or not reached?",
    "printed": "Your function prints its answer and returns nothing. Printing shows a value; `return` hands it over.",
    "generator": "Your function returns a generator, because there is a `yield` in it. Collect the values and `return` them.",
    "exception returned": "Your function hands the exception over as a value. To refuse, write `raise`.",
    "secret": "That is not it. Work it out once more on paper, or open a hint.",
    "recursion": "Your function calls itself without end. While it is marked, its name means your own function, "
    "not the course's.",
}


@dataclass(frozen=True)
class _Fault:
    kind: str
    detail: str


@dataclass(frozen=True)
class _Trial:
    """One case, and how the answer fared on it."""

    part_number: int
    part: Part
    case: Case
    args: tuple
    wanted: str
    outcome: Outcome
    fault: _Fault | None
    right: Any = None  # what the reference gives, where the case is compared with it


def mark(exercise: Exercise, answer: Any, seed: int = 0) -> Report:
    """Mark `answer`: a callable, or anything with `run(probe, args) -> Outcome`, and never raise because of it.

    Every case of every part is run; a part earns its points if all its cases hold. The evidence is the smallest case
    with wrong values, or, where all values are right, in the wrong form. The same seed gives the same cases.
    """
    if not callable(answer):
        if not has_method(answer, "run"):
            detail = f"the name is bound to a value of type {type_name(type(answer))}"
            return unmarked(exercise, "failed", "not callable", detail)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _mark(exercise, answer, seed)
    with undisturbed():
        return _mark(exercise, LocalAnswer(answer), seed)


def _mark(exercise: Exercise, answer: Any, seed: int) -> Report:
    todo = _questions(exercise, seed)
    _prepare(answer, [args for *_, args in todo])
    rights = [_right(exercise, case, args) for _, _, case, args in todo]
    trials: list[_Trial] = []
    for (number, part, case, args), right in zip(todo, rights, strict=True):
        trials.append(_try(exercise, number, part, case, args, right, answer))
        if _ended(trials[-1]):
            return _report(exercise, trials, whole=False)
    if not all(_unfinished(trial) for trial in trials):
        trials += _second_calls(exercise, trials, answer)
    return _report(exercise, trials, whole=not _ended(trials[-1]))


def _questions(exercise: Exercise, seed: int) -> list[tuple[int, Part, Case, tuple]]:
    """Every case that an answer is tried on: (the part's number, the part, the case, its frozen arguments)."""
    return [
        (number, part, case, freeze(case.args))
        for number, part in enumerate(exercise.parts, start=1)
        for case in part.cases(np.random.default_rng([seed, number]))
    ]


def _second_calls(exercise: Exercise, trials: list[_Trial], answer: Any) -> Iterator[_Trial]:
    """The first case of each part once more, where the answer now gives something else than it gave the first time.

    Where a law decides, something else may be as right or wrong as before, in the same way.
    """
    firsts = {trial.part_number: trial for trial in reversed(trials)}
    _prepare(answer, [first.args for _, first in sorted(firsts.items())])
    for number, first in sorted(firsts.items()):
        again = _try(exercise, number, first.part, first.case, first.args, first.right, answer)
        if _ended(again):
            yield again
            return
        same = again.fault == first.fault if first.case.law else _same_outcome(first.outcome, again.outcome)
        if not same:
            before, after = map(_shown, (first.outcome, again.outcome))
            yield replace(
                again, fault=_Fault("another answer", f"it first gave {before}, and when called again {after}")
            )


def _shown(outcome: Outcome) -> str:
    return _told(outcome) if outcome.raised else show_value(outcome.value, width=100)


def _ended(trial: _Trial) -> bool:
    return trial.fault is not None and trial.fault.kind in _ENDED


_ENDED = ("interrupted", *LOST)


def _unfinished(trial: _Trial) -> bool:
    return trial.fault is not None and trial.fault.kind == "not implemented"


def _same_outcome(one: Outcome, other: Outcome) -> bool:
    if one.raised is not None or other.raised is not None:
        return (one.raised and one.raised.type_name) == (other.raised and other.raised.type_name)
    return compare(one.value, other.value) is None


def _prepare(answer: Any, cases: list[tuple]) -> None:
    """Tell an answer that lives far away what it will be asked next, so that nobody has to wait for each question."""
    if has_method(answer, "prepare"):
        answer.prepare(cases)


def _right(exercise: Exercise, case: Case, args: tuple) -> Any:
    """What the reference gives for a case, if it is compared with that."""
    return None if _demanded(case) or case.law is not None else _reference_value(exercise, args)


def _try(exercise: Exercise, number: int, part: Part, case: Case, args: tuple, right: Any, answer: Any) -> _Trial:
    outcome = answer.run(exercise.probe, args)
    raises = _demanded(case)
    if outcome.lost:
        return _Trial(number, part, case, args, "", outcome, _Fault(outcome.lost, LOST[outcome.lost]))
    if raises:
        wanted = " or ".join(kind.__name__ for kind in raises)
        fault = _fault_of_refusal(raises, wanted, outcome)
    elif case.law is not None:
        wanted = ""
        fault = _fault_of_exception(outcome)
        if fault is None:
            fault = _fault_of_law(exercise, case, args, outcome.value)
    else:
        fault = _fault_of_exception(outcome) or _fault_of_value(case, part, outcome.value, right)
        wanted = show_value(right) if fault is not None and args else ""
        if (
            fault is not None and fault.kind in WRONG_VALUES and not args
        ):  # the wanted value would be the solution itself
            fault = _Fault("secret", f"{_subject(case)} is not right")
    if fault is None and _changed(args, outcome):
        fault = _Fault("input changed", _which_changed(exercise, args, outcome.args_after))
    return _Trial(number, part, case, args, wanted, outcome, fault, right)


def _demanded(case: Case) -> tuple[type[Exception], ...]:
    return case.raises if isinstance(case.raises, tuple) else (case.raises,)


def _fault_of_law(exercise: Exercise, case: Case, args: tuple, value: Any) -> _Fault | None:
    """What the law says; of a value that is of another kind than the reference's it cannot even be asked."""
    try:
        sentence = case.law(args, value)
    except Exception:
        difference = compare(value, _reference_value(exercise, args))
        return _Fault("container", difference.sentence if difference else "your answer cannot be looked into")
    return None if sentence is None else _Fault("law", sentence)


def _fault_of_value(case: Case, part: Part, value: Any, right: Any) -> _Fault | None:
    if case.entry is not None:
        if type(value) is not dict:
            difference = compare(value, right)
            return _Fault("container", difference.sentence)
        if case.entry not in value:
            return _Fault("container", f"your dict has no key {case.entry!r}; its keys are {show_value(list(value))}")
    difference = _difference(part, case, value, right)
    if difference is None:
        return None
    return _Fault(difference.kind, difference.sentence.replace("your answer", _subject(case)))


def _difference(part: Part, case: Case, value: Any, right: Any) -> Difference | None:
    """How a value differs from the right one, in what the case looks at and as exactly as the part asks."""
    seen, wanted = _seen(case, value), _seen(case, right)
    number = numbers(seen)  # as Python, NumPy or torch have it
    if part.within and number is not None and number.ndim == 0 and type(wanted) in (int, float):
        leeway = part.within * abs(wanted)
        if wanted - leeway <= number <= wanted + leeway:
            return None
    return compare(seen, wanted, part.dtype)


def _subject(case: Case) -> str:
    return "your answer" if case.entry is None else f"your value for {case.entry!r}"


def _seen(case: Case, value: Any) -> Any:
    """What the case looks at: the value, or one entry of it."""
    return value[case.entry] if case.entry is not None and type(value) is dict and case.entry in value else value


def _reference_value(exercise: Exercise, args: tuple) -> Any:
    try:
        value = freeze(exercise.probe(exercise.reference, *thaw(args)))
    except Exception as error:
        raise RuntimeError(
            f"exercise {exercise.name!r} is broken: its own reference raised {type(error).__name__}: {error} "
            f"for {_inputs(exercise, args)}"
        ) from error
    if has_opaque((value, args)):
        raise RuntimeError(f"exercise {exercise.name!r} is broken: a case or its right answer is no plain value")
    return value


def _fault_of_refusal(raises: tuple[type[Exception], ...], wanted: str, outcome: Outcome) -> _Fault | None:
    raised = outcome.raised
    if raised is None:
        got = show_value(outcome.value, width=120)
        return _Fault("not raised", f"it must raise {wanted} here, and yours returned {got}")
    fault = _fault_of_exception(outcome)
    if fault is not None and fault.kind in ("interrupted", "not implemented"):
        return fault
    if not any(kind.__name__ in raised.builtin_names for kind in raises):
        return _Fault("wrong exception", f"it must raise {wanted} here, and yours raised {_told(outcome)}")
    return None


def _fault_of_exception(outcome: Outcome) -> _Fault | None:
    if outcome.raised is None:
        return None
    names = outcome.raised.builtin_names
    if "KeyboardInterrupt" in names:
        return _Fault("interrupted", "it was stopped while this case ran")
    if "NotImplementedError" in names:
        return _Fault("not implemented", "yours raised NotImplementedError")
    return _Fault("raised", f"yours raised {_told(outcome)}")


def _told(outcome: Outcome) -> str:
    raised = outcome.raised
    return f"{raised.type_name}: {raised.text}" if raised.text else raised.type_name


def _changed(args: tuple, outcome: Outcome) -> bool:
    return not identical(outcome.args_after, args) and compare(outcome.args_after, args) is not None


def _which_changed(exercise: Exercise, args: tuple, after: tuple) -> str:
    names = _names(exercise)
    changed = [name for name, old, new in zip(names, args, after, strict=False) if compare(new, old) is not None]
    return f"{' and '.join(changed) or 'an input'} is no longer what it was before the call"


def _report(exercise: Exercise, trials: list[_Trial], whole: bool) -> Report:
    faulty = {trial.part_number for trial in trials if trial.fault is not None}
    done = len(exercise.parts) if whole else trials[-1].part_number - 1  # parts whose every case was run
    passed = [number <= done and number not in faulty for number in range(1, len(exercise.parts) + 1)]
    parts = tuple(
        PartResult(part.label, part.points if right else 0, part.points, right)
        for part, right in zip(exercise.parts, passed, strict=True)
    )
    report = Report(
        exercise=exercise.name,
        status="passed",
        points=sum(part.points for part in parts),
        max_points=sum(part.points for part in exercise.parts),
        message=f"All {len(parts)} parts are right." if len(parts) > 1 else "Right.",
        parts=parts,
    )
    if not faulty:
        return report
    if all(map(_unfinished, trials)):
        return replace(report, status="not attempted", message=_MESSAGES["not attempted"])
    first = _first_failure(trials)
    mistake = _named_mistake(exercise, trials, first)
    kind = first.fault.kind
    raised = first.outcome.raised
    message = mistake.sentence if mistake else _MESSAGES[_topic(first, trials)]
    failure = Failure(
        part=first.part.label,
        part_number=first.part_number,
        kind=kind,
        detail=first.fault.detail,
        mistake=mistake.name if mistake else None,
        inputs=_inputs(exercise, first.args),
        got=_told(first.outcome) if raised else show_value(first.outcome.value),
        wanted=first.wanted,
        lines=raised.lines if raised else (),
        printed=first.outcome.printed,
        shapes=_inputs(exercise, first.args, show_form),
    )
    status = "error" if kind in ("raised", "not implemented", *_ENDED) else "failed"
    return replace(report, status=status, message=message, failure=failure)


def _first_failure(trials: list[_Trial]) -> _Trial:
    """The smallest case with wrong values; where all values are right, the smallest in the wrong form.

    Who loses repeated ids *and* returns float64 must not read that the values are right. And who remembers something
    between calls must read that first, since it explains all else.
    """
    faulty = [trial for trial in trials if trial.fault is not None]
    changing = [trial for trial in faulty if trial.fault.kind == "another answer"]
    if changing:
        return changing[0]
    return next((trial for trial in faulty if trial.fault.kind != "dtype"), faulty[0])


def _topic(first: _Trial, trials: list[_Trial]) -> str:
    """Which general sentence helps where no known mistake was recognised."""
    raised, value = first.outcome.raised, first.outcome.value
    if raised is not None:
        if "RecursionError" in raised.builtin_names:
            return "recursion"
        demanded = {kind.__name__ for trial in trials for kind in _demanded(trial.case)}
        return "refused" if first.fault.kind == "raised" and raised.type_name in demanded else first.fault.kind
    if value is None and first.fault.kind in ("container", "not raised"):
        return "printed" if first.outcome.printed else "nothing"
    if type(value) is Opaque and value.type_name == "generator":
        return "generator"
    if type(value) is Opaque and first.fault.kind == "not raised" and value.type_name in ("type", *_EXCEPTIONS):
        return "exception returned"
    return _common_relation(first, trials) or first.fault.kind


def _common_relation(first: _Trial, trials: list[_Trial]) -> str | None:
    """What turns the right numbers into the answer's, in the first failing case and in most others of its part."""
    if first.fault.kind not in ("value", "shape") or first.right is None:
        return None
    failing = [trial for trial in trials if trial.fault is not None and trial.part_number == first.part_number]
    found = [relation(trial.outcome.value, trial.right) for trial in failing]
    return found[0] if 2 * found.count(found[0]) > len(found) else None


_EXCEPTIONS = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)}


def _named_mistake(exercise: Exercise, trials: list[_Trial], first: _Trial) -> Any:
    """The known mistake that gives the failing outcome; among several the one that agrees on most cases.

    It must also agree on three in four of the failing cases of that part, and of the cases of the parts that the answer
    passes (but for laws, which let many answers pass): a small case can look alike by chance, and a sentence that does not
    fit is worse than none.
    """
    best, best_agreement = None, 0
    faulty = {trial.part_number for trial in trials if trial.fault is not None}
    whole = {trial.part_number for trial in trials} - faulty
    for mistake in exercise.mistakes:
        wrong = LocalAnswer(mistake.implementation)
        changes = first.fault.kind == "input changed"
        if first.fault.kind in ("another answer", *_ENDED) or not _agrees(wrong, exercise.probe, first, changes):
            continue
        agrees = [_agrees(wrong, exercise.probe, trial, changes) for trial in trials]
        failing = [
            agreed
            for agreed, trial in zip(agrees, trials, strict=True)
            if trial.fault is not None and trial.part_number == first.part_number
        ]
        passed = [
            agreed
            for agreed, trial in zip(agrees, trials, strict=True)
            if trial.part_number in whole and not trial.case.law
        ]
        if 4 * sum(failing) < 3 * len(failing) or 4 * sum(passed) < 3 * len(passed):
            continue
        agreement = sum(agrees)
        if agreement > best_agreement:
            best, best_agreement = mistake, agreement
    return best


def _agrees(wrong: LocalAnswer, probe: Callable, trial: _Trial, changes: bool) -> bool:
    """Whether a known mistake gives what the answer gave; what it did to its inputs counts only where that is the fault.

    Where a law decides and there are many right answers, so are there of each wrong kind: alike is what it says the same of.
    """
    outcome = wrong.run(probe, trial.args)
    if outcome.raised is None and trial.outcome.raised is None:
        same = _alike(trial, outcome.value)
    elif trial.case.raises:  # everybody writes a sentence of their own into an exception that is demanded
        same = _same_outcome(outcome, trial.outcome)
    else:
        same = (outcome.raised and trial.outcome.raised) is not None and _told(outcome) == _told(trial.outcome)
    return same and (not changes or compare(outcome.args_after, trial.outcome.args_after) is None)


def _alike(trial: _Trial, value: Any) -> bool:
    if trial.case.law is not None:
        return _said(trial, value) == _said(trial, trial.outcome.value)
    return _difference(trial.part, trial.case, trial.outcome.value, value) is None


def _said(trial: _Trial, value: Any) -> Any:
    """What the case's law says of a value; of one that it cannot be asked about, the value."""
    try:
        return trial.case.law(trial.args, value)
    except Exception:
        return show_value(value)


def _names(exercise: Exercise) -> list[str]:
    if exercise.probe is call:
        return list(inspect.signature(exercise.reference).parameters)
    return list(inspect.signature(exercise.probe).parameters)[1:]


def _inputs(exercise: Exercise, args: tuple, show: Callable[[Any], str] = show_value) -> tuple[tuple[str, str], ...]:
    shown = ("not given" if type(arg) is str and arg == LEFT_OUT else show(arg) for arg in args)
    return tuple(zip(_names(exercise), shown, strict=False))


def unmarked(exercise: Exercise, status: Status, kind: str, detail: str) -> Report:
    """The report of an attempt of which no case was run; `kind` is a key of `_MESSAGES`."""
    return Report(
        exercise=exercise.name,
        status=status,
        points=0,
        max_points=sum(part.points for part in exercise.parts),
        message=_MESSAGES[kind],
        parts=tuple(PartResult(part.label, 0, part.points, False) for part in exercise.parts),
        failure=Failure("", 0, kind, detail),
    )
