"""Something to do near Tulle, for journeys: reported and given to a crew by the API."""

from typing import Any

import httpx

Json = dict[str, Any]

TULLE = {"lat": 45.2670, "lon": 1.7710}


POTHOLE = ("pothole", "nid-de-poule")
LEAK = ("water_leak_road", "petite fuite")


def reported(
    http: httpx.Client, key: str, number: int = 0, what: tuple[str, str] = POTHOLE
) -> Json:
    """Report something; return what the reporter is told.

    Args:
        http: Signed in as staff, or a citizen.
        key: Not used before.
        number: Steps of some 400 m to the north, so that two of them are two.
        what: Category and words.
    """
    category, words = what
    place = {"lat": TULLE["lat"] + 0.004 * number, "lon": TULLE["lon"]}
    answer = http.post(
        "/api/v1/reports",
        json={"text": f"{words} {key}", "category": category, "place": place},
        headers={"Idempotency-Key": f"something-near-tulle-{key}"},
    )
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


def planned(http: httpx.Client, key: str, number: int = 0) -> Json:
    """Report a pothole and give it to the best crew; return the visit."""
    told = reported(http, key, number)
    path = f"/api/v1/incidents/{told['incident']['id']}"
    offers = http.get(f"{path}/offers").json()
    best, version = offers["offers"][0]["crew_id"], offers["plan_version"]
    answer = http.post(f"{path}/accept", json={"crew_id": best, "plan_version": version})
    assert answer.status_code == 200, answer.text
    visit: Json = answer.json()["visit"]
    return visit
