"""The exercises of lesson 3, built like those of lesson 2 in `exercises.py`. The references stand in `analogies.py`."""

from collections.abc import Iterator

import numpy as np

from embedcourse.marking import Case, Exercise, Mistake, Part, entry_part, mistake
from embedcourse.similarity import analogies
from embedcourse.similarity.reference import nearest, unit_rows

Rng = np.random.Generator


def _table(rng: Rng, vocab: int, dim: int) -> np.ndarray:
    """Rows of very different length, none of them short of a direction."""
    return (rng.normal(size=(vocab, dim)) * rng.choice([0.2, 1, 5], size=(vocab, 1))).round(2) + 0.01


def _aim(E, a, b, c):
    unit = unit_rows(E)
    return unit[b] - unit[a] + unit[c]


def _analogy() -> Exercise:
    planted = np.array([[1, 0, 0.2], [1, 0, 1], [0, 1, 0.2], [0, 1, 1.0]])  # man, king, woman, queen
    weak = np.array([[1, 0, 0], [0, 0, 1], [1, 0.1, 0], [0, 0.4, 1.0], [0, -1, 0]])  # b is nearer to the aim than d

    opposite = np.array([[0, 1.0], [1, 0], [0, 2], [-3, 0]])  # the only word left has cosine −1

    def query_words_left_out(rng: Rng) -> Iterator[Case]:
        yield Case((planted, 0, 1, 2, 1, True))
        yield Case((weak, 0, 1, 2, 1, True))
        for vocab, dim, k in ((5, 2, 1), (6, 3, 1), (6, 3, 3), (9, 4, 2), (12, 5, 9)):
            yield Case((_table(rng, vocab, dim), *rng.permutation(vocab)[:3].tolist(), k, True))
        yield Case((_table(rng, 7, 3), 2, 2, 5, 4, True))  # a and b are the same word
        yield Case((opposite, 0, 1, 2, 1, True))

    def query_words_left_in(rng: Rng) -> Iterator[Case]:
        yield Case((weak, 0, 1, 2, 1, False))
        for vocab, dim, k in ((5, 2, 1), (6, 3, 1), (6, 3, 3), (9, 4, 2), (8, 5, 8)):
            yield Case((_table(rng, vocab, dim), *rng.permutation(vocab)[:3].tolist(), k, False))

    def answer(E, aim, a, b, c, k, exclude):
        return nearest(E, aim, min(k, len(E) - len(set(exclude))), set(exclude))

    @mistake("The signs of a and b are exchanged: the aim is b − a + c, king − man + woman.")
    def a_minus_b(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, _aim(E, b, a, c), a, b, c, k, {a, b, c} if exclude_inputs else ())

    @mistake("c is subtracted and a is added. The aim is b − a + c, king − man + woman.")
    def a_for_c(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, _aim(E, c, b, a), a, b, c, k, {a, b, c} if exclude_inputs else ())

    @mistake("Everything is added. The row of a is subtracted: b − a + c.")
    def all_added(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, unit_rows(E)[[a, b, c]].sum(axis=0), a, b, c, k, {a, b, c} if exclude_inputs else ())

    @mistake("This looks near the offset b − a alone. Add the row of c: an offset is a step, and c is where it starts.")
    def offset_alone(E, a, b, c, k=1, exclude_inputs=True):
        unit = unit_rows(E)
        return answer(E, unit[b] - unit[a], a, b, c, k, {a, b, c} if exclude_inputs else ())

    @mistake(
        "You add and subtract the rows as they are, so the longest of the three decides. Divide each row by its norm "
        "first."
    )
    def rows_of_any_length(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, E[b] - E[a] + E[c], a, b, c, k, {a, b, c} if exclude_inputs else ())

    @mistake(
        "You compare with the rows as they are, so a long row wins by its length. Compare with the rows of length 1."
    )
    def by_dot_product(E, a, b, c, k=1, exclude_inputs=True):
        scores = E @ _aim(E, a, b, c)
        scores[[a, b, c] if exclude_inputs else []] = -np.inf
        return np.argsort(-scores, kind="stable")[:k]

    @mistake("The query words are among the answers. Where `exclude_inputs` is true, a, b and c may not be.")
    def never_excluded(E, a, b, c, k=1, exclude_inputs=True):
        return analogies.analogy(E, a, b, c, k, exclude_inputs=False)

    @mistake("The query words are left out always. Where `exclude_inputs` is false, they may win.")
    def always_excluded(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, _aim(E, a, b, c), a, b, c, k, {a, b, c})

    @mistake("Only b is left out. All three query words are: a, b and c.")
    def only_b_excluded(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, _aim(E, a, b, c), a, b, c, k, {b} if exclude_inputs else ())

    @mistake(
        "The query words were taken out of the table, and all rows behind them got other numbers. Leave the table as it "
        "is and give these rows the cosine `-np.inf`."
    )
    def rows_removed(E, a, b, c, k=1, exclude_inputs=True):
        rest = np.delete(E, [a, b, c], axis=0) if exclude_inputs else E
        return nearest(rest, _aim(E, a, b, c), min(k, len(rest)))

    @mistake("The least similar rows come first. `np.argsort` sorts upwards: sort the negative cosines.")
    def worst_first(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, -_aim(E, a, b, c), a, b, c, k, {a, b, c} if exclude_inputs else ())

    @mistake(
        "The query words come first: `np.argsort` sorts upwards, and −inf is the smallest of all. Sort the *negative* cosines."
    )
    def query_words_first(E, a, b, c, k=1, exclude_inputs=True):
        scores = unit_rows(E) @ _aim(E, a, b, c)
        scores[[a, b, c] if exclude_inputs else []] = -np.inf
        return np.argsort(scores, kind="stable")[:k]

    @mistake(
        "A word that is left out must come last whatever the others are, and cosines go down to −1: with 0 or −1 in its place "
        "it still beats some. Use `-np.inf`."
    )
    def zero_for_the_left_out(E, a, b, c, k=1, exclude_inputs=True):
        scores = unit_rows(E) @ _aim(E, a, b, c)
        scores[[a, b, c] if exclude_inputs else []] = 0
        return np.argsort(-scores, kind="stable")[:k]

    @mistake("You leave the query words out after you have chosen k, so fewer than k are left. Leave them out first.")
    def left_out_too_late(E, a, b, c, k=1, exclude_inputs=True):
        best = analogies.analogy(E, a, b, c, k, exclude_inputs=False)
        return np.array([i for i in best if not exclude_inputs or i not in (a, b, c)])

    @mistake("b may still win. All three query words are left out: a, b and c.")
    def b_left_in(E, a, b, c, k=1, exclude_inputs=True):
        return answer(E, _aim(E, a, b, c), a, b, c, k, {a, c} if exclude_inputs else ())

    @mistake("This is one number. Return an array of k ids, also for k = 1.")
    def a_number_for_an_array(E, a, b, c, k=1, exclude_inputs=True):
        return int(analogies.analogy(E, a, b, c, 1, exclude_inputs)[0])

    @mistake("The ids are right, in a list. Return a NumPy array.")
    def in_a_list(E, a, b, c, k=1, exclude_inputs=True):
        return analogies.analogy(E, a, b, c, k, exclude_inputs).tolist()

    return Exercise(
        name="analogy",
        title="The analogy",
        lesson=3,
        reference=analogies.analogy,
        parts=(
            Part("query words left out", 1, query_words_left_out, dtype="kind"),
            Part("query words left in", 1, query_words_left_in, dtype="kind"),
        ),
        mistakes=(
            a_minus_b,
            a_for_c,
            all_added,
            offset_alone,
            rows_of_any_length,
            by_dot_product,
            never_excluded,
            always_excluded,
            only_b_excluded,
            rows_removed,
            worst_first,
            query_words_first,
            zero_for_the_left_out,
            left_out_too_late,
            b_left_in,
            a_number_for_an_array,
            in_a_list,
        ),
    )


