"""The citizens' pages: report and follow, complete without JavaScript."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, client_address, service_of
from dispatcher.clock import secret_token
from dispatcher.errors import CpoError, TooMany
from dispatcher.i18n import Locale, pick
from dispatcher.intake import forms, photos
from dispatcher.intake.addresses import addresses_of
from dispatcher.intake.api import Keyed, library_of, limit_reports, submit_report
from dispatcher.intake.known import Known, known_to
from dispatcher.intake.library import Library
from dispatcher.intake.schemas import ReportIn
from dispatcher.intake.wording import Words
from dispatcher.models import IdempotentAnswer
from priority.reading import Interpretation
from ui import TEMPLATES, asset

router = APIRouter(include_in_schema=False)

LIFE_THREATENING = frozenset({"life", "gas", "fire", "electric_shock"})
YEAR_S = 31_536_000

_templates = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
)

Anyone = Annotated[Actor, Depends(access.public)]


def render(http: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a citizens' page in the reader's language."""
    service = service_of(http)
    locale = locale_of(http)
    words = Words(locale, ZoneInfo(service.settings.timezone), service.clocks.service.now())
    html = _templates.get_template(name).render(
        t=words.say,
        words=words,
        asset=asset,
        locale=locale,
        org_name=service.settings.org_name,
        path=http.url.path,
        compliance="none",
        now=words.now,
        tiles=service.settings.map_tiles,
        tiles_credit=service.settings.map_tiles_credit,
        **context,
    )
    answer = HTMLResponse(html, status)
    if http.query_params.get("lang") in {"fr", "en"}:
        answer.set_cookie("cpo_locale", locale, max_age=YEAR_S, samesite="lax", httponly=False)
    return answer


def locale_of(request: Request) -> Locale:
    """Return the reader's language: what he chose, else French first."""
    service = service_of(request)
    chosen = request.query_params.get("lang") or request.cookies.get("cpo_locale")
    return pick(chosen, service.settings.default_locale)


@router.get("/signaler")
async def report_form(request: Request, _anyone: Anyone) -> HTMLResponse:
    """Show the report form."""
    library = await run_in_threadpool(library_of, service_of(request))
    return render(request, "report.html", form=forms.blank(library, locale_of(request)))


@router.post("/signaler")
async def send_report(request: Request, actor: Anyone) -> Response:
    """Store a report and lead to its private page; where life is at stake, ask to call first."""
    service = service_of(request)
    library = await run_in_threadpool(library_of, service)
    typed = await photos.form_of(request)
    values = {name: str(typed[name]) for name in forms.FIELDS if typed.get(name)}
    key = str(typed.get("key", ""))
    if typed.get(forms.TRAP):
        # A robot filled the field that people do not see: thank it and keep nothing.
        await typed.close()
        return RedirectResponse("/signaler", status_code=303)
    brought = await photos.photos_of(request, typed)
    form = forms.Form(
        values=values,
        choices=forms.choices(library, locale_of(request)),
        communes=forms.commune_names(library),
        key=key if forms.KEY.match(key) else secret_token(),
        joins=_joined(typed.get("joins")),
        photos=brought.taken,
    )
    report, errors = forms.read_form(library, values)
    if brought.fault is not None:
        errors["photos"] = brought.fault
    if report is None or errors:
        return render(request, "report.html", 422, form=_with(form, errors=errors))
    danger = _life_danger(library.reader.read(report.text))
    if danger is not None and typed.get("danger_seen") != "1":
        return render(request, "danger.html", form=_with(form, danger=danger))
    # Where life is at stake nothing more is asked.
    told = typed.get("known_seen") == "1" or form.joins is not None
    if danger is None and not told:
        known = await run_in_threadpool(_known, request, library, report, form.key)
        if known:
            return render(request, "known.html", form=form, known=known)
    report = report.model_copy(update={"joins": form.joins})
    return await _store(request, actor, report, form)


@router.post("/signaler/connu")
async def known_while_typing(request: Request, _anyone: Anyone) -> HTMLResponse:
    """Show what may be known already of what is being typed: a piece of the form, nothing stored.

    Its text is in the body, so that no proxy's log keeps it.
    """
    service, address = service_of(request), client_address(request)
    rate = service.settings.typing_per_minute
    await service.limits.take("typing", address, burst=rate, per_s=rate / 60)
    typed = await request.form()
    values = {name: str(typed[name]) for name in forms.PLACED if typed.get(name)}
    library = await run_in_threadpool(library_of, service)
    report, _errors = forms.read_form(library, values)
    known = (
        await run_in_threadpool(_known, request, library, report, "") if report is not None else ()
    )
    streets = await run_in_threadpool(_streets, service, library, values)
    return render(
        request, "near.html", known=known, addresses=streets, joins=_joined(typed.get("joins"))
    )


def _streets(service: Service, library: Library, values: dict[str, str]) -> Sequence[str]:
    """Return what the address being typed may be, where a geocoder is set and the commune known."""
    addresses = addresses_of(service)
    insee = forms.commune_code(library, values.get("commune", ""))
    if not addresses.is_on or insee is None:
        return ()
    found = addresses.suggest(library, values.get("address", ""), insee)
    return [one.name for one in found if one.source == "ban"]


async def _store(request: Request, actor: Actor, report: ReportIn, form: forms.Form) -> Response:
    service = service_of(request)
    try:
        address = await limit_reports(request)
        answer = await submit_report(
            service,
            actor,
            report,
            Keyed(form_scope(address), form.key),
            locale=locale_of(request),
        )
    except CpoError as refusal:
        name = "many" if isinstance(refusal, TooMany) else "refused"
        page = render(
            request, "report.html", refusal.status, form=_with(form, errors={"form": name})
        )
        if refusal.retryable:
            page.headers["Retry-After"] = str(refusal.params.get("retry_after", 5))
        return page
    where = answer.tracking_url.removeprefix(service.settings.origin)
    await photos.attach(service, actor, where.removeprefix("/suivi/"), form.photos)
    return RedirectResponse(where, 303)


@router.get("/accessibilite")
async def accessibility(request: Request, _anyone: Anyone) -> HTMLResponse:
    """Show the accessibility and privacy statement."""
    days = service_of(request).settings.attachments_kept_days
    return render(request, "accessibility.html", photo_days=days)


def _known(request: Request, library: Library, report: ReportIn, key: str) -> Sequence[Known]:
    service = service_of(request)
    scope = form_scope(client_address(request))
    with service.store.read() as session:
        # Sent before: what it resembles most is itself.
        if key and session.get(IdempotentAnswer, (scope, key)) is not None:
            return ()
        now = service.clocks.service.now()
        return known_to(session, service.settings.org, library, report, now, locale_of(request))


def form_scope(address: str) -> str:
    """Return whose keys the form's are."""
    return f"form:{address}"


def _joined(value: object) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def _life_danger(reading: Interpretation) -> str | None:
    return next((d.word for d in reading.dangers if d.kind in LIFE_THREATENING), None)


def _with(
    form: forms.Form, *, errors: dict[str, str] | None = None, danger: str | None = None
) -> forms.Form:
    return replace(form, errors=errors or {}, danger=danger)
