// The topic search answers while one types. Without this file the button beside it does the same.
const box = document.querySelector('[data-topics]')
const list = document.getElementById('q-found'), say = document.getElementById('q-say'), topic = document.getElementById('topic')
const vi = document.documentElement.lang !== 'en'
let timer, last = ''
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
if (box.value) box.dispatchEvent(new Event('input'))
