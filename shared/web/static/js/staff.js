// Keyboard for the desk. Single letters work only while body[data-keys] is there: a personal setting (WCAG 2.1.4).
const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)]
const rows = () => $$('table.q tbody tr'), here = () => rows().findIndex(r => r.contains(document.activeElement))
const fold = s => s.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/gi, 'd').toLowerCase()
const csrf = $('meta[name=csrf]')?.content

// Ticked rows → the bulk bar. Without JavaScript the bar is simply always there.
const bulk = () => {
  const bar = $('.bulk'), n = $$('.q tbody input[type=checkbox]:checked').length
  if (!bar) return
  $$('[data-count]', bar).forEach(b => { b.textContent = n })
  bar.hidden = !n
}
document.addEventListener('change', e => {
  if (e.target.matches('[data-all]')) $$('.q tbody input[type=checkbox]').forEach(c => { c.checked = e.target.checked })
  if (e.target.closest('.q')) bulk()
})
document.addEventListener('fresh', bulk)
bulk()

// Ctrl+K: one box for every command and every case, found without accents.
const pal = $('dialog.pal'), box = pal && $('input', pal), list = pal && $('ul', pal)
const options = () => $$('[role=option]', pal).filter(o => !o.hidden)
const mark = i => {
  const all = options()
  all.forEach((o, j) => o.setAttribute('aria-selected', j === i))
  box.setAttribute('aria-activedescendant', all[i]?.id || '')
  all[i]?.scrollIntoView({ block: 'nearest' })
}
let asked
const filter = () => {
  const want = fold(box.value.trim())
  $$('[data-found]', pal).forEach(o => o.remove())
  $$('[role=option]', pal).forEach(o => { o.hidden = !fold(o.textContent).includes(want) })
  mark(0)
  clearTimeout(asked)
  if (pal.dataset.search && want.length > 1) asked = setTimeout(async () => {
    const r = await fetch(pal.dataset.search + '?q=' + encodeURIComponent(box.value.trim()), { headers: { Accept: 'application/json' } }).catch(() => null)
    if (!r?.ok || fold(box.value.trim()) !== want) return
    for (const [i, { words, href }] of (await r.json()).entries()) {
      const o = Object.assign(document.createElement('li'), { id: 'f' + i, textContent: words })
      o.setAttribute('role', 'option')
      Object.assign(o.dataset, { href, found: '1' })
      list.append(o)
    }
    mark(0)
  }, 180)
}
const open = () => { pal.showModal(); box.value = ''; filter(); box.focus() }
const go = o => {
  if (!o) return
  pal.close()
  const href = o.dataset.href
  if (href?.startsWith('#')) { const b = $(href); b?.matches('button,a,summary') ? b.click() : (b?.scrollIntoView(), $('input,textarea,select', b ?? document)?.focus()) }
  else if (href) location = href
}
if (pal) {
  $$('[data-cmd]').forEach(b => { b.hidden = false; b.onclick = open })
  box.oninput = filter
  pal.addEventListener('click', e => { e.target === pal ? pal.close() : go(e.target.closest('[role=option]')) })
  pal.addEventListener('keydown', e => {
    const all = options(), i = all.findIndex(o => o.getAttribute('aria-selected') === 'true')
    if (e.key === 'ArrowDown') { e.preventDefault(); mark(Math.min(i + 1, all.length - 1)) }
    if (e.key === 'ArrowUp') { e.preventDefault(); mark(Math.max(i - 1, 0)) }
    if (e.key === 'Enter') { e.preventDefault(); go(all[i]) }
  })
}

let going = 0
document.addEventListener('keydown', e => {
  if (pal && (e.ctrlKey || e.metaKey) && e.key === 'k') { e.preventDefault(); return open() }
  if (e.ctrlKey && e.key === 'Enter') return e.target.closest('form')?.querySelector('button.btn:not([type=button])')?.click()
  if ($('dialog:modal') || e.ctrlKey || e.altKey || e.metaKey || e.target.matches('input:not([type=checkbox],[type=radio]),textarea,select')) return
  if (!document.body.dataset.keys) return
  const all = rows(), i = here(), key = e.key.toLowerCase()
  if (Date.now() - going < 1500) {
    going = 0
    const place = $(`[data-go="${CSS.escape(key)}"]`)
    if (place) { e.preventDefault(); return place.click() }
  }
  if (key === 'g') { going = Date.now(); return }
  if (all.length && (key === 'j' || key === 'k')) return $('.t', all[key === 'j' ? Math.min(i + 1, all.length - 1) : Math.max(i - 1, 0)])?.focus()
  if (key === 'x' && i >= 0) { const c = $('input[type=checkbox]', all[i]); if (c) { c.checked = !c.checked; bulk() } return }
  if (key === '/' && $('#find')) { e.preventDefault(); return $('#find').focus() }
  if (key === '?') return $('#keys') ? $('#keys').showModal() : pal && open()
  const pressed = $$(`[data-key="${CSS.escape(key)}"]`).find(b => !b.disabled && b.offsetParent)
  if (pressed) { e.preventDefault(); pressed.matches('a,button,summary') ? pressed.click() : pressed.focus() }
})

// Small posts in place: <button data-post="/address" data-with="name=value"> for what needs no page of its own.
document.addEventListener('click', async e => {
  const b = e.target.closest('[data-post]')
  if (!b) return
  e.preventDefault()
  const r = await fetch(b.dataset.post, { method: 'POST', headers: { 'X-CSRFToken': csrf, 'Content-Type': 'application/x-www-form-urlencoded' }, body: b.dataset.with ?? '' }).catch(() => null)
  r?.ok ? location.reload() : b.setAttribute('aria-invalid', 'true')
})

// Dialogs open over the page; without this file they are sections of it.
for (const d of $$('dialog.box')) {
  const closers = $$('[data-close]', d)
  const show = () => { // one begins where something is to be written, not at the button that closes
    d.showModal()
    ;($('[aria-invalid]', d) ?? $('input:not([type=hidden]),select,textarea', d))?.focus()
  }
  d.open = false
  closers.forEach(b => { b.hidden = false; b.onclick = () => d.close() })
  $$(`[data-open="${d.id}"]`).forEach(b => { b.hidden = false; b.onclick = e => { e.preventDefault(); show() } })
  if ($('.err', d) || location.hash === '#' + d.id) show()
}

// Live parts: fetched again with the reader's own rights; nothing under pointer or focus moves.
for (const box of $$('[data-poll]')) {
  const every = (+box.dataset.every || 20) * 1000
  let last = null, waiting = null
  const put = () => { if (waiting === null) return; box.innerHTML = waiting; waiting = null; box.dispatchEvent(new Event('fresh', { bubbles: true })) }
  const busy = () => box.matches(':hover, :focus-within') || $(':checked', box)
  const look = async () => {
    if (document.hidden) return
    try {
      const r = await fetch(box.dataset.poll, { headers: { 'X-Fragment': '1' }, credentials: 'same-origin' })
      if (!r.ok || r.redirected) return
      const now = await r.text()
      if (last === null || now !== last) { if (last !== null || now.trim() !== box.innerHTML.trim()) waiting = now; last = now }
      if (!busy()) put()
    } catch {}
  }
  box.addEventListener('pointerleave', () => { if (!busy()) put() })
  setInterval(look, every)
}
