// Each file goes by itself as soon as it is picked, one after the other, and again when the line comes back. What has not
// gone yet goes with the form.
const vi = document.documentElement.lang !== 'en', say = (here, there) => vi ? here : there
let busy = false
export const send = async input => {
  if (busy) return
  busy = true
  for (let i = 0; i < input.files.length;) {
    const file = input.files[i], li = input.parentElement.querySelectorAll('.thumbs li')[i]
    if (file.refused) { i++; continue }
    const got = await post(input, file, li)
    if (got.status === 200) take(input, file, got.responseText)
    else {
      if (got.status === 422) file.refused = got.responseText
      tell(li, got.status === 422 ? got.responseText : say('Chưa tải lên được. Có mạng lại, tệp tự tải tiếp; hoặc tệp đi cùng khi bạn bấm nút gửi.', 'Not uploaded. It goes on when you are back, or together with the form.'))
      if (file.refused) { i++; continue }
      again(input, li)
      break
    }
  }
  busy = false
}
const post = (input, file, li) => new Promise(done => {
  const x = new XMLHttpRequest(), body = new FormData(), bar = Object.assign(document.createElement('progress'), { max: 1, value: 0 })
  bar.setAttribute('aria-label', say('Đang tải ', 'Uploading ') + file.name)
  li?.querySelector('.up')?.remove()
  li?.append(bar)
  body.append('files', file, file.name)
  x.open('POST', input.dataset.upload)
  x.timeout = 12e4
  x.upload.onprogress = e => { bar.value = e.loaded / e.total }
  x.onloadend = () => { bar.remove(); done(x) }
  x.send(body)
  const leave = () => x.abort()
  input.form.addEventListener('submit', leave, { once: true })
  x.addEventListener('loadend', () => input.form.removeEventListener('submit', leave))
})
const take = (input, file, html) => {
  const list = document.querySelector('.kept')
  list.insertAdjacentHTML('beforeend', html)
  list.closest('.f').hidden = false
  input.dispatchEvent(new CustomEvent('taken', { detail: file }))
  document.getElementById('files-say').textContent = say('Đã nhận tệp ', 'File received: ') + file.name
}
const tell = (li, words) => li?.append(Object.assign(document.createElement('p'), { className: 'up err', textContent: words }))
const again = (input, li) => {
  const b = Object.assign(document.createElement('button'), { type: 'button', className: 'up', textContent: say('Thử lại', 'Try again') })
  b.onclick = () => send(input)
  li?.append(b)
  addEventListener('online', () => send(input), { once: true })
}

// Where a photo was taken stays on this device: it is read here, offered, and written into the form only when it is taken.
export const offer = async (input, files) => {
  const form = input.form, secrets = (form.dataset.secret ?? 'denunciation').split(' ')
  if (!document.querySelector('[name=lat]') || ['kind', 'topic'].some(n => secrets.includes(form.elements[n]?.value))) return
  for (const file of files) {
    const at = file.type === 'image/jpeg' && position(new DataView(await file.slice(0, 131072).arrayBuffer()))
    if (!at) continue
    const place = await import('./place.js'), box = document.getElementById('photo-at')
    if (!place.inside(...at)) continue
    const b = Object.assign(document.createElement('button'), { type: 'button', className: 'btn alt', textContent: say('Dùng nơi chụp ảnh làm vị trí', 'Use where the photo was taken') })
    b.onclick = () => { place.put(...at); box.replaceChildren(say('Đã ghi vị trí theo ảnh.', 'Position noted from the photo.')) }
    box.replaceChildren(say('Ảnh cho biết nơi chụp. ', 'The photo says where it was taken. '), b)
    return
  }
}
// Latitude and longitude of a JPEG. Source: Exif 2.32, 4.6.6 GPS; TIFF 6.0.
export const position = v => {
  try {
    for (let at = 2; v.getUint8(at) === 0xff; at += 2 + v.getUint16(at + 2)) {
      if (v.getUint8(at + 1) !== 0xe1 || v.getUint32(at + 4) !== 0x45786966) continue
      const t = at + 10, le = v.getUint16(t) === 0x4949, two = p => v.getUint16(p, le), four = p => v.getUint32(p, le)
      const tags = p => Object.fromEntries(Array.from({ length: two(p) }, (_, i) => [two(p + 2 + 12 * i), p + 10 + 12 * i]))
      const gps = tags(t + four(tags(t + four(t + 4))[0x8825]))
      const degrees = (tag, minus) => {
        const p = t + four(gps[tag]), [d, m, s] = [0, 8, 16].map(o => four(p + o) / four(p + o + 4))
        const x = d + m / 60 + (s || 0) / 3600
        return String.fromCharCode(v.getUint8(gps[tag - 1])) === minus ? -x : x
      }
      const found = [degrees(2, 'S'), degrees(4, 'W')]
      return found.every(Number.isFinite) ? found : null
    }
  } catch {}
  return null
}
