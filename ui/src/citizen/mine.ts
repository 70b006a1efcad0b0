/** What a script adds to somebody's own on-call page: this device rings when he is called. */
import { browserName, takePush } from '../lib/push'

const box = document.getElementById('push')!
const button = box.querySelector('button')!
const said = box.querySelector('p')!

async function turnOn(): Promise<void> {
  button.disabled = true
  try {
    const keys = await takePush(box.dataset.key!, '/mes-astreintes/')
    if (!keys) said.textContent = box.dataset.refused!
    else {
      const answer = await fetch(box.dataset.post!, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...keys, device: browserName(navigator.userAgent), locale: box.dataset.locale }),
      })
      if (!answer.ok) throw new Error(String(answer.status))
      location.reload()
    }
  } catch {
    said.textContent = box.dataset.failed!
  } finally {
    button.disabled = false
  }
}

if ('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window) {
  box.hidden = false
  button.addEventListener('click', () => void turnOn())
}
