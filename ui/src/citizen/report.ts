/**
 * What a script adds to the report form: the place of the phone or on a map, a draft that survives a lost network, and what is
 * known already of what is being typed. Without it the form asks the same before it sends.
 */
import './parts/shrink'

const form = document.getElementById('report') as HTMLFormElement
const DRAFT = 'report-draft'
const KEPT = ['text', 'commune', 'address']
/** Nothing of who reports: only what and where. */
const ASKED = [...KEPT, 'category', 'lat', 'lon', 'joins']
const PAUSE_MS = 700

function field(name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement
}

const near = document.getElementById('near')!
let asked = ''
let timer = 0

/** One question a pause, and none twice; what is refused or fails leaves the form as it is. */
function ask(): void {
  clearTimeout(timer)
  timer = window.setTimeout(async () => {
    const typed = new FormData(form)
    const body = new URLSearchParams(ASKED.map((name) => [name, String(typed.get(name) ?? '')]))
    const { commune, lat, text } = Object.fromEntries(body)
    const place = body.toString().replace(/&joins=.*/, '')
    if (place === asked || text!.length < 8 || !(commune || lat)) return
    asked = place
    const answer = await fetch('/signaler/connu', { method: 'POST', body }).catch(() => null)
    const html = answer?.ok ? await answer.text() : ''
    if (place === asked && html !== near.innerHTML) near.innerHTML = html
  }, PAUSE_MS)
}

const said = document.getElementById('here-said')!
const button = document.getElementById('here') as HTMLButtonElement

function found({ coords }: GeolocationPosition): void {
  field('lat').value = coords.latitude.toFixed(6)
  field('lon').value = coords.longitude.toFixed(6)
  ask()
  said.textContent = form.dataset.found!.replace('%', String(Math.ceil(coords.accuracy)))
}

if ('geolocation' in navigator) {
  button.parentElement!.hidden = false
  button.onclick = () => {
    said.textContent = form.dataset.waiting!
    const refused = () => (said.textContent = form.dataset.refused!)
    navigator.geolocation.getCurrentPosition(found, refused, { enableHighAccuracy: true, timeout: 15_000 })
  }
}

// The map comes when it is unfolded, from its own file, which runs once: the page carries nothing of it.
const map = document.getElementById('map') as HTMLDetailsElement
map.hidden = false
map.ontoggle = () => import(/* @vite-ignore */ map.dataset.module!)

// A private window may refuse storage: the form must go on without it.
try {
  const draft = JSON.parse(localStorage.getItem(DRAFT) ?? '{}')
  for (const name of KEPT) field(name).value ||= draft[name] ?? ''
  form.addEventListener('input', () =>
    localStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, field(name).value])))),
  )
  document.getElementById('kept')!.hidden = false
} catch {
  // No draft then.
}
form.addEventListener('input', ask)
ask()
