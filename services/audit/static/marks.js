// The marks beside the rows: computed here, never claimed by the server.
import { CannotCheck, verify } from './verify.js'

const table = document.querySelector('table[data-proofs]')
const line = document.getElementById('marks')

async function mark (row, text, vkey) {
  const cell = row.querySelector('.okc')
  const found = await verify(text, vkey)
  if (found.index !== Number(row.dataset.idx)) throw new Error('another entry')
  const tick = document.createElement('span')
  tick.textContent = '✓'
  tick.title = line.dataset.mark
  tick.setAttribute('role', 'img')
  tick.setAttribute('aria-label', line.dataset.mark)
  cell.replaceChildren(tick)
}

async function markAll () {
  const rows = [...table.querySelectorAll('tr[data-idx]')]
  const asked = rows.map(row => row.dataset.idx).join(',')
  const [proofs, vkey] = await Promise.all([
    fetch(`${table.dataset.proofs}?idx=${asked}`).then(answer => answer.json()),
    fetch(line.dataset.vkey).then(answer => answer.text())
  ])
  let good = 0
  for (const row of rows) {
    const text = proofs[row.dataset.idx]
    if (!text) continue
    try {
      await mark(row, text, vkey)
      good += 1
    } catch (problem) {
      if (problem instanceof CannotCheck) { line.textContent = line.dataset.none; return }
      row.querySelector('.okc').textContent = '✗'
      line.textContent = line.dataset.bad
      return
    }
  }
  line.textContent = line.dataset.ok.replace('{n}', good)
}

if (table) markAll()
