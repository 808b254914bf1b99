// Thumbnails that can be taken away, and 1600 px JPEG: an eighth of the bytes, and no position any more. What cannot be drawn
// here, such as HEIC, goes as it is.
const shrink = async f => {
  if (!f.type.startsWith('image/') || f.type === 'image/gif' || f.size < 4e5) return f
  try {
    const b = await createImageBitmap(f, { imageOrientation: 'from-image' }), k = Math.min(1, 1600 / Math.max(b.width, b.height))
    const c = Object.assign(document.createElement('canvas'), { width: b.width * k, height: b.height * k })
    c.getContext('2d').drawImage(b, 0, 0, c.width, c.height)
    const o = await new Promise(done => c.toBlob(done, 'image/jpeg', .8))
    return o && o.size < f.size ? new File([o], f.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' }) : f
  } catch { return f }
}

const kept = new WeakMap()
const show = input => {
  const all = new DataTransfer(), mine = kept.get(input), button = input.nextElementSibling
  mine.files.forEach(f => all.items.add(f))
  input.files = all.files
  mine.files = [...input.files]
  button.textContent = mine.files.length ? input.dataset.picked.replace('{n}', mine.files.length) : input.dataset.pick
  mine.list.replaceChildren(...mine.files.map(f => {
    const li = document.createElement('li'), drop = document.createElement('button')
    drop.type = 'button'
    drop.textContent = input.dataset.remove
    drop.setAttribute('aria-label', input.dataset.remove + ' ' + f.name)
    drop.onclick = () => { take(input, f); input.focus() }
    li.append(f.type.startsWith('image/') ? Object.assign(new Image(), { alt: f.name, src: URL.createObjectURL(f) })
      : Object.assign(document.createElement('span'), { textContent: f.name }), drop)
    if (f.refused) li.append(Object.assign(document.createElement('p'), { className: 'up err', textContent: f.refused }))
    return li
  }))
}
const take = (input, f) => { const mine = kept.get(input); mine.files = mine.files.filter(x => x !== f); show(input) }

export const add = async (input, picked) => {
  if (!kept.has(input)) {
    const list = Object.assign(document.createElement('ul'), { className: 'thumbs' })
    input.nextElementSibling.after(list)
    kept.set(input, { files: [], list })
    input.addEventListener('taken', e => take(input, e.detail))
  }
  const mine = kept.get(input), fresh = await Promise.all(picked.map(shrink))
  mine.files = [...mine.files, ...fresh].slice(0, +input.dataset.most || 4)
  show(input)
  input.dispatchEvent(new Event('picked', { bubbles: true }))
}
