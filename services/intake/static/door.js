import '../js/app.js'
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

// What a draft brought back does not stay folded.
for (const more of document.querySelectorAll('.petition .more')) more.open ||= !!more.querySelector('[value=organisation]:checked, [type=checkbox]:checked')
  || [...more.querySelectorAll('input:not([type=radio], [type=checkbox]), select')].some(el => el.value)

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

// Questions that are data: those of a topic come as soon as it is chosen; one that does not apply is out of the way.
const holds = (rule, given) => {
  const [[name, x]] = Object.entries(rule)
  if (name === 'and') return x.every(one => holds(one, given))
  if (name === 'or') return x.some(one => holds(one, given))
  if (name === '!') return !holds(x, given)
  const said = given(x[0].var)
  return name === 'in' ? said.some(one => x[1].includes(one)) : said.includes(x[1]) === (name === '==')
}
const given = code => [...document.querySelectorAll(`[name="a_${code}"], [name="${code}"]`)]
  .filter(el => (!/radio|checkbox/.test(el.type) || el.checked) && el.value && !el.closest('[hidden]')).map(el => el.value)
const sift = () => document.querySelectorAll('[data-when]').forEach(el => {
  const hint = el.querySelector('.only-when')
  if (hint) hint.hidden = true
  el.hidden = !holds(JSON.parse(el.dataset.when), given) && !el.querySelector('[aria-invalid], .err')
})
const asked = document.querySelector('[data-asked]')
// Questions come after the form: the draft on this device, which gave the form its words, gives them theirs.
const recall = () => {
  try {
    const kept = JSON.parse(localStorage['draft:petition'] || '{}').v || {}
    asked.querySelectorAll('[name]').forEach(el => {
      const said = kept[el.name]
      if (said && /radio|checkbox/.test(el.type)) el.checked ||= el.value === said
      else if (said) el.value ||= said
    })
  } catch {}
}
if (asked && chosen) {
  const ask = async () => {
    const code = chosen.value
    try {
      const words = code ? await (await fetch(`${asked.dataset.asked}?linh-vuc=${encodeURIComponent(code)}`)).text() : ''
      if (code !== chosen.value) return
      asked.innerHTML = words
      recall()
      sift()
    } catch { asked.innerHTML = '' }
  }
  chosen.addEventListener('input', ask)
  if (chosen.value && !asked.children.length) ask() // a topic that the draft brought back
}
document.addEventListener('input', sift)
sift()
