// The topic search answers while one types; the button beside it does the same without.
const box = document.querySelector('[data-topics]')
box?.parentElement.classList.add('live')
box?.addEventListener('focus', () => import('./topics.js').catch(() => box.parentElement.classList.remove('live')), { once: true })

// What helps about a topic stands beside it as soon as it is chosen. Without this file the next page says it.
const told = document.querySelector('[data-guidance]'), chosen = document.getElementById('topic')
if (told && chosen) {
  const tell = async () => {
    const code = chosen.value
    try {
      const words = code ? await (await fetch(`${told.dataset.guidance}?linh-vuc=${encodeURIComponent(code)}`)).text() : ''
      if (code !== chosen.value) return
      told.innerHTML = words
      told.hidden = !words.trim()
    } catch { told.hidden = true }
  }
  chosen.addEventListener('input', tell)
  if (chosen.value && told.hidden) tell()
}

// What is seldom needed comes when it is asked for.
const load = { '[data-geo]': () => import('./place.js').then(m => m.here), '[data-map]': () => import('./place.js').then(m => m.map) }
for (const [what, get] of Object.entries(load)) for (const b of document.querySelectorAll(what)) if (what !== '[data-geo]' || navigator.geolocation) {
  b.hidden = false
  b.onclick = async () => (await get())(b)
}
for (const input of document.querySelectorAll('[data-upload]')) {
  input.addEventListener('change', () => { const all = [...input.files]; import('./files.js').then(m => m.offer(input, all)) })
  input.addEventListener('picked', () => import('./files.js').then(m => m.send(input)))
}

// The form opens without a network too.
if (document.querySelector('form[data-draft]')) navigator.serviceWorker?.register('/sw.js?l=' + document.documentElement.lang).catch(() => {})