def _questions(rng: Rng, E: np.ndarray, n: int, *answers) -> np.ndarray:
    """Random questions; those after the first are answered in turn by each of `answers(a, b, c)`, and by chance."""
    questions = np.array([rng.permutation(len(E))[:4] for _ in range(n)])
    for number in range(1, n):
        turn = number % (len(answers) + 1)
        if turn < len(answers):
            questions[number, 3] = answers[turn](*questions[number, :3].tolist())
    return questions


def _analogy_accuracy() -> Exercise:
    sizes = ((2, 6, 3), (3, 7, 2), (5, 8, 3), (8, 9, 4), (30, 12, 3), (7, 40, 5))
    turned = np.radians([0, 40, -40, 10, 180])  # a lies between b and c, and wins unless it is left out
    fan = np.column_stack([np.cos(turned), np.sin(turned)])

    def cases(rng: Rng, exclude_inputs: bool) -> Iterator[Case]:
        yield Case((fan, np.array([[0, 1, 2, 3 if exclude_inputs else 0]]), exclude_inputs))
        yield Case((fan[:4] * [[1], [3], [1], [2]], np.array([[3, 1, 2, 0], [0, 3, 1, 2]]), exclude_inputs))
        for n, vocab, dim in sizes:
            E = _table(rng, vocab, dim)
            questions = _questions(
                rng,
                E,
                n,
                lambda a, b, c, E=E: analogies.analogy(E, a, b, c)[0],
                lambda a, b, c, E=E: analogies.analogy(E, a, b, c, exclude_inputs=False)[0],
            )
            yield Case((E, questions, exclude_inputs))

    # The only word left is at an obtuse angle to the aim, and at one of exactly 180 degrees.
    behind = np.array([[1, 0], [0.9, 0.1], [0.1, 1], [-1, -0.2]])
    opposite = np.array([[0, 1.0], [1, 0], [0, 2], [-3, 0]])

    def query_words_left_out(rng: Rng) -> Iterator[Case]:
        yield from cases(rng, exclude_inputs=True)
        yield Case((behind, np.array([[0, 1, 2, 3]]), True))
        yield Case((opposite, np.array([[0, 1, 2, 3]]), True))

    def query_words_left_in(rng: Rng) -> Iterator[Case]:
        yield from cases(rng, exclude_inputs=False)

    def share(E, questions, exclude_inputs, answer=None):
        answer = answer or (lambda a, b, c: analogies.analogy(E, a, b, c, 1, exclude_inputs)[0])
        return float(np.mean([answer(a, b, c) == d for a, b, c, d in questions.tolist()]))

    @mistake("This is how many are right. Divide by the number of questions.")
    def a_count(E, questions, exclude_inputs=True):
        return float(len(questions) * share(E, questions, exclude_inputs))

    @mistake("This is a percentage. A share lies between 0 and 1.")
    def a_percentage(E, questions, exclude_inputs=True):
        return 100 * share(E, questions, exclude_inputs)

    @mistake("This is the share of the *wrong* answers.")
    def the_error_rate(E, questions, exclude_inputs=True):
        return 1 - share(E, questions, exclude_inputs)

    @mistake("The query words are never left out. Where `exclude_inputs` is true, they may not be the answer.")
    def never_excluded(E, questions, exclude_inputs=True):
        return share(E, questions, False)

    @mistake("The query words are always left out. Where `exclude_inputs` is false, they may win.")
    def always_excluded(E, questions, exclude_inputs=True):
        return share(E, questions, True)

    @mistake("You add and subtract rows as they are. Bring the rows of E to length 1 first.")
    def rows_of_any_length(E, questions, exclude_inputs=True):
        return share(
            E,
            questions,
            exclude_inputs,
            lambda a, b, c: nearest(E, E[b] - E[a] + E[c], 1, {a, b, c} if exclude_inputs else ())[0],
        )

    @mistake("The signs of a and b are exchanged: the aim is b − a + c.")
    def a_minus_b(E, questions, exclude_inputs=True):
        return share(
            E,
            questions,
            exclude_inputs,
            lambda a, b, c: nearest(E, _aim(E, b, a, c), 1, {a, b, c} if exclude_inputs else ())[0],
        )

    @mistake(
        "A word that is left out must lose whatever the others are, and cosines go down to −1: with 0 in its place it still "
        "beats some. Use `-np.inf`."
    )
    def zero_for_the_left_out(E, questions, exclude_inputs=True):
        def answer(a, b, c):
            scores = unit_rows(E) @ _aim(E, a, b, c)
            scores[[a, b, c] if exclude_inputs else []] = 0
            return scores.argmax()

        return share(E, questions, exclude_inputs, answer)

    @mistake("Only b is left out. All three query words are: a, b and c.")
    def only_b_excluded(E, questions, exclude_inputs=True):
        return share(
            E,
            questions,
            exclude_inputs,
            lambda a, b, c: nearest(E, _aim(E, a, b, c), 1, {b} if exclude_inputs else ())[0],
        )

    @mistake("This is the answer to the first question alone: the `return` stands inside the loop.")
    def returned_too_early(E, questions, exclude_inputs=True):
        return share(E, questions[:1], exclude_inputs)

    @mistake("This is the baseline, the word nearest to b. The aim is b − a + c.")
    def the_baseline(E, questions, exclude_inputs=True):
        return share(
            E,
            questions,
            exclude_inputs,
            lambda a, b, c: nearest(E, unit_rows(E)[b], 1, {a, b, c} if exclude_inputs else ())[0],
        )

    @mistake("One answer for each question. Return their mean, one number.")
    def one_for_each(E, questions, exclude_inputs=True):
        return np.array([analogies.analogy(E, *q[:3], 1, exclude_inputs)[0] == q[3] for q in questions.tolist()])

    return Exercise(
        name="analogy_accuracy",
        title="A list of questions",
        lesson=3,
        reference=analogies.analogy_accuracy,
        parts=(
            Part("query words left out", 1, query_words_left_out, dtype="number"),
            Part("query words left in", 1, query_words_left_in, dtype="number"),
        ),
        mistakes=(
            a_count,
            a_percentage,
            the_error_rate,
            never_excluded,
            always_excluded,
            rows_of_any_length,
            a_minus_b,
            zero_for_the_left_out,
            only_b_excluded,
            returned_too_early,
            the_baseline,
            one_for_each,
        ),
    )


