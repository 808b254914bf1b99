// The topic search answers while one types. Without this file the button beside it does the same.
const box = document.querySelector('[data-topics]')
if (box) {
  const list = document.getElementById('q-found'), say = document.getElementById('q-say'), topic = document.getElementById('topic')
  const vi = document.documentElement.lang !== 'en'
  let timer, last = ''
  box.parentElement.classList.add('live')
  const pick = (code, name) => {
    topic.value = code
    topic.dispatchEvent(new Event('input', { bubbles: true }))
    list.hidden = true
    box.value = ''
    last = ''
    say.textContent = (vi ? 'Đã chọn: ' : 'Chosen: ') + name
  }
  const show = found => {
    list.replaceChildren(...found.slice(0, 5).map(({ code, name }) => {
      const b = Object.assign(document.createElement('button'), { type: 'button', className: 'chip', textContent: name })
      b.onclick = () => { pick(code, name); topic.focus() }
      return b
    }))
    list.hidden = !found.length
    say.textContent = found.length ? (vi ? `${found.length} lĩnh vực khớp` : `${found.length} topics match`)
      : vi ? 'Không có lĩnh vực nào khớp. Bạn cứ để chúng tôi xếp giúp.' : 'No topic matches. You can leave it to us.'
  }
  box.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const q = box.value.trim()
      if (q === last) return
      last = q
      if (q.length < 2) { list.hidden = true; say.textContent = ''; return }
      try {
        const found = await (await fetch(`${box.dataset.topics}?q=${encodeURIComponent(q)}`)).json()
        if (q === last) show(found)
      } catch { say.textContent = '' }
    }, 200)
  })
  box.addEventListener('keydown', e => {
    if (e.key !== 'Enter') return
    e.preventDefault()
    list.hidden || list.firstElementChild?.click()
  })
}

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
