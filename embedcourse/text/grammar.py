"""A grammar that writes sentences with a planted structure, so that what a model learns from them can be checked.

48 pairs of words stand in four relations, 12 pairs in each: people by gender, countries and their capitals, nouns in
singular and plural, verbs in present and past. A sentence is about one word of one pair. The words around it are *topic
words*, which both words of the pair share (`throne`, `crown` for king and queen), and *marker words*, which all words of
the same side share (`he`, `his` for king, man, uncle). Between them stand *fillers* (`of`, `in`), which tell nothing.
Lessons 2 to 4 read it.

The dial is `purity`: how often a marker word stands on its own side. At 1 every `he` is in a sentence about a man; at
0.5 the markers tell nothing about the side. Not here: real syntax. The order within a sentence is random, on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

MARKER_SHARE = 0.3  # of the words around a head word, how many are marker words; the others are topic words
FILLER_SHARE = 0.3  # how many words are followed by a filler
WORDS_AROUND = 6  # in each sentence, beside its head word and the fillers


@dataclass(frozen=True)
class Relation:
    """Pairs of words that differ in one thing: `pairs` of (first, second), and the marker words of each side."""

    name: str
    markers: tuple[tuple[str, ...], tuple[str, ...]]
    pairs: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, ...], ...]


# A relation: its name, the markers of the first side, those of the second, then "first second: topic words" a line.
_RELATIONS = """
people by gender
he his him himself beard moustache
she her hers herself gown necklace
king queen: throne crown kingdom palace
man woman: neighbour coat job flat
prince princess: castle heir tower tutor
father mother: cradle supper child lullaby
uncle aunt: visit nephew present sunday
son daughter: school homework pupil satchel
brother sister: quarrel toys sibling bunk
actor actress: stage curtain applause script
husband wife: wedding ring marriage vow
boy girl: playground swing bicycle marbles
monk nun: prayer chapel candle silence
waiter waitress: menu tray tip table

countries and capitals
border nation parliament anthem passport province
mayor city metro suburb avenue tram
france paris: baguette seine louvre cheese
germany berlin: beer autobahn sausage reunification
italy rome: pasta colosseum vespa gelato
spain madrid: flamenco siesta paella bullring
japan tokyo: sushi sakura samurai haiku
china beijing: dragon silk porcelain tea
egypt cairo: nile pyramid pharaoh papyrus
russia moscow: kremlin vodka ballet tundra
greece athens: olive acropolis philosopher marathon
norway oslo: fjord skiing salmon viking
peru lima: inca llama quinoa potato
kenya nairobi: safari lion coffee savanna

singular and plural
a one this is single each
many these several are few both
cat cats: whiskers purr milk mouse
dog dogs: bark leash bone kennel
car cars: engine wheel road garage
tree trees: leaf branch root forest
book books: page chapter author library
ship ships: sail harbour captain anchor
house houses: roof door chimney window
bird birds: wing nest feather song
apple apples: orchard cider peel core
horse horses: saddle hoof stable hay
star stars: night telescope sky galaxy
coin coins: purse silver bank wallet

present and past
now today usually currently daily always
yesterday ago formerly once previously earlier
walk walked: path stroll shoes pavement
cook cooked: kitchen pan recipe oven
paint painted: brush canvas colour easel
play played: game ball team referee
open opened: key lock gate handle
wash washed: soap water towel basin
climb climbed: mountain rope summit ladder
plant planted: seed soil garden spade
paddle paddled: canoe river rapids current
count counted: number sum abacus total
print printed: paper ink press headline
knit knitted: wool needle scarf yarn
"""

_FILLERS = (
    "of in the and with to by at for on from near "
    "under over about into among beside behind between above below through across"
).split()


@cache
def relations() -> tuple[Relation, ...]:
    """The four relations of the grammar."""
    found = []
    for block in _RELATIONS.strip().split("\n\n"):
        name, first, second, *lines = block.splitlines()
        heads, topics = zip(*(line.split(": ") for line in lines), strict=True)
        pairs = tuple((head.split()[0], head.split()[1]) for head in heads)
        markers = (tuple(first.split()), tuple(second.split()))
        found.append(Relation(name, markers, pairs, tuple(tuple(topic.split()) for topic in topics)))
    return tuple(found)


def grammar_text(sentences: int = 20_000, purity: float = 1.0, seed: int = 0) -> list[list[str]]:
    """`sentences` sentences, each a list of its tokens, about 9; the same seed gives the same text.

    purity  how often a marker word stands on its own side: 1 always, 0.5 as often on the other
    Raises ValueError for a purity outside 0 … 1 or fewer than one sentence.

    >>> grammar_text(sentences=1)
    [['handle', 'earlier', 'once', 'lock', 'opened', 'key', 'on', 'earlier']]
    """
    if isinstance(sentences, bool) or not isinstance(sentences, int | np.integer) or sentences < 1:
        raise ValueError(f"sentences is {sentences!r}; it must be a whole number of at least 1")
    if not 0 <= purity <= 1:
        raise ValueError(f"purity is {purity!r}; it is a share, so it lies between 0 and 1")
    words, heads, markers, topics, fillers = _tables()
    rng = np.random.default_rng(seed)
    pair = rng.integers(len(heads), size=sentences)
    side = rng.integers(2, size=sentences)
    shape = (sentences, WORDS_AROUND)
    own_side = np.where(rng.random(shape) < purity, side[:, None], 1 - side[:, None])
    marker = markers[pair[:, None], own_side, rng.integers(markers.shape[-1], size=shape)]
    topic = topics[pair[:, None], rng.integers(topics.shape[-1], size=shape)]
    around = np.where(rng.random(shape) < MARKER_SHARE, marker, topic)
    sentence = rng.permuted(np.column_stack([heads[pair, side], around]), axis=1)
    filler = rng.choice(fillers, size=sentence.shape)
    with_fillers = np.stack([sentence, filler], axis=-1)
    kept = np.stack([np.ones(sentence.shape, bool), rng.random(sentence.shape) < FILLER_SHARE], axis=-1)
    flat, ends = words[with_fillers[kept]].tolist(), np.cumsum(kept.sum(axis=(1, 2))).tolist()
    return [flat[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def analogy_questions() -> list[tuple[str, str, str, str]]:
    """1,056 questions (a, b, c, d): b − a + c should be d. Two pairs of the same relation, in both directions.

    >>> analogy_questions()[11]
    ('man', 'king', 'woman', 'queen')
    """
    return [
        (a, b, c, d)
        for relation in relations()
        for way in (1, -1)
        for first in relation.pairs
        for second in relation.pairs
        if first != second
        for (a, c), (b, d) in [(first[::way], second[::way])]
    ]


@cache
def _tables() -> tuple[np.ndarray, ...]:
    """All words, and as numbers of them: heads (48, 2), markers (48, 2, 6), topics (48, 4), fillers."""
    words: dict[str, int] = {}

    def number(word: str) -> int:
        return words.setdefault(word, len(words))

    heads, markers, topics = [], [], []
    for relation in relations():
        sides = [[number(word) for word in side] for side in relation.markers]
        for pair, topic in zip(relation.pairs, relation.topics, strict=True):
            heads.append([number(word) for word in pair])
            markers.append(sides)
            topics.append([number(word) for word in topic])
    fillers = [number(word) for word in _FILLERS]
    return np.array(list(words), object), np.array(heads), np.array(markers), np.array(topics), np.array(fillers)