def _only_b_accuracy() -> Exercise:
    def near(E, word, exclude):
        return nearest(E, E[word], 1, exclude)[0]

    def share(E, questions, answer):
        return float(np.mean([answer(a, b, c) == d for a, b, c, d in questions.tolist()]))

    def questions_of(rng: Rng, n: int, vocab: int, dim: int) -> tuple:
        E = _table(rng, vocab, dim)
        return E, _questions(
            rng,
            E,
            n,
            lambda a, b, c: near(E, b, {a, b, c}),
            lambda a, b, c: near(E, b, {b}),
            lambda a, b, c: near(E, b, {a, b}),
            lambda a, b, c: near(E, b, {b, c}),
            lambda a, b, c: near(E, c, {a, b, c}),
            lambda a, b, c: analogies.analogy(E, a, b, c)[0],
        )

    opposite = np.array([[0, 1.0], [1, 0], [0, 2], [-3, 0]])  # the only word left has cosine −1

    def few_questions(rng: Rng) -> Iterator[Case]:
        for n, vocab, dim in ((9, 5, 2), (12, 6, 3), (15, 6, 2)):  # several, or all wrong answers look alike
            yield Case(questions_of(rng, n, vocab, dim))
        yield Case((np.array([[0, 1], [1, 0], [1, 1], [-1, 0.5]]), np.array([[0, 1, 2, 3]])))  # d is what is left
        yield Case((opposite, np.array([[0, 1, 2, 3]])))

    def many_questions(rng: Rng) -> Iterator[Case]:
        for n, vocab, dim in ((20, 8, 3), (30, 12, 4), (40, 20, 2), (9, 30, 5)):
            yield Case(questions_of(rng, n, vocab, dim))

    @mistake(
        "b itself is not left out, and nothing is nearer to b than b. A fair baseline has the same candidates as the "
        "analogy: all words but a, b and c."
    )
    def b_left_in(E, questions):
        return share(E, questions, lambda a, b, c: near(E, b, ()))

    @mistake("Only b is left out. For the same candidates as the analogy leave out a and c as well.")
    def a_and_c_left_in(E, questions):
        return share(E, questions, lambda a, b, c: near(E, b, {b}))

    @mistake("This is the analogy itself. The baseline leaves the offset away: it looks near b alone.")
    def the_analogy_itself(E, questions):
        return analogies.analogy_accuracy(E, questions)

    @mistake("This looks near c. The baseline is the word nearest to b, the second of the four.")
    def near_c(E, questions):
        return share(E, questions, lambda a, b, c: near(E, c, {a, b, c}))

    @mistake("This looks near a. The baseline is the word nearest to b, the second of the four.")
    def near_a(E, questions):
        return share(E, questions, lambda a, b, c: near(E, a, {a, b, c}))

    @mistake("You rank by the dot product, in which long rows win. Bring the rows of E to length 1 first.")
    def by_dot_product(E, questions):
        def answer(a, b, c):
            scores = E @ E[b]
            scores[[a, b, c]] = -np.inf
            return scores.argmax()

        return share(E, questions, answer)

    @mistake("This is how many are right. Divide by the number of questions.")
    def a_count(E, questions):
        return len(questions) * analogies.only_b_accuracy(E, questions)

    @mistake("This is a percentage. A share lies between 0 and 1.")
    def a_percentage(E, questions):
        return 100 * analogies.only_b_accuracy(E, questions)

    @mistake("a may still win. For the same candidates as the analogy leave out a, b and c.")
    def a_left_in(E, questions):
        return share(E, questions, lambda a, b, c: near(E, b, {b, c}))

    @mistake("c may still win. For the same candidates as the analogy leave out a, b and c.")
    def c_left_in(E, questions):
        return share(E, questions, lambda a, b, c: near(E, b, {a, b}))

    @mistake(
        "A word that is left out must lose whatever the others are, and cosines go down to −1: with 0 in its place it still "
        "beats some. Use `-np.inf`."
    )
    def zero_for_the_left_out(E, questions):
        def answer(a, b, c):
            scores = unit_rows(E) @ unit_rows(E)[b]
            scores[[a, b, c]] = 0
            return scores.argmax()

        return share(E, questions, answer)

    @mistake("This is the answer to the first question alone: the `return` stands inside the loop.")
    def returned_too_early(E, questions):
        return analogies.only_b_accuracy(E, questions[:1])

    @mistake("This is the share of the *wrong* answers.")
    def the_error_rate(E, questions):
        return 1 - analogies.only_b_accuracy(E, questions)

    return Exercise(
        name="only_b_accuracy",
        title="The baseline",
        lesson=3,
        reference=analogies.only_b_accuracy,
        parts=(
            Part("a few questions", 1, few_questions, dtype="number"),
            Part("many questions", 1, many_questions, dtype="number"),
        ),
        mistakes=(
            b_left_in,
            a_and_c_left_in,
            the_analogy_itself,
            near_c,
            near_a,
            by_dot_product,
            a_count,
            a_percentage,
            a_left_in,
            c_left_in,
            zero_for_the_left_out,
            returned_too_early,
            the_error_rate,
        ),
    )


