// Everything here is a comfort. Each page works, word for word the same, when this file never arrives.
const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)]
const vi = document.documentElement.lang !== 'en', tongue = vi ? 'vi' : 'en-GB'
const say = (here, there) => vi ? here : there
const fill = (words, n) => words.replace('{n}', n.toLocaleString(tongue))

// Errors: the summary takes the focus; a link in it goes to the field. A field that is changed says so.
$('.sum')?.focus()
document.addEventListener('click', e => {
  const link = e.target.closest('.sum a'), target = link && document.getElementById(link.hash.slice(1))
  if (!target) return
  e.preventDefault()
  ;(target.matches('input,select,textarea') ? target : $('input,select,textarea', target))?.focus()
  target.closest('.f,.card')?.scrollIntoView({ block: 'start' })
})
document.addEventListener('input', e => { // while it is typed: on leaving, the button would slip from under the pointer
  const err = $('.err', e.target.closest('.f') ?? e.target.closest('.card') ?? document.createElement('i'))
  if (!err || !e.target.value) return
  e.target.removeAttribute('aria-invalid')
  err.classList.add('mended')
  err.textContent = say('Đã sửa, sẽ kiểm tra lại khi gửi', 'Changed; it is checked again when you send')
})

// Counter: seen at once, spoken only near the end.
for (const t of $$('textarea[maxlength]')) {
  const out = document.getElementById(t.id + '-count'), live = document.getElementById(t.id + '-live')
  if (!out) continue
  let timer
  const tell = () => {
    const left = t.maxLength - t.value.length
    out.textContent = fill(out.dataset.left, left)
    clearTimeout(timer)
    timer = setTimeout(() => { live.textContent = left < 200 ? out.textContent : '' }, 900)
  }
  t.addEventListener('input', tell)
  tell()
}

// A typed day: the weekday stands beside it at once.
for (const d of $$('[data-date]')) {
  const out = document.getElementById(d.id + '-day'), hint = out?.textContent
  const tell = () => {
    const [, day, month, year] = d.value.match(/^\s*(\d{1,2})[\/.-](\d{1,2})[\/.-](\d{4})\s*$/) ?? []
    const at = new Date(Date.UTC(year, month - 1, day))
    const real = year && at.getUTCMonth() === month - 1
    out.textContent = real ? at.toLocaleDateString(tongue, { weekday: 'long', timeZone: 'UTC' }) : hint
  }
  if (out) { d.addEventListener('input', tell); if (d.value) tell() }
}

// Draft: the fields that the form names, none of which says who, on this device only, seven days; nothing at all where a choice is to stay secret.
const form = $('form[data-draft]')
if (form) {
  const key = 'draft:' + form.dataset.draft, week = 6048e5, out = $('#saved'), clear = $('#clear')
  const keep = (form.dataset.keep ?? '').split(' '), kept = name => keep.includes(name) || name.startsWith('a_') // answers of a topic
  const secrets = (form.dataset.secret ?? 'denunciation').split(' '), secret = () => ['kind', 'topic'].some(n => secrets.includes(form.elements[n]?.value))
  const tell = words => { if (out) out.textContent = words }
  const forget = () => { try { localStorage.removeItem(key) } catch {} }
  let timer
  try {
    const d = JSON.parse(localStorage[key] || 'null')
    if (d && Date.now() - d.t > week) forget()
    else if (d && !$('.sum')) {
      let back = 0
      for (const [name, value] of Object.entries(d.v)) {
        const el = form.elements[name]
        if (el && (el instanceof RadioNodeList || !el.value)) { el.value = value; back++ }
      }
      if (back) { tell(say('Đã khôi phục bản nháp lưu trên máy này.', 'The draft kept on this device is back.')); if (clear) clear.hidden = false }
    }
  } catch {}
  form.addEventListener('input', () => {
    clearTimeout(timer)
    if (secret()) { forget(); return tell(say('Không lưu nháp việc này trên máy.', 'No draft of this is kept on this device.')) }
    timer = setTimeout(() => {
      const v = {}
      for (const [name, x] of new FormData(form)) if (kept(name) && typeof x === 'string' && x) v[name] = x
      try {
        localStorage[key] = JSON.stringify({ t: Date.now(), v })
        const at = new Date().toLocaleTimeString(tongue, { hour: '2-digit', minute: '2-digit' })
        tell(say('Đã lưu nháp trên máy này lúc ', 'Draft kept on this device at ') + at)
        if (clear) clear.hidden = false
      } catch {}
    }, 700)
  })
  form.addEventListener('submit', e => { if (secret() || secrets.includes(e.submitter?.value)) { clearTimeout(timer); forget() } })
  if (clear) clear.onclick = () => { forget(); form.reset(); tell(say('Đã xoá bản nháp.', 'Draft deleted.')); clear.hidden = true }
}
$$('[data-draft-done]').forEach(el => { try { localStorage.removeItem('draft:' + el.dataset.draftDone) } catch {} })

