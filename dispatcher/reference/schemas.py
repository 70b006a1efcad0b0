"""Reference data as they go over the wire."""

from dispatcher.wire import Out


class CategoryOut(Out):
    """A kind of incident, for menus and labels.

    Attributes:
        code: What incidents carry.
        service: Service code.
        label_fr: Name in French.
        label_en: Name in English.
        severity: Base points, 0 to 30.
        urgency: Base points, 0 to 30.
        skills: What a crew needs for it.
        duration_min: Usual time on site, minutes.
    """

    code: str
    service: str
    label_fr: str
    label_en: str
    severity: int
    urgency: int
    skills: list[str]
    duration_min: int


class DepotOut(Out):
    """Where crews start and end their day."""

    code: str
    name: str
    lat: float
    lon: float


class SectorOut(Out):
    """A group of crews as the board shows it.

    Attributes:
        name: What crews carry as their sector.
        depots: In it, by name; empty for a group that shares the depots of others.
        crews: Names, in the order of the board.
        communes: INSEE codes of the communes it answers for.
    """

    name: str
    depots: list[DepotOut]
    crews: list[str]
    communes: list[str]