def _dial_prediction() -> Exercise:
    def dial_prediction():
        return {"left out": "queen", "left in": "king", "only b": "queen"}

    @mistake(
        "The step from `man` to `woman` is small at 0.5 and points nowhere in particular. You start at `king` and hardly "
        "move. Which word is then the nearest of all, if none is left out?"
    )
    def the_offset_survives():
        return {"left out": "queen", "left in": "queen", "only b": "queen"}

    @mistake(
        "At purity 1 the word nearest to `king` is one of its topic words, since the markers keep `queen` away. Without "
        "the markers, who else has the whole company of `king`?"
    )
    def a_topic_word_beside_king():
        return {"left out": "queen", "left in": "king", "only b": "palace"}

    @mistake(
        "You move as little as that, so the two must agree: with `king` left out, the word nearest to `king` plus a "
        "little noise is the word nearest to `king`."
    )
    def a_topic_word_for_the_analogy():
        return {"left out": "palace", "left in": "king", "only b": "queen"}

    @mistake(
        "No text can tell `king` from `queen` at 0.5. But both still stand with `throne` and `crown`, and no other words "
        "of a pair do. Who is nearest to `king`, once `king` itself is left out?"
    )
    def nothing_is_found():
        return {"left out": "palace", "left in": "king", "only b": "palace"}

    @mistake("For two of the three, `king` is not a candidate: `man`, `king` and `woman` are left out.")
    def king_everywhere():
        return {"left out": "king", "left in": "king", "only b": "king"}

    @mistake(
        "`man` and `woman` are no candidates where the query words are left out, and with them in, `king` is nearer."
    )
    def man_everywhere():
        return {"left out": "man", "left in": "man", "only b": "man"}

    @mistake("Write the words small, as the vocabulary has them.")
    def with_capitals():
        return {"left out": "Queen", "left in": "King", "only b": "Queen"}

    def with_words(wrong: Mistake, old: str, words: tuple[str, ...]) -> list[Mistake]:
        """The same mistake with other words in place of `old`: who answers `throne` thinks as who answers `palace`."""
        said = wrong.implementation()
        return [
            Mistake(
                f"{wrong.name}: {word}",
                lambda word=word: {key: word if value == old else value for key, value in said.items()},
                wrong.sentence,
            )
            for word in words
        ]

    topic = ("throne", "crown", "kingdom", "ruled")
    return Exercise(
        name="dial_prediction",
        title="What the dial does",
        lesson=3,
        reference=dial_prediction,
        parts=(
            entry_part("query words left out", "left out"),
            entry_part("query words left in", "left in"),
            entry_part("only b", "only b"),
        ),
        mistakes=(
            the_offset_survives,
            a_topic_word_beside_king,
            a_topic_word_for_the_analogy,
            nothing_is_found,
            king_everywhere,
            man_everywhere,
            with_capitals,
            *with_words(a_topic_word_beside_king, "palace", topic),
            *with_words(a_topic_word_for_the_analogy, "palace", topic),
            *with_words(nothing_is_found, "palace", topic),
            *with_words(man_everywhere, "man", ("woman",)),
        ),
    )