// Without a network nothing is lost: the page waits and sends by itself, three times at most. Sent twice, it counts once.
let sent, pressed, ours
const hold = f => {
  const by = pressed
  const p = f.appendChild(Object.assign(document.createElement('p'), { className: 'note f held', tabIndex: -1 }))
  const tries = f.dataset.tries = 1 + +(f.dataset.tries ?? 0), over = tries > 3
  p.setAttribute('role', 'status')
  p.textContent = over ? say('Chưa gửi được. Những gì bạn gõ còn đây; hãy bấm gửi lại khi mạng tốt hơn.', 'Not sent. What you typed is still here; press the button again when the network is better.')
    : f.matches('[data-draft]') ? say('Chưa gửi được, bản nháp còn đây. Hãy để mở trang này, có mạng lại trang tự gửi tiếp.', 'Not sent, the draft is still here. Keep this page open; it goes on by itself when you are back.')
      : say('Chưa gửi được: đang mất mạng. Những gì bạn gõ còn đây. Hãy để mở trang này, có mạng lại trang tự gửi.', 'Not sent: you are offline. What you typed is still here. Keep this page open; it is sent by itself when you are back.')
  p.focus()
  if (over) return
  let wait = 1000
  const later = () => setTimeout(go, (wait = Math.min(2 * wait, 6e4)) * (0.5 + Math.random() / 2)) // not all telephones at once
  const go = async () => { // a telephone says that it is back before it is, and that it is there when nothing answers
    if (!p.isConnected) return // pressed again meanwhile
    try { if (!(await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok) throw 0 } catch { return later() }
    p.remove()
    ours = f
    f.requestSubmit(by?.isConnected ? by : undefined)
    ours = null
  }
  navigator.onLine ? later() : addEventListener('online', go, { once: true })
}
const ready = f => { delete f.dataset.sent; $$('[aria-busy]', f).forEach(b => b.removeAttribute('aria-busy')) }
// The worker could not send what one of the open pages asked for: that one stays as it is.
const aim = f => (pressed?.hasAttribute('formaction') ? pressed.formAction : f.action).split('#')[0]
navigator.serviceWorker?.addEventListener('message', e => {
  const f = sent
  if (!f || e.data !== aim(f)) return
  sent = null
  ready(f)
  hold(f)
})

// A second press within 8 s is the same press.
document.addEventListener('submit', e => {
  const f = e.target
  if (f.method !== 'post') return
  if (f.dataset.sent) return e.preventDefault()
  pressed = e.submitter
  if (f !== ours) { $('.held', f)?.remove(); delete f.dataset.tries } // who presses again starts anew
  if (!navigator.onLine && !f.closest('.staff')) {
    e.preventDefault()
    hold(f)
    return
  }
  sent = f
  f.dataset.sent = 1
  e.submitter?.setAttribute('aria-busy', 'true')
  setTimeout(() => ready(f), 8000)
})
addEventListener('pageshow', () => { sent = null; $$('form[data-sent]').forEach(ready) })
addEventListener('offline', () => { const s = $('#saved'); if (s) s.textContent = say('Đang mất mạng. Bản nháp còn đây; bạn gửi khi có mạng lại.', 'You are offline. The draft is here; send it when you are back.') })

// Photos: our own words on the button; what happens to a picked one comes when one is picked.
if (window.DataTransfer) for (const input of $$('input[data-photos]')) {
  const button = Object.assign(document.createElement('label'), { className: 'btn alt', htmlFor: input.id, textContent: input.dataset.pick })
  input.classList.add('vh')
  input.after(button)
  input.addEventListener('change', async () => { const picked = [...input.files]; (await import('./photos.js')).add(input, picked) })
}

// A proof of work, from the first touch of its form.
$$('[data-proof]').forEach(x => x.form.addEventListener('focusin', () => import(x.dataset.with).catch(() => {}), { once: true }))

// Small ones: copy, print, and the quick way out that leaves no way back.
for (const b of $$('[data-copy]')) if (navigator.clipboard) {
  b.hidden = false
  b.onclick = async () => { await navigator.clipboard.writeText($(b.dataset.copy).textContent.trim()); b.textContent = say('Đã chép', 'Copied') }
}
$$('[data-print]').forEach(b => { b.hidden = false; b.onclick = () => print() })
$$('[data-quick-exit]').forEach(b => { b.addEventListener('click', e => { e.preventDefault(); location.replace(b.dataset.quickExit || b.href) }) })
