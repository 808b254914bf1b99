// Runs the module of the page /verify in node: node verify_receipt.mjs RECEIPT VKEY
import { readFileSync } from 'node:fs'
import { verify } from '../../services/audit/static/verify.js'

const [receipt, vkey] = process.argv.slice(2).map(path => readFileSync(path, 'utf8'))
try {
  const found = await verify(receipt, vkey)
  console.log(`OK ${found.event.type} is entry ${found.index} of ${found.size} in ${found.origin}`)
} catch (problem) {
  console.log('FAIL', problem.message)
  process.exit(1)
}
