import pytest

from priority.gazetteer import CommuneName, Gazetteer
from priority.places import PlaceFinder
from priority.words import tokens_of
from tests.priority.library import gazetteer, place, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fuite rue Carnot à Tulle", "Rue Carnot, Tulle"),
        ("fuite rue Carnot Tulle", "Rue Carnot, Tulle"),
        ("FUITE RUE CARNOT A TULLE", "RUE CARNOT, Tulle"),
        ("fuite rue carnot a tulle", "Rue carnot, Tulle"),
        ("au 14 rue Jean-Jaurès, Tulle", "14 rue Jean-Jaurès, Tulle"),
        ("14 bis avenue Jean Jaurès à Brive", "14 bis avenue Jean Jaurès, Brive-la-Gaillarde"),
        ("av. Victor Hugo brive", "Av. Victor Hugo, Brive-la-Gaillarde"),
        ("rue du 8 mai 1945 à Ussel", "Rue du 8 mai 1945, Ussel"),
        ("rue du général de Gaulle à Meymac", "Rue du général de Gaulle, Meymac"),
        ("rue de Tulle à Argentat", "Rue de Tulle, Argentat-sur-Dordogne"),
        ("place de la gare, ussel", "Place de la gare, Ussel"),
        ("à Seilhac sur la D940", "D940, Seilhac"),
        ("RD 1089 Egletons", "RD 1089, Égletons"),
        ("route D940 à Seilhac", "D940, Seilhac"),
        ("sur la route, avenue Foch à Ussel", "Avenue Foch, Ussel"),
        ("hameau de Lachaud, Saint-Martial-de-Gimel", "Hameau de Lachaud, Saint-Martial-de-Gimel"),
        ("Ste Fortunade", "Sainte-Fortunade"),
        ("st pantaleon de larche", "Saint-Pantaléon-de-Larche"),
        ("à Lonzac", "Le Lonzac"),
        ("à Bort", "Bort-les-Orgues"),
        ("à Tule", "Tulle"),
        ("près d'Eglettons", "Égletons"),
        ("à Bar", "Bar"),
        ("19140", "Uzerche"),
        ("à 19300 Égletons", "Égletons"),
    ],
)
def test_a_place_is_read_as_people_write_it(text: str, expected: str) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "fuite dans la rue eau partout",
        "la route est coupée",
        "la rue inondée",
        "le bar de la plage",
        "il neige en Corrèze",
        "la Corrèze déborde",
        "rue",
        "sur la route.",
        "rue de la",
        "à 20 h",
        "place rue chemin",
        "une rue sombre",
        "",
    ],
)
def test_ordinary_words_are_no_place(text: str) -> None:
    assert place(text) is None


def test_a_street_s_name_has_an_end() -> None:
    (hint,) = read("rue Alpha-Beta-Gamma-Delta-Epsilon-Zeta").places

    assert hint.street == "rue Alpha-Beta-Gamma-Delta-Epsilon"


def test_a_road_number_within_a_word_is_no_road() -> None:
    assert place("cafe\u0301d940") is None


def test_a_street_without_a_commune_is_worth_little() -> None:
    (hint,) = read("lampadaire rue Carnot").places

    assert (hint.label, hint.commune) == ("Rue Carnot", None)
    assert hint.confidence < 0.5


def test_the_commune_after_the_street_goes_with_it() -> None:
    text = "un agent de Brive signale une fuite rue Carnot à Tulle"

    assert place(text) == "Rue Carnot, Tulle"


def test_one_span_covers_street_and_commune_when_nothing_else_is_between() -> None:
    text = "fuite rue Carnot à Tulle, vite"

    (hint,) = read(text).places

    assert [text[start:end] for start, end in hint.spans] == ["rue Carnot à Tulle"]


def test_two_spans_when_something_else_is_between() -> None:
    text = "à Tulle, gros trou, rue Carnot"

    (hint,) = read(text).places

    assert [text[start:end] for start, end in hint.spans] == ["Tulle", "rue Carnot"]


def test_a_postcode_of_several_communes_names_them_the_largest_first() -> None:
    places = read("fuite 19000").places

    assert next(hint.commune.name for hint in places if hint.commune) == "Tulle"
    assert len(places) > 1
    assert places[0].confidence > places[1].confidence


