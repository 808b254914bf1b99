// The page that checks one receipt: what was dropped, pasted or delivered with the page.
import { CannotCheck, verify } from './verify.js'

const verdict = document.getElementById('verdict')
const form = document.getElementById('check')
const receipt = document.getElementById('receipt')
const vkey = document.getElementById('vkey')

function show (state, title, facts = [], details = '') {
  const box = document.createElement('div')
  box.className = 'proof ' + state
  const head = document.createElement('b')
  head.textContent = title
  box.append(head)
  if (facts.length) {
    const list = document.createElement('ul')
    list.className = 'ticks'
    for (const fact of facts) {
      const item = document.createElement('li')
      item.textContent = fact
      list.append(item)
    }
    box.append(list)
  }
  if (details) {
    const line = document.createElement('p')
    line.className = 'hash'
    line.textContent = details
    box.append(line)
  }
  verdict.replaceChildren(box)
}

async function check (text, key) {
  const words = verdict.dataset
  try {
    const found = await verify(text, key)
    const put = sentence => sentence.replace('{index}', found.index).replace('{size}', found.size).replace('{origin}', found.origin)
    show('ok', words.ok, [words.factIn, words.factSigned, words.factOwn].filter(Boolean).map(put), form ? `${found.event.type} · ${found.event.time}` : '')
  } catch (problem) {
    if (problem instanceof CannotCheck) show('wait', words.none)
    else show('bad', words.bad, [problem.message])
  }
}

if (form) {
  const here = document.getElementById('here')
  const file = document.getElementById('file')
  here.hidden = false
  here.addEventListener('click', async () => {
    const text = file.files.length ? await file.files[0].text() : receipt.value
    await check(text.replaceAll('\r\n', '\n'), vkey.value)
    verdict.focus()
  })
  if (receipt.value) check(receipt.value.replaceAll('\r\n', '\n'), vkey.value)
} else if (receipt) {
  check(receipt.textContent, vkey.textContent)
}