def _offset_cosine() -> Exercise:
    def few_questions(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 1.0], [-1.0, 0.0]]), np.array([[0, 1, 2, 3]])))
        for vocab, dim in ((4, 2), (5, 3), (6, 4)):
            yield Case((_table(rng, vocab, dim), rng.permutation(vocab)[None, :4]))
        yield Case((_table(rng, 6, 3), np.array([rng.permutation(6)[:4] for _ in range(4)])))

    def many_questions(rng: Rng) -> Iterator[Case]:
        for n, vocab, dim in ((2, 5, 2), (4, 6, 3), (9, 8, 4), (3, 7, 3)):
            yield Case((_table(rng, vocab, dim), np.array([rng.permutation(vocab)[:4] for _ in range(n)])))

    def cosines(E, first, second):
        return np.sum(unit_rows(first) * unit_rows(second), axis=1)

    @mistake("These are the offsets of the rows as they are. Bring the rows of E to length 1 first.")
    def rows_of_any_length(E, questions):
        a, b, c, d = questions.T
        return cosines(E, E[c] - E[a], E[d] - E[b])

    @mistake("This is the dot product of the offsets. Divide by the norms of both for their cosine.")
    def dot_product(E, questions):
        unit, (a, b, c, d) = unit_rows(E), questions.T
        return np.sum((unit[c] - unit[a]) * (unit[d] - unit[b]), axis=1)

    @mistake(
        "These are the offsets from a to b and from c to d, man to king and woman to queen. What is added to b is c − a, "
        "so compare c − a with d − b."
    )
    def the_other_sides(E, questions):
        unit, (a, b, c, d) = unit_rows(E), questions.T
        return cosines(E, unit[b] - unit[a], unit[d] - unit[c])

    @mistake("One of the offsets points backwards. Take c − a and d − b, both from the first side to the second.")
    def one_backwards(E, questions):
        return -analogies.offset_cosine(E, questions)

    @mistake("This compares the words c and d, not the steps that lead to them: c − a and d − b.")
    def words_for_offsets(E, questions):
        _, _, c, d = questions.T
        return cosines(E, E[c], E[d])

    @mistake("This is the mean. Return one cosine for each question.")
    def the_mean(E, questions):
        return float(analogies.offset_cosine(E, questions).mean())

    @mistake("This is the cosine of every offset with every other. Compare the two offsets of each question alone.")
    def all_with_all(E, questions):
        unit, (a, b, c, d) = unit_rows(E), questions.T
        return unit_rows(unit[c] - unit[a]) @ unit_rows(unit[d] - unit[b]).T

    @mistake("The values are right, in a list. Return a NumPy array.")
    def in_a_list(E, questions):
        return analogies.offset_cosine(E, questions).tolist()

    return Exercise(
        name="offset_cosine",
        title="Are the offsets parallel?",
        lesson=3,
        reference=analogies.offset_cosine,
        parts=(Part("few questions", 1, few_questions), Part("many questions", 1, many_questions)),
        mistakes=(
            rows_of_any_length,
            dot_product,
            the_other_sides,
            one_backwards,
            words_for_offsets,
            the_mean,
            all_with_all,
            in_a_list,
        ),
    )


