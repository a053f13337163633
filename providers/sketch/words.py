"""What a prompt asks a sketch for: known things and colours, in English, French and Spanish."""

from __future__ import annotations

import re
from dataclasses import dataclass

from providers.sketch.colours import NAMED, RGB

_THINGS = {
    "snow": "snow snowy winter ice icy arctic frozen christmas neige hiver glace nieve invierno",
    "night": "night midnight nocturne dark nuit noche",
    "sunset": "sunset sunrise dawn dusk evening twilight couchant aube soir atardecer amanecer",
    "storm": "storm stormy thunder grim gloomy orage tempête tormenta",
    "sea": "sea ocean lake water wave river harbour harbor bay mer océan lac eau vague mar agua",
    "beach": "beach island coast shore plage île playa isla",
    "forest": "forest wood jungle tree pine fir forêt bois arbre sapin bosque selva árbol",
    "mountain": "mountain alps peak summit cliff montagne alpes montaña",
    "desert": "desert dune sand sahara désert sable desierto arena",
    "city": "city town street skyline skyscraper tokyo paris york ville rue ciudad calle",
    "meadow": "meadow field garden spring hill valley grass pré champ jardin printemps prado jardín",
    "autumn": "autumn automne otoño",
    "space": "space galaxy cosmos planet universe nebula espace galaxie planète espacio planeta",
    "abstract": "abstract pattern texture ribbon flow dream music abstrait rêve abstracto sueño",
    "circles": "circle bubble dot round ball geometric cercle bulle círculo burbuja",
    "flower": "flower rose tulip blossom bloom cherry poppy fleur cerisier flor",
    "rain": "rain rainy drizzle pluie lluvia",
    "cloud": "cloud cloudy nuage nube",
    "sun": "sun sunny soleil sol",
    "moon": "moon moonlit moonlight lune luna",
    "star": "star starry étoile estrella",
    "bird": "bird gull crow swallow oiseau pájaro ave",
    "boat": "boat ship sail sailing sailboat bateau voilier barco velero",
    "house": "house home cabin hut cottage maison cabane casa cabaña",
    "balloon": "balloon montgolfière globo",
    "fox": "fox vixen renard zorro",
    "wolf": "wolf husky loup lobo",
    "cat": "cat kitten chat chaton gato gatito",
    "dog": "dog puppy corgi chien chiot perro",
    "rabbit": "rabbit bunny hare lapin conejo",
}
_THING_OF = {word: thing for thing, words in _THINGS.items() for word in words.split()}
_PLURALS = {
    "foxes": "fox",
    "wolves": "wolf",
    "puppies": "dog",
    "cities": "city",
    "bunnies": "rabbit",
}
FIGURES = ("fox", "wolf", "cat", "dog", "rabbit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The things and colours of a prompt, what must not appear, and the colour of its animal."""

    things: frozenset[str]
    colours: tuple[RGB, ...]
    without: frozenset[str]
    coat: RGB | None

    def shows(self, *things: str) -> bool:
        """Whether the prompt names one of these."""
        return not self.things.isdisjoint(things)

    def allows(self, thing: str) -> bool:
        """Whether a thing that nobody named may be drawn."""
        return thing not in self.without


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, in their order."""
    return re.findall(r"[^\W\d_]+", text.lower())


def wish_of(prompt: str, negative: str | None) -> Wish:
    """Read a prompt; what the negative names is left out."""
    unwanted = words_of(negative or "")
    without = frozenset(thing for word in unwanted if (thing := _thing(word)))
    bad_colours = {_colour(word) for word in unwanted}
    things: set[str] = set()
    colours: list[RGB] = []
    coat = previous = None
    for word in words_of(prompt):
        thing, colour = _thing(word), _colour(word)
        if colour in bad_colours:
            colour = None
        if thing is not None and thing not in without:
            things.add(thing)
            if thing in FIGURES and previous is not None:
                coat = previous
                colours.remove(previous)
        if colour is not None:
            colours.append(colour)
        previous = colour
    if things & {"moon", "star"} and not things & {"sunset", "sun", "space"}:
        things |= {"night"} - without
    return Wish(things=frozenset(things), colours=tuple(colours), without=without, coat=coat)


def _thing(word: str) -> str | None:
    return _PLURALS.get(word) or _THING_OF.get(word) or _THING_OF.get(word.removesuffix("s"))


def _colour(word: str) -> RGB | None:
    return NAMED.get(word) or NAMED.get(word.removesuffix("s"))