def test_two_communes_without_a_street_are_two_hints() -> None:
    labels = {hint.label for hint in read("entre Tulle et Naves").places}

    assert labels == {"Tulle", "Naves"}


def test_an_official_name_beats_another_one_s_short_form() -> None:
    village = CommuneName("00001", "Chanac", 45.0, 1.0, population=10)
    town = CommuneName("00002", "Chanac-les-Mines", 46.0, 2.0, population=9999)
    finder = PlaceFinder(Gazetteer((village, town), ("rue",)), frozenset(), frozenset())

    (hint,) = finder.find("à Chanac", tokens_of("à Chanac"))

    assert hint.commune is village


def test_every_commune_is_found_by_its_own_name() -> None:
    for commune in gazetteer().communes:
        places = read(f"fuite à {commune.name}").places

        # « Le Jardin » and such have no article after « à »; the first hint must still be them.
        assert places
        assert places[0].commune is commune


def test_an_empty_gazetteer_finds_streets_only() -> None:
    finder = PlaceFinder(Gazetteer((), ("rue",)), frozenset(), frozenset())

    (hint,) = finder.find("rue Carnot à Tulle", tokens_of("rue Carnot à Tulle"))

    assert hint.label == "Rue Carnot"


@pytest.mark.parametrize(
    ("text", "insee"),
    [
        ("côte de Cornil quand il tombe des cordes", "19061"),
        ("des pierres tombent sur la place de Masseret", "19129"),
        ("route de Tulle à Brive, l'enrobé est arraché", "19031"),
        ("route de Tulle", "19272"),
        ("avenue de Tulle", None),
        ("Coucou @VilleBeaulieu, le réverbère du quai", "19019"),
        ("bravo @mairiedetulle", "19272"),
        ("#CollongesLaRouge les herbes folles", "19057"),
        ("verglas #Tulle19", "19272"),
        ("le panier de basket dargenta", "19010"),
        ("lampadaire cassé bort rue de la poste", "19028"),
        ("école Sainte-Marie à Brive", "19031"),
        ("D1120 sortie Argentat vers Saint-Privat", "19010"),
        ("route de Tulle, direction Naves", "19146"),
        ("au square de Saint-Pantaléon-de-Larche", "19229"),
        ("je suis de Tulle mais c'est à Naves", "19146"),
        ("Mme Larche signale un trou à Objat", "19153"),
        ("du monde au lac du Causse", "19117"),
        ("quartier de Tujac à Malemort", "19123"),
        ("bort rue de Paris plus d'eau", "19028"),
        ("entre Tulle et Brive, côté Tulle", "19272"),
        ("ligne Tulle-Brive, arrêt de Saint-Hilaire-Peyroux", "19211"),
        ("devant la collégiale Saint-Martin", "19031"),
        ("la Corrèze déborde", None),
        ("comme au lavage à Bassignac-le-Haut", "19018"),
        ("la mediateque dussel est fermée", "19275"),
        ("Saint Julien près Bort, commune de Sarroux", "19252"),
    ],
)
def test_the_commune_is_where_it_happens(text: str, insee: str | None) -> None:
    assert read(text).commune == insee


def test_a_name_that_many_share_is_shown_with_all_it_may_mean() -> None:
    found = read("gros trou à Saint-Hilaire")

    named = {hint.commune.name for hint in found.places if hint.commune}
    assert {"Saint-Hilaire-Peyroux", "Saint-Hilaire-Foissac", "Saint-Hilaire-Luc"} <= named
    assert found.commune is None


def test_a_way_that_leads_to_a_commune_is_only_a_guess_of_it() -> None:
    (hint,) = read("trou dans la route de Meymac").places

    assert hint.commune is not None
    assert hint.commune.name == "Meymac"
    assert hint.confidence < 0.5


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("un cratère dans la rue des écoles", "Rue des écoles"),
        ("fuite rue de la mairie à Tulle", "Rue de la mairie, Tulle"),
        ("place de parking effacée", None),
        ("fossé comblé à côté du cimetière", None),
        ("le chemin de randonnée est envahi", None),
        ("rue de nouveau inondée à Larche", "Larche"),
    ],
)
def test_ordinary_words_name_a_street_only_after_a_link(text: str, street: str | None) -> None:
    assert place(text) == street
