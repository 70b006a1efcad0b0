"""How invented people write: openings, places, complaints and slips of the keyboard, in French.

All sentences are our own. Names of people are common ones drawn at random; telephone numbers come
from the block that is never given to anybody.
"""

from collections.abc import Mapping

FICTION_PHONE = "06 39 98 {:02d} {:02d}"
"""A mobile number reserved for works of fiction.

Source: plan national de numérotation (Arcep, décision n° 2018-0881 of 24 July 2018), blocks for
audiovisual works: 01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49 and, for mobiles, 06 39 98.
"""

FIRST_NAMES = (
    "Alice", "Anne", "Arthur", "Brigitte", "Camille", "Catherine", "Claude", "Denise", "Didier",
    "Élise", "Émile", "Fatima", "Florian", "François", "Gisèle", "Guy", "Hélène", "Inès", "Jacques",
    "Jeanne", "Julien", "Karim", "Léa", "Louis", "Lucas", "Manon", "Marcel", "Marie", "Maryse",
    "Michel", "Monique", "Nadia", "Nicolas", "Odile", "Pascal", "Paulette", "Raymond", "Rose",
    "Simone", "Sylvie", "Théo", "Thérèse", "Valérie", "Yvette", "Zoé",
)  # fmt: skip

LAST_NAMES = (
    "Arnaud", "Barbier", "Bernardie", "Blanchard", "Bonnefond", "Bouchet", "Brunerie", "Chabrol",
    "Champeil", "Chastanet", "Colin", "Coudray", "Delmas", "Dumont", "Dupuy", "Escure", "Faucher",
    "Fournier", "Garnier", "Gauthier", "Geneste", "Giraud", "Joubert", "Lacombe", "Lafon", "Lagard",
    "Laporte", "Leroy", "Marchand", "Masson", "Mercier", "Monteil", "Morin", "Nadaud", "Pestourie",
    "Picard", "Pradel", "Renaudie", "Rivière", "Roussel", "Salles", "Sarrazin", "Tavernier",
    "Terrade", "Vergne", "Vialard",
)  # fmt: skip

STREETS = (
    "rue de la République", "rue des Écoles", "avenue de la Gare", "place de l'Église",
    "rue du Général-de-Gaulle", "rue Jean-Jaurès", "avenue Victor-Hugo", "place de la Mairie",
    "rue du Stade", "chemin de la Fontaine", "route du Moulin", "rue des Lilas", "rue Pasteur",
    "impasse des Tilleuls", "rue du 11-Novembre", "boulevard Carnot", "rue de la Liberté",
    "chemin du Lavoir", "rue du Cimetière", "allée des Châtaigniers", "rue de la Barrière",
    "avenue du Limousin", "rue des Jardins", "quai de la Rivière", "rue Basse", "rue Haute",
)  # fmt: skip

HAMLETS = (
    "Le Mas", "La Borie", "Le Puy", "La Chassagne", "Le Teil", "Lavialle", "Le Bos", "La Jarrige",
    "Le Peuch", "La Garenne", "Les Combes", "Le Verdier", "La Rebière", "Le Chastang", "Le Theil",
    "La Croix", "Les Bruyères", "La Faurie", "Le Moulin-Bas", "Le Bourg",
)  # fmt: skip

LANDMARKS = (
    "devant l'école", "près de la mairie", "derrière l'église", "en face de la boulangerie",
    "à côté du stade", "à l'entrée du bourg", "à la sortie du village", "près du cimetière",
    "devant la salle des fêtes", "au niveau de l'arrêt de car",
)  # fmt: skip

OPENINGS = (
    "", "", "", "Bonjour, ", "Bonjour. ", "Bonsoir, ", "Allô, bonjour, ", "J'appelle pour ceci : ",
    "Je souhaite signaler ceci : ", "Pour information : ", "Encore une fois : ", "Monsieur, ",
)  # fmt: skip

ENDINGS = (
    "", "", "", "", " Merci.", " Merci de faire le nécessaire.", " Pouvez-vous passer ?",
    " C'est urgent à mon avis.", " Ce n'est pas la première fois.", " Les voisins l'ont vu aussi.",
    " Cela dure depuis ce matin.", " Quand pensez-vous venir ?", " Je reste joignable.",
    " Il faudrait venir voir.", " Attention, des enfants passent par là.", " Cordialement.",
)  # fmt: skip

