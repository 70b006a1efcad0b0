"""Another département in eleven small files, written where a test wants them."""

from pathlib import Path

OUTLINE = (
    '{{"type":"Feature","properties":{{"insee":"{insee}"}},"geometry":{{"type":"Polygon",'
    '"coordinates":[[[3.0,44.0],[3.1,44.0],[3.1,44.1],[3.0,44.0]]]}}}}'
)

FILES = {
    "communes.csv": """\
insee,nom,population,epci,lon,lat,codes_postaux,surface_km2
48095,Mende,12318,244800405,3.05,44.05,48000,36.56
48061,Florac,2121,244800405,3.06,44.02,48400,29.89
""",
    "communes.geojson": "\n".join(
        [
            '{"type":"FeatureCollection","features":[',
            OUTLINE.format(insee="48095") + ",",
            OUTLINE.format(insee="48061"),
            "]}",
        ]
    ),
    "epci.csv": "code,nom,type,population\n244800405,CC Coeur de Lozère,CC,14439\n",
    "sites.csv": """\
code,kind,name,insee,lat,lon,synthetic
hospital-01,hospital,Hôpital de Mende,48095,44.05,3.05,true
""",
    "sensors.csv": """\
code,name,metric,unit,low,high,sector,communes,lat,lon,synthetic
mende-p1,Pression de Mende,pressure,bar,3.0,7.0,Mende haut,48095|48061,44.05,3.05,true
""",
    "depots.toml": """\
[[sector]]
code = "mende"
name = "Mende"
councils = ["244800405"]

[[depot]]
code = "mende"
name = "Mende"
sector = "mende"
insee = "48095"
lat = 44.05
lon = 3.05
""",
    "crews.toml": """\
[[skill]]
code = "water_network"
label_fr = "Réseau d’eau"
label_en = "Water network"

[[shift]]
code = "day"
label_fr = "Journée"
label_en = "Day"
days = [1, 2, 3, 4, 5]
start = "08:00"
end = "17:00"
breaks = [{ from = "12:00", to = "14:00", minutes = 60 }]

[[crew]]
code = "mende-1"
name = "Mende 1"
sector = "mende"
depot = "mende"
skills = ["water_network"]
members = 2
shift = "day"
""",
    "people.toml": """\
[[post]]
code = "operations"
label_fr = "Exploitation"
label_en = "Operations"
letter = "M"
kind = "operations"
need = 1

[[person]]
code = "ada"
name = "Ada"
posts = ["operations"]
absences = [{ start = 2026-12-21, end = 2026-12-28, kind = "leave" }]
""",
    "categories.toml": """\
[hourly]
flat = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]

[[service]]
code = "drinking_water"
label_fr = "Eau potable"
label_en = "Drinking water"
shape = "circle"

[[service]]
code = "roads"
label_fr = "Voirie"
label_en = "Roads"
shape = "diamond"

[[category]]
code = "leak"
service = "drinking_water"
label_fr = "Fuite"
label_en = "Leak"
severity = 10
urgency = 10
skills = ["water_network"]
duration_min = 60
respond_within = { hours = 1, minutes = 30, clock = "calendar" }
words = ["fuite"]
hourly = "flat"
share = 1
storm = 1.0
""",
    "reading.toml": """\
small_words = ["de"]
negations = ["pas"]
ordinary_words = []
street_words = ["rue"]

[[danger]]
kind = "ice"
words = ["verglas"]
""",
    "policy.toml": """\
name = "Lozère"

[weather.snow_ice]
services = ["drinking_water"]
[weather.extreme_cold]
services = []
[weather.wind]
services = []
[weather.thunderstorm]
services = []
[weather.rain_flood]
services = []
[weather.flood]
services = []
[weather.heat]
services = []
""",
}


def write(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """Write the eleven files and return their folder.

    Args:
        folder: Where.
        *changes: File, text in it, and what to put in its place.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = dict(FILES)
    for name, old, new in changes:
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
