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

// Place: one button, never in the way.
if (navigator.geolocation) for (const b of $$('[data-geo]')) {
  b.hidden = false
  b.onclick = () => {
    const out = $('#geo-msg')
    out.textContent = say('Đang lấy vị trí…', 'Finding where you are…')
    navigator.geolocation.getCurrentPosition(({ coords: c }) => {
      const metres = Math.round(c.accuracy)
      $('[name=lat]').value = c.latitude.toFixed(6)
      $('[name=lng]').value = c.longitude.toFixed(6)
      $('[name=acc]').value = metres
      out.textContent = say(`Đã ghi vị trí, sai số khoảng ${metres} m. Bạn vẫn nên ghi rõ địa điểm.`, `Position noted, within about ${metres} m. Please still describe the place.`)
    }, () => { out.textContent = say('Không lấy được vị trí. Hãy nhập địa điểm bằng chữ.', 'No position found. Please describe the place in words.') },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 })
  }
}

// Draft: words and choices only, on this device only, seven days; nothing at all where a choice is to stay secret.
const form = $('form[data-draft]')
if (form) {
  const key = 'draft:' + form.dataset.draft, week = 6048e5, out = $('#saved'), clear = $('#clear')
  const never = /csrf|photo|file|consent|^name$|person|phone|email|address|lat|lng|acc|altcha|once|pin|code|website/
  const secrets = (form.dataset.secret ?? 'denunciation').split(' '), secret = () => secrets.includes(form.elements.kind?.value)
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
    if (secret()) { forget(); return tell(say('Không lưu nháp với đơn tố cáo.', 'No draft is kept of a denunciation.')) }
    timer = setTimeout(() => {
      const v = {}
      for (const [name, x] of new FormData(form)) if (!never.test(name) && typeof x === 'string' && x) v[name] = x
      try {
        localStorage[key] = JSON.stringify({ t: Date.now(), v })
        const at = new Date().toLocaleTimeString(tongue, { hour: '2-digit', minute: '2-digit' })
        tell(say('Đã lưu nháp trên máy này lúc ', 'Draft kept on this device at ') + at)
        if (clear) clear.hidden = false
      } catch {}
    }, 700)
  })
  if (clear) clear.onclick = () => { forget(); form.reset(); tell(say('Đã xoá bản nháp.', 'Draft deleted.')); clear.hidden = true }
}
$$('[data-draft-done]').forEach(el => { try { localStorage.removeItem('draft:' + el.dataset.draftDone) } catch {} })

// A second press within 8 s is the same press.
document.addEventListener('submit', e => {
  const f = e.target
  if (f.method !== 'post') return
  if (f.dataset.sent) return e.preventDefault()
  f.dataset.sent = 1
  e.submitter?.setAttribute('aria-busy', 'true')
  setTimeout(() => { delete f.dataset.sent; e.submitter?.removeAttribute('aria-busy') }, 8000)
})
addEventListener('pageshow', () => $$('form[data-sent]').forEach(f => { delete f.dataset.sent; $$('[aria-busy]', f).forEach(b => b.removeAttribute('aria-busy')) }))
addEventListener('offline', () => { const s = $('#saved'); if (s) s.textContent = say('Đang mất mạng. Bản nháp còn đây; bạn gửi khi có mạng lại.', 'You are offline. The draft is here; send it when you are back.') })

// Photos: our own words on the button, thumbnails that can be taken away, 1600 px JPEG (this also drops the position).
const shrink = async f => {
  if (!/^image\/(jpeg|png|webp)$/.test(f.type) || f.size < 4e5) return f
  try {
    const b = await createImageBitmap(f, { imageOrientation: 'from-image' }), k = Math.min(1, 1600 / Math.max(b.width, b.height))
    const c = Object.assign(document.createElement('canvas'), { width: b.width * k, height: b.height * k })
    c.getContext('2d').drawImage(b, 0, 0, c.width, c.height)
    const o = await new Promise(done => c.toBlob(done, 'image/jpeg', .8))
    return o && o.size < f.size ? new File([o], f.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' }) : f
  } catch { return f }
}
if (window.DataTransfer) for (const input of $$('input[data-photos]')) {
  const list = document.createElement('ul'), button = document.createElement('label'), most = +input.dataset.most || 4
  let kept = []
  list.className = 'thumbs'
  button.className = 'btn alt'
  button.htmlFor = input.id
  input.classList.add('vh')
  input.after(button, list)
  const show = () => {
    const all = new DataTransfer()
    kept.forEach(f => all.items.add(f))
    input.files = all.files
    button.textContent = kept.length ? fill(input.dataset.picked, kept.length) : input.dataset.pick
    list.replaceChildren(...kept.map(f => {
      const li = document.createElement('li'), drop = document.createElement('button')
      drop.type = 'button'
      drop.textContent = input.dataset.remove
      drop.setAttribute('aria-label', input.dataset.remove + ' ' + f.name)
      drop.onclick = () => { kept = kept.filter(x => x !== f); show(); input.focus() }
      const face = f.type.startsWith('image/') ? Object.assign(new Image(), { alt: f.name, src: URL.createObjectURL(f) }) : Object.assign(document.createElement('span'), { textContent: f.name })
      li.append(face, drop)
      return li
    }))
  }
  input.addEventListener('change', async () => {
    kept = [...kept, ...await Promise.all([...input.files].map(shrink))].slice(0, most)
    show()
  })
  show()
}

// Small ones: copy, print, dialogs, and the quick way out that leaves no way back.
for (const b of $$('[data-copy]')) if (navigator.clipboard) {
  b.hidden = false
  b.onclick = async () => { await navigator.clipboard.writeText($(b.dataset.copy).textContent.trim()); b.textContent = say('Đã chép', 'Copied') }
}
$$('[data-print]').forEach(b => { b.hidden = false; b.onclick = () => print() })
$$('[data-quick-exit]').forEach(b => { b.addEventListener('click', e => { e.preventDefault(); location.replace(b.dataset.quickExit || b.href) }) })
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