ALARMING = (
    " C'est vraiment inquiétant.", " Il y a une école juste à côté.",
    " Ça empire de minute en minute.",
)  # fmt: skip

ALARMING_ON_THE_ROAD = (
    " Une voiture a failli avoir un accident.", " C'est vraiment dangereux.",
    " Quelqu'un va finir par se faire mal.", " On ne peut plus passer.", *ALARMING,
)  # fmt: skip

STORM_ENDINGS = (
    " C'est à cause de la tempête.", " Le vent souffle très fort ici.", " Il pleut des cordes.",
    " Tout le quartier est touché.", " Ça vient d'arriver avec l'orage.", " On n'y voit rien.",
)  # fmt: skip

MORE: Mapping[str, tuple[str, ...]] = {
    "water_leak_road": (
        "Ça fuit sous le goudron {place}, l'eau descend la rue",
        "Grosse flaque {place} alors qu'il ne pleut pas, sûrement une fuite d'eau",
        "L'eau remonte entre les pavés {place}, il y a une fuite",
    ),
    "water_outage": (
        "Pas une goutte d'eau au robinet {place}, qu'est-ce qui se passe ?",
        "Coupure d'eau {place} sans prévenir, les voisins pareil",
    ),
    "water_low_pressure": (
        "Plus de pression {place}, c'est un filet d'eau au robinet",
        "La pression a chuté d'un coup {place}, la douche ne marche plus",
        "Presque pas d'eau au robinet {place} depuis quelques minutes",
    ),
    "pothole": (
        "Un nid-de-poule énorme {place}, on le voit au dernier moment",
        "Le nid-de-poule {place} a encore grandi avec le gel",
    ),
    "lamp_out": (
        "Un lampadaire ne s'allume plus {place}",
        "Le lampadaire {place} est éteint depuis deux jours",
    ),
    "street_dark": ("Tous les lampadaires sont éteints {place}, on ne voit plus rien",),
    "tree_on_road": (
        "Arbre tombé {place}, la route est barrée",
        "Un arbre est couché sur la chaussée {place}, impossible de passer",
    ),
    "cable_down": (
        "Un câble électrique est à terre {place}, personne n'ose approcher",
        "Câble arraché {place}, il pend au-dessus de la route",
    ),
    "road_flooded": ("Route inondée {place}, il y a bien trente centimètres d'eau",),
    "storm_drain": ("L'avaloir est bouché {place}, l'eau stagne jusqu'au trottoir",),
    "fly_tipping": (
        "Dépôt sauvage {place}, un canapé et des gravats",
        "Quelqu'un a laissé un dépôt sauvage {place} cette nuit",
    ),
    "road_sign": ("Un panneau de signalisation est tombé {place}, on ne voit plus la priorité",),
    "black_ice": (
        "Verglas {place}, ma voiture a glissé",
        "Plaque de verglas {place}, sous les arbres",
    ),
    "sewer_blockage": ("L'égout est bouché {place}, les toilettes remontent",),
    "vegetation": ("Les branches cachent la visibilité {place}, il faudrait élaguer",),
}
"""Further messages for frequent categories; the catalogue's own examples come on top."""

READINGS: Mapping[str, tuple[str, ...]] = {
    "water_tank": (
        "Télégestion, alarme niveau bas au réservoir {place} : {value} m",
        "Télégestion, alarme intrusion au réservoir {place}",
    ),
    "lift_station": (
        "Télégestion, alarme niveau haut, pompe de relevage en défaut {place} : {value} m",
    ),
    "water_main_burst": (
        "Télégestion, débit de nuit anormal, rupture de conduite probable {place} : {value} m³/h",
    ),
    "black_ice": ("Station météo routière {place} : chaussée à -{value} °C, risque de verglas",),
    "street_dark": ("Armoire d'éclairage {place} : défaut d'alimentation, rue dans le noir",),
}
"""What sensors say, by the category their alarm belongs to."""

_NEIGHBOURS = {"a": "z", "e": "r", "i": "o", "o": "p", "r": "t", "s": "d", "t": "r", "u": "i"}


def neighbour(letter: str) -> str:
    """Return the key beside a letter on a French keyboard, or the letter itself."""
    return _NEIGHBOURS.get(letter, letter)
