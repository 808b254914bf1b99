// Live rows and presence. Every page works without them.
const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)]
const csrf = $('meta[name=csrf]')?.content
const parse = html => new DOMParser().parseFromString(html, 'text/html')
const clock = () => new Date().toLocaleTimeString(document.documentElement.lang === 'en' ? 'en-GB' : 'vi', { hour: '2-digit', minute: '2-digit' })

// Live rows: changed ones are renewed in their places, ticks, focus and scroll stay; new ones wait to be asked for.
for (const box of $$('[data-live]')) {
  const every = +box.dataset.every * 1000, button = $('.fresh', box), said = $('[data-said]', box), status = $('.live')
  let etag = box.dataset.etag, latest = null
  const kept = new Map($$('tbody tr', box).map(row => [row.id, row.outerHTML]))
  const mark = (row, kind, words) => {
    row.classList.add(kind)
    if (!$('.now', row)) $('td:nth-child(2) small', row)?.insertAdjacentHTML('beforeend', ` · <b class="now">${words}</b>`)
  }
  const renew = (row, fresh) => {
    const at = row.contains(document.activeElement) ? [...row.querySelectorAll('a, input')].indexOf(document.activeElement) : -1
    const tick = $('input[type=checkbox]', row), value = $('input[type=checkbox]', fresh)?.value
    if (tick && value) tick.value = value
    $$('td', row).forEach((cell, i) => { if (i) cell.innerHTML = fresh.children[i].innerHTML })
    mark(row, 'changed', box.dataset.changed)
    if (at >= 0) row.querySelectorAll('a, input')[at]?.focus({ preventScroll: true })
  }
  const offer = many => {
    button.hidden = !many
    if (!many) return
    const words = box.dataset.new.replace('{n}', many)
    if (button.textContent !== words) said.textContent = button.textContent = words
  }
  const show = () => {
    const body = $('tbody', box)
    if (!body || !latest) return location.reload()
    for (const row of $$('tbody tr', latest)) {
      let mine = document.getElementById(row.id)
      if (!mine) { mine = document.importNode(row, true); mine.classList.add('arrived'); kept.set(row.id, row.outerHTML) }
      body.append(mine)
    }
    offer(0)
    $('tr.arrived .t', box)?.focus()
  }
  button.onclick = show
  const take = text => {
    latest = parse(text)
    const counts = JSON.parse($('#rows', latest)?.dataset.counts ?? '{}')
    $$('.nav a').forEach(a => { const c = $('.c', a), now = counts[a.getAttribute('href')]; if (c && now) c.textContent = now })
    const rows = new Map($$('tbody tr', latest).map(row => [row.id, row]))
    for (const row of $$('tbody tr', box)) {
      const fresh = rows.get(row.id)
      if (fresh && kept.get(row.id) !== fresh.outerHTML) { renew(row, fresh); kept.set(row.id, fresh.outerHTML) }
      if (fresh) continue
      if (row.contains(document.activeElement) || $(':checked', row)) mark(row, 'gone', box.dataset.gone)
      else { row.remove(); kept.delete(row.id) }
    }
    offer([...rows.keys()].filter(id => !kept.has(id)).length)
    document.dispatchEvent(new Event('fresh'))
  }
  const look = async () => {
    if (document.hidden) return
    const told = { headers: { 'If-None-Match': `"${etag}"` }, credentials: 'same-origin', cache: 'no-store' }
    const r = await fetch(box.dataset.live, told).catch(() => null)
    const isOut = r?.redirected || r?.status === 401
    status.classList.toggle('stale', !r || isOut || r.status >= 500)
    if (!r || isOut || (!r.ok && r.status !== 304)) { status.textContent = isOut ? status.dataset.out : status.dataset.lost; return }
    status.textContent = status.dataset.fresh.replace('{at}', clock())
    if (r.status === 304) return
    etag = (r.headers.get('ETag') ?? '').replace(/^W\/|"/g, '')
    take(await r.text())
  }
  setInterval(look, every)
  document.addEventListener('visibilitychange', look)
  addEventListener('look', look) // a test need not wait
}

// Presence: who else has this case open, who is drafting too, and that it was changed meanwhile. Advice, nothing more.
const here = $('[data-presence]')
if (here) {
  let doing = 'open', since = 0
  const send = what => new URLSearchParams({ doing: what, version: here.dataset.version, csrf_token: csrf })
  const beat = async () => {
    if (document.hidden) return
    if (Date.now() - since > 6e4) doing = 'open'
    const r = await fetch(here.dataset.presence, { method: 'POST', body: send(doing), credentials: 'same-origin' }).catch(() => null)
    if (!r?.ok || r.redirected) return
    const html = await r.text()
    if (here.innerHTML.trim() !== html.trim()) here.innerHTML = html
    const warning = $('[data-drafting]', here), place = $('#answer form .acts')
    $('#also')?.remove()
    if (warning && place) place.insertAdjacentHTML('beforebegin', `<p class="note" id="also" role="status">${warning.innerHTML}</p>`)
  }
  document.addEventListener('input', e => {
    const was = doing
    since = Date.now()
    doing = e.target.closest('#answer') ? 'drafting' : 'typing'
    if (was !== doing) beat()
  })
  setInterval(beat, 20000)
  beat()
  document.addEventListener('visibilitychange', beat)
  addEventListener('look', beat)
  addEventListener('pagehide', () => navigator.sendBeacon(here.dataset.presence, send('left')))
}

// Pages made for keys: a key presses its button, a number chooses.
$$('[data-first]').forEach(el => el.focus())