def _centered() -> Exercise:
    def small_tables(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[1.0, 5.0], [3.0, 6.0]]),))
        for vocab, dim in ((2, 3), (3, 2), (4, 4)):
            yield Case((_table(rng, vocab, dim) + 3,))

    def larger_tables(rng: Rng) -> Iterator[Case]:
        for vocab, dim in ((6, 3), (9, 5), (20, 2), (1, 4)):
            yield Case((_table(rng, vocab, dim) - 1,))

    @mistake("You subtract each row's own mean. What the rows have in common is the mean *row*: `E.mean(axis=0)`.")
    def mean_of_each_row(E):
        return E - E.mean(axis=1, keepdims=True)

    @mistake("You subtract one number, the mean of all. What the rows have in common is a row: `E.mean(axis=0)`.")
    def one_mean_for_all(E):
        return E - E.mean()

    @mistake("The mean is added. Subtract it.")
    def mean_added(E):
        return E + E.mean(axis=0)

    @mistake("The columns are divided by their spread as well. Centring only moves the table; it does not stretch it.")
    def standardised(E):
        spread = E.std(axis=0)
        return (E - E.mean(axis=0)) / np.where(spread > 0, spread, 1)

    @mistake("The rows are brought to length 1 first. Here they stay as they are; only the mean row goes.")
    def unit_rows_first(E):
        return unit_rows(E) - unit_rows(E).mean(axis=0)

    @mistake("The rows are brought to length 1 in the end. Here only the mean row goes.")
    def unit_rows_after(E):
        return unit_rows(E - E.mean(axis=0))

    @mistake("You subtract the sum of the rows. Their mean is the sum divided by how many there are.")
    def the_sum(E):
        return E - E.sum(axis=0)

    @mistake("This is the mean row itself. Return the table without it: `E` minus this row.")
    def the_mean_itself(E):
        return E.mean(axis=0)

    @mistake("You subtract the first row, so that row 0 becomes zero. Subtract the mean row.")
    def the_first_row(E):
        return E - E[0]

    return Exercise(
        name="centered",
        title="Centring",
        lesson=3,
        reference=analogies.centered,
        parts=(Part("small tables", 1, small_tables), Part("larger tables", 1, larger_tables)),
        mistakes=(
            mean_of_each_row,
            one_mean_for_all,
            mean_added,
            standardised,
            unit_rows_first,
            unit_rows_after,
            the_sum,
            the_mean_itself,
            the_first_row,
        ),
    )


ANALOGY_EXERCISES = (
    _analogy(),
    _analogy_accuracy(),
    _only_b_accuracy(),
    _dial_prediction(),
    _offset_cosine(),
    _centered(),
)
