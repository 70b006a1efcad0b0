"""The pages of staff: shells built by Vite, served at French addresses; and the built assets."""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.edge import theme
from ui import DIST

router = APIRouter(include_in_schema=False)

PAGES = {
    "/connexion": "login.html",
    "/tableau": "board.html",
    "/equipe": "crew.html",
    "/astreintes": "rota.html",
    "/appels": "paging.html",
    "/politique": "policy.html",
    "/competences": "competence.html",
    "/reponses": "replies.html",
    "/capteurs": "sensors.html",
    "/expertise": "expertise.html",
    "/mur": "wall.html",
    "/design": "design.html",
    "/trajets": "travel.html",
}
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
UNBUILT = (
    "<!doctype html><html lang=fr><title>CPO</title><h1>L’interface n’est pas construite</h1>"
    "<p>Lancez <code>make setup</code>, puis rechargez. L’API répond : <a href=/docs>/docs</a>."
)


class Assets(StaticFiles):
    """Hashed assets: kept for ever by browsers, since a new content has a new name."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file with its cache rule, packed for whoever can read that."""
        hashed = path.startswith("assets/")
        packed = hashed and await self._is_packed(path, Headers(scope=scope))
        answer = await super().get_response(f"{path}.gz" if packed else path, scope)
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        if hashed:
            answer.headers["Vary"] = "Accept-Encoding"
        if path == "sw.js":
            # The pages of crews and of people on call are outside /static/, where it comes from.
            answer.headers["Service-Worker-Allowed"] = "/"
        answer.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if hashed else "no-cache"
        )
        return answer

    async def _is_packed(self, path: str, asked: Headers) -> bool:
        if not ACCEPTS_GZIP.search(asked.get("accept-encoding", "")) or "range" in asked:
            return False
        with suppress(ValueError, OSError):  # no such name can be: the plain file is refused too
            return (await run_in_threadpool(self.lookup_path, f"{path}.gz"))[1] is not None
        return False


def shell(name: str, dist: Path = DIST, tag: str | None = None) -> HTMLResponse:
    """Return a page's shell, or how to build it.

    Args:
        name: File of the page.
        dist: Where the pages were built.
        tag: Of the authority's own theme, whose style sheet then follows ours.
    """
    page = dist / name
    if not page.is_file():
        return HTMLResponse(UNBUILT, status_code=503)
    text = page.read_text(encoding="utf-8")
    if tag is not None:
        link = f'<link rel="stylesheet" href="/theme.css?{tag}" />'
        text = text.replace("</head>", f"  {link}\n  </head>", 1)
    return HTMLResponse(text)


@router.get("/")
async def landing(_anyone: Annotated[Actor, Depends(access.public)]) -> RedirectResponse:
    """Send citizens to the report form."""
    return RedirectResponse("/signaler", status_code=302)


def _page(name: str) -> Callable[..., Awaitable[HTMLResponse]]:
    # The shells hold no data; each page asks the API, whose doors decide.
    async def page(
        request: Request, _anyone: Annotated[Actor, Depends(access.public)]
    ) -> HTMLResponse:
        own: theme.Theme = service_of(request).parts[theme.PART]
        return shell(name, tag=own.tag if own.css else None)

    return page


for _address, _name in PAGES.items():
    router.add_api_route(_address, _page(_name), methods=["GET"], name=_name)
