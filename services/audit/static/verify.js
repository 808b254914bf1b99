// Checks a receipt with the browser's own cryptography: no server, no library, no network.
// The entry comes from the receipt's `extra` line; nothing in the file is believed before it has been hashed.
// Source: c2sp.org tlog-proof, tlog-checkpoint, signed-note; RFC 9162, section 2.1.3.2; RFC 8032.

const utf8 = new TextEncoder()
const MOST_STEPS = 63

export class Refused extends Error {}
export class CannotCheck extends Error {}

export async function verify (receipt, vkey) {
  const { entry, index, path, note } = readReceipt(receipt)
  const { origin, size, root } = await openCheckpoint(note, await readKey(vkey))
  const leaf = await sha256(join(Uint8Array.of(0), entry))
  if (!isSame(await rootFrom(leaf, index, size, path), root)) throw new Refused('the entry is not in the log')
  return { index, size, origin, event: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(entry)) }
}

function readReceipt (text) {
  const cut = text.indexOf('\n\n')
  const lines = text.slice(0, Math.max(cut, 0)).split('\n')
  if (cut < 0 || lines.length < 3 || lines[0] !== 'c2sp.org/tlog-proof@v1') throw new Refused('this is no receipt')
  const index = /^index (0|[1-9][0-9]{0,14})$/.exec(lines[2])
  if (!index || !lines[1].startsWith('extra ') || lines.length > 3 + MOST_STEPS) {
    throw new Refused('the head of the receipt is wrong')
  }
  const path = lines.slice(3).map(bytes)
  if (path.some(step => step.length !== 32)) throw new Refused('a step of the proof is no hash')
  return { entry: bytes(lines[1].slice(6)), index: Number(index[1]), path, note: text.slice(cut + 2) }
}

async function readKey (vkey) {
  const [name, id, ...rest] = vkey.trim().split('+')
  const raw = bytes(rest.join('+'))
  if (!name || raw.length !== 33 || raw[0] !== 1) throw new Refused('this is no Ed25519 key of a log')
  const short = (await sha256(join(utf8.encode(name + '\n'), raw))).slice(0, 4)
  if (hex(short) !== id) throw new Refused('the key does not fit its id')
  return { name, short, raw: raw.slice(1) }
}

async function openCheckpoint (note, key) {
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0 || !note.endsWith('\n')) throw new Refused('no signatures below the checkpoint')
  const text = note.slice(0, cut + 1)
  const lines = note.slice(cut + 2, -1).split('\n').map(line => line.split(' '))
  const ours = lines.filter(([dash, name, sig]) => dash === '\u2014' && name === key.name && isSame(bytes(sig).slice(0, 4), key.short))
  if (ours.length !== 1) throw new Refused('not signed by this log')
  if (!await isSigned(key.raw, bytes(ours[0][2]).slice(4), utf8.encode(text))) throw new Refused('the signature is wrong')
  const [origin, size, root, end, ...more] = text.split('\n')
  if (origin !== key.name || !/^(0|[1-9][0-9]{0,14})$/.test(size) || end !== '' || more.length) {
    throw new Refused('this is no checkpoint of this log')
  }
  return { origin, size: Number(size), root: bytes(root) }
}

async function isSigned (key, signature, text) {
  let imported
  try {
    imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify'])
  } catch (problem) {
    if (problem.name === 'NotSupportedError' || problem.name === 'SyntaxError') throw new CannotCheck('no Ed25519 here')
    throw new Refused('this is no key')
  }
  return crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, text)
}

async function rootFrom (leaf, index, size, path) {
  if (!(index < size)) throw new Refused('the entry lies beyond the log')
  let at = index
  let last = size - 1
  let root = leaf
  for (const step of path) {
    if (last === 0) throw new Refused('the proof is too long')
    if (at % 2 === 1 || at === last) {
      root = await sha256(join(Uint8Array.of(1), step, root))
      while (at % 2 === 0 && at > 0) { at /= 2; last = Math.floor(last / 2) }
    } else {
      root = await sha256(join(Uint8Array.of(1), root, step))
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  if (last !== 0) throw new Refused('the proof is too short')
  return root
}

async function sha256 (data) {
  if (!globalThis.crypto?.subtle) throw new CannotCheck('no cryptography here: the page needs https')
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

function bytes (text) {
  try {
    const data = atob(text)
    if (btoa(data) === text) return Uint8Array.from(data, letter => letter.charCodeAt(0)) // one spelling only
  } catch { /* said below */ }
  throw new Refused('a line is not as base64 writes it')
}

function join (...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) { whole.set(part, at); at += part.length }
  return whole
}

const hex = data => [...data].map(byte => byte.toString(16).padStart(2, '0')).join('')
const isSame = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at])
