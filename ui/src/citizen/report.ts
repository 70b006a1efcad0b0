/** What a script adds to the report form: the place of the phone, and a draft that survives a lost network. */
const form = document.getElementById('report') as HTMLFormElement
const DRAFT = 'report-draft'
const KEPT = ['text', 'commune', 'address']

function field(name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement
}

const said = document.getElementById('here-said')!
const button = document.getElementById('here') as HTMLButtonElement

function found({ coords }: GeolocationPosition): void {
  field('lat').value = coords.latitude.toFixed(6)
  field('lon').value = coords.longitude.toFixed(6)
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

// A private window may refuse storage: the form must go on without it.
try {
  const draft = JSON.parse(localStorage.getItem(DRAFT) ?? '{}')
  for (const name of KEPT) field(name).value ||= draft[name] ?? ''
  form.oninput = () =>
    localStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, field(name).value]))))
  document.getElementById('kept')!.hidden = false
} catch {
  // No draft then.
}
export {}
