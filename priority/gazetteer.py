"""The names of a territory, as its places are looked up in messages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommuneName:
    """A commune that a text may name.

    Attributes:
        insee: Code.
        name: Official name.
        lat: Of a point in it, WGS 84 degrees.
        lon: Likewise.
        population: Settles which of two communes a short name means.
        postcodes: Five digits each.
    """

    insee: str
    name: str
    lat: float
    lon: float
    population: int = 0
    postcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Names of places.

    Attributes:
        communes: All of the territory.
        street_words: Words that begin a street's name: ``rue``, ``avenue``, ``place``…
        landmarks: Names that people use instead of their commune, each with the INSEE code; a
            code that is not among the communes is passed over.
    """

    communes: tuple[CommuneName, ...]
    street_words: tuple[str, ...]
    landmarks: tuple[tuple[str, str], ...] = ()
